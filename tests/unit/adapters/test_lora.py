from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from unit.adapters.networks import batch, logits, shake, tiny

from dragoman.adapters.lora import (
    LoraLinear,
    adapter_parameters,
    adapter_state,
    inject,
    load_adapter_state,
    lora_layers,
    merge,
)
from dragoman.adapters.targets import adapter_size, find_targets
from dragoman.base.errors import RequestError
from dragoman.recipe.schema import Adapter

EVERYTHING = Adapter(rank=4, alpha=6, targets=["*"])


def adapted(model_type: str, adapter: Adapter = EVERYTHING, seed: int = 1) -> nn.Module:
    """A network whose adapter changes its answers."""
    network = tiny(model_type)
    inject(network, find_targets(network, adapter), adapter, seed)
    shake(adapter_parameters(network).values())
    return network


def layer(**keys) -> LoraLinear:
    torch.manual_seed(0)
    made = LoraLinear(nn.Linear(12, 20), 3, 5.0, **keys)
    made.initialise(7)
    return made


@settings(max_examples=25, deadline=None)
@given(rank=st.integers(1, 9), alpha=st.floats(0.1, 64), rslora=st.booleans(), seed=st.integers(0, 99))
def test_a_layer_is_its_formula(rank, alpha, rslora, seed):
    torch.manual_seed(seed)
    made = LoraLinear(nn.Linear(12, 20), rank, alpha, rslora=rslora)
    made.initialise(seed)
    shake([made.lora_A.weight, made.lora_B.weight], seed)
    x = torch.randn(2, 5, 12)
    a, b = made.lora_A.weight, made.lora_B.weight
    scale = alpha / (rank**0.5 if rslora else rank)
    torch.testing.assert_close(made(x), x @ (made.base.weight + scale * b @ a).T + made.base.bias)


def test_it_begins_as_its_base_with_a_drawn_like_linear_layers():
    made = layer()
    x = torch.randn(4, 12)
    assert torch.equal(made(x), made.base(x))
    bound = 12**-0.5  # nn.Linear's own
    assert 0.8 * bound < made.lora_A.weight.abs().max() <= bound
    assert made.lora_A.weight.shape == (3, 12)
    assert made.lora_B.weight.shape == (20, 3)


def test_its_draw_takes_nothing_from_the_global_generator():
    network = tiny("llama")
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    inject(network, find_targets(network, Adapter()), Adapter(), seed=1)
    assert torch.equal(torch.rand(3), expected)


def test_first_weights_depend_on_seed_and_name_alone():
    some, all_ = adapted("t5", Adapter(rank=4)), adapted("t5", EVERYTHING)
    fresh = tiny("t5")
    inject(fresh, find_targets(fresh, EVERYTHING), EVERYTHING, seed=1)
    again = tiny("t5")
    inject(again, find_targets(again, Adapter(rank=4)), Adapter(rank=4), seed=1)
    wide, narrow = adapter_state(fresh), adapter_state(again)
    assert narrow.keys() < wide.keys()
    assert all(torch.equal(wide[name], tensor) for name, tensor in narrow.items())
    drawn = [tensor for name, tensor in narrow.items() if name.endswith("lora_A.weight")]
    assert not torch.equal(drawn[0], drawn[1])
    assert lora_layers(some).keys() < lora_layers(all_).keys()


@pytest.mark.parametrize("model_type", ["t5", "bart", "llama", "lfm2"])
def test_only_the_adapter_trains(model_type):
    network = tiny(model_type)
    before = {name: parameter.clone() for name, parameter in network.named_parameters()}
    size = adapter_size(network, find_targets(network, EVERYTHING), 4)
    inject(network, find_targets(network, EVERYTHING), EVERYTHING, seed=1)
    trained = {name: p for name, p in network.named_parameters() if p.requires_grad}
    assert trained.keys() == adapter_parameters(network).keys()
    assert all(trained[name] is p and p.is_leaf for name, p in adapter_parameters(network).items())
    assert sum(p.numel() for p in trained.values()) == size
    optimizer = torch.optim.AdamW(trained.values(), lr=0.01)
    for step in range(2):  # B first, for A's gradient is zero until it moves
        network(**batch(network, step)).loss.backward()
        assert step == 0 or all(p.grad is not None and p.grad.norm() > 0 for p in trained.values())
        optimizer.step()
    after = {name.replace(".base.", "."): p for name, p in network.named_parameters() if not p.requires_grad}
    assert after.keys() == before.keys()
    assert all(torch.equal(before[name], after[name]) and after[name].grad is None for name in before)


@pytest.mark.parametrize("model_type", ["t5", "llama"])
@pytest.mark.parametrize("rslora", [False, True])
def test_it_trains_as_peft_does(model_type, rslora):
    """20 steps of AdamW from the same weights on the same batches: every loss equal, and the weights at the end."""
    from peft import LoraConfig, get_peft_model

    ours = tiny(model_type)
    base = copy.deepcopy(ours)
    targets = find_targets(ours, EVERYTHING)
    inject(ours, targets, Adapter(rank=4, alpha=6, rslora=rslora), seed=1)
    theirs = get_peft_model(base, LoraConfig(r=4, lora_alpha=6, use_rslora=rslora, target_modules=targets))
    mine = adapter_parameters(ours)
    other = {
        name.removeprefix("base_model.model.").replace(".default", ""): parameter
        for name, parameter in theirs.named_parameters()
        if parameter.requires_grad
    }
    assert mine.keys() == other.keys()
    with torch.no_grad():
        for name, parameter in other.items():
            parameter.copy_(mine[name])
    losses: list[list[float]] = []
    for network, parameters in ((ours, mine), (theirs, other)):
        optimizer = torch.optim.AdamW([parameters[name] for name in mine], lr=3e-3)
        losses.append([])
        for step in range(20):
            loss = network(**batch(network, step % 2)).loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses[-1].append(loss.item())
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert sum(losses[0][-2:]) < 0.98 * sum(losses[0][:2])
    for name in mine:
        assert (mine[name] - other[name]).norm() < 0.01 * other[name].norm()


@pytest.mark.parametrize("model_type", ["t5", "mt5", "bart", "llama", "lfm2"])
def test_merged_it_answers_the_same(model_type):
    network = adapted(model_type)
    before = logits(network)
    assert (before - logits(tiny(model_type))).abs().max() > 0.05
    merge(network)
    assert not lora_layers(network)
    assert network.state_dict().keys() == tiny(model_type).state_dict().keys()
    torch.testing.assert_close(logits(network), before, rtol=1e-4, atol=1e-4)


def test_merging_adds_up_in_float32_and_keeps_the_type_of_the_base():
    made = layer()
    shake([made.lora_B.weight])
    exact = made.base.weight + made.scale * made.lora_B.weight @ made.lora_A.weight
    made.base.to(torch.bfloat16)
    rounded = made.base.weight.float()
    assert made.merged(None).weight.dtype == torch.bfloat16
    merged = made.merged(torch.float32).weight
    torch.testing.assert_close(merged - rounded, made.scale * made.lora_B.weight @ made.lora_A.weight)
    torch.testing.assert_close(merged, exact, rtol=0.01, atol=0.01)
    assert not made.merged(None).weight.requires_grad


def test_dropout_is_on_the_input_of_the_update_alone():
    made = layer(dropout=0.25)
    shake([made.lora_B.weight])
    x = torch.ones(4000, 12)
    whole = made.eval()(x)
    torch.manual_seed(0)
    dropped = made.train()(x)
    assert not torch.equal(dropped, whole)
    torch.testing.assert_close(dropped.mean(0), whole.mean(0), rtol=0.05, atol=0.02)
    made.lora_B.weight.data.zero_()
    assert torch.equal(made(x), made.base(x))


def test_beside_a_base_of_16_bits_it_trains_in_float32():
    network = tiny("llama").to(torch.bfloat16)
    inject(network, find_targets(network, EVERYTHING), EVERYTHING, seed=1)
    assert {p.dtype for p in adapter_parameters(network).values()} == {torch.float32}
    plain = network(**batch(network, 0)).loss  # with and without autocast
    with torch.autocast("cpu", torch.bfloat16):
        cast = network(**batch(network, 0)).loss
    assert float(cast) == pytest.approx(float(plain), rel=0.02)
    cast.backward()
    gradients = {name: p.grad.clone() for name, p in adapter_parameters(network).items()}
    exact = tiny("llama")
    inject(exact, find_targets(exact, EVERYTHING), EVERYTHING, seed=1)
    exact(**batch(exact, 0)).loss.backward()
    for name, parameter in adapter_parameters(exact).items():
        assert gradients[name].dtype == torch.float32
        difference = (gradients[name] - parameter.grad).norm()
        assert difference <= 0.1 * parameter.grad.norm() + 1e-6


def test_answers_keep_the_type_of_the_base():
    made = layer().to(torch.float32)
    made.base.to(torch.bfloat16)
    assert made(torch.randn(2, 12, dtype=torch.bfloat16)).dtype == torch.bfloat16
    with torch.autocast("cpu", torch.bfloat16):
        assert layer()(torch.randn(2, 12)).dtype == torch.bfloat16


def test_its_state_goes_from_network_to_network():
    one, two = adapted("t5"), tiny("t5")
    inject(two, find_targets(two, EVERYTHING), EVERYTHING, seed=2)
    load_adapter_state(two, adapter_state(one))
    assert torch.equal(logits(one), logits(two))


def test_a_state_that_does_not_fit_is_refused():
    network = adapted("t5")
    state = dict(adapter_state(network))
    gone, wrong, *_ = state
    del state[gone]
    state[wrong] = torch.zeros(2, 2)
    state["elsewhere.lora_A.weight"] = torch.zeros(2, 2)
    before = logits(network)
    with pytest.raises(RequestError) as caught:
        load_adapter_state(network, state)
    assert "made for another model" in caught.value.message
    for part in (f"{gone} is missing", "the model has no elsewhere.lora_A.weight", f"{wrong} is (2, 2), not"):
        assert part in caught.value.message
    assert torch.equal(logits(network), before)


def test_adapters_are_not_stacked():
    with pytest.raises(ValueError, match="already"):
        inject(adapted("llama"), [], Adapter(), seed=1)


def test_gradients_are_the_same_under_activation_checkpointing():
    network = adapted("t5").train()
    network(**batch(network, 0)).loss.backward()
    plain = {name: p.grad.clone() for name, p in adapter_parameters(network).items()}
    network.zero_grad()
    network.gradient_checkpointing_enable()  # the name that every transformers 5 knows
    network(**batch(network, 0), use_cache=False).loss.backward()
    for name, parameter in adapter_parameters(network).items():
        torch.testing.assert_close(parameter.grad, plain[name])
