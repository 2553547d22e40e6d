from __future__ import annotations

import copy
import os
import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from unit.adapters.networks import batch, logits, real, shake, tiny

from dragoman.adapters import four_bit
from dragoman.adapters.four_bit import dequantise, four_bit_bytes, is_four_bit, quantise, sort_layers
from dragoman.adapters.lora import adapter_parameters, inject, lora_layers, merge
from dragoman.adapters.targets import find_targets
from dragoman.recipe.schema import Adapter

CPU = torch.device("cpu")
GPU = torch.device("cuda", 0)
DEVICES = [CPU, pytest.param(GPU, marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU"))]
CODE = torch.tensor(  # NF4's values (QLoRA, appendix E)
    [-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
     -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
     0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0]
)  # fmt: skip

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bitsandbytes is installed on Linux alone")


def quantised(model_type: str, device: torch.device = CPU, dtype: torch.dtype = torch.float32) -> nn.Module:
    network = tiny(model_type)
    quantise(network, dtype, device)
    return network.to(device)


def adapted(model_type: str, device: torch.device = CPU) -> nn.Module:
    """A quantised network whose adapter changes its answers."""
    network = quantised(model_type, device)
    adapter = Adapter(rank=4, alpha=8, targets=["*"])
    inject(network, find_targets(network, adapter), adapter, seed=1)
    shake(adapter_parameters(network).values())
    return network


def gradients(network: nn.Module, seed: int = 0) -> dict[str, torch.Tensor]:
    """Of the adapter, on a fixed batch."""
    network.zero_grad()
    network(**batch(network, seed)).loss.backward()
    return {name: p.grad.clone() for name, p in adapter_parameters(network).items()}


@pytest.mark.parametrize("device", DEVICES)
def test_this_machine_can(device):
    assert four_bit.why_not(device) is None


def test_the_library_comes_without_torchs_compiler():
    """Which takes longer to load than all the rest."""
    code = (
        "import sys, torch; given = torch.compile\n"
        "from dragoman.adapters.four_bit import import_bitsandbytes as load\n"
        "assert load() is load() is sys.modules['bitsandbytes'] and torch.compile is given\n"
        "assert 'torch._inductor.compile_fx' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})


def test_a_machine_that_cannot_says_why(monkeypatch):
    assert "bitsandbytes fails on this meta" in four_bit.why_not(torch.device("meta"))
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    assert "cannot be imported" in four_bit.why_not.__wrapped__(CPU)


def test_wrong_results_are_found_out(monkeypatch):
    plain = four_bit.dequantise_layer

    def doubled(layer: nn.Linear, dtype: torch.dtype) -> nn.Linear:
        made = plain(layer, dtype)
        made.weight.data *= 2
        return made

    monkeypatch.setattr(four_bit, "dequantise_layer", doubled)
    assert "quantises wrongly" in four_bit.why_not.__wrapped__(CPU)

    def swapped(layer: nn.Linear, dtype: torch.dtype) -> nn.Linear:
        made = plain(layer, dtype)
        made.weight.data += 0.05
        return made

    monkeypatch.setattr(four_bit, "dequantise_layer", swapped)
    assert "wrong gradients" in four_bit.why_not.__wrapped__(CPU)


def test_a_weight_is_the_nearest_of_sixteen_values():
    """NF4 by its definition, a block of 64 at a time; the second quantisation moves a block's scale by under 3 %."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(64, 96, bias=False))
    weight = network[0].weight.detach().clone()
    quantise(network, torch.float32, CPU)
    blocks = weight.view(-1, 64)
    scales = blocks.abs().amax(1, keepdim=True)
    nearest = (blocks / scales)[..., None].sub(CODE).abs().argmin(-1)
    got = four_bit.dequantise_layer(network[0], torch.float32).weight.view(-1, 64)
    torch.testing.assert_close(got, CODE[nearest] * scales, rtol=0.03, atol=1e-4)


def test_weights_that_were_in_16_bits_are_dequantised_without_rounding():
    torch.manual_seed(0)
    short = nn.Sequential(nn.Linear(64, 96).to(torch.bfloat16))
    long = nn.Sequential(copy.deepcopy(short[0]).float())
    for network in (short, long):
        quantise(network, torch.float32, CPU)
    one, two = (four_bit.dequantise_layer(network[0], torch.float32).weight for network in (short, long))
    assert torch.equal(one, two)
    assert not torch.equal(one, one.to(torch.bfloat16).float())


@pytest.mark.parametrize("model_type", ["t5", "mt5", "bart", "marian", "llama", "lfm2"])
def test_which_layers_become_four_bit(model_type):
    network = tiny(model_type)
    chosen, kept = sort_layers(network)
    linear = {name for name, module in network.named_modules() if isinstance(module, nn.Linear)}
    assert quantise(network, torch.float32, CPU) == kept
    assert {name for name, module in network.named_modules() if is_four_bit(module)} == set(chosen)
    assert set(chosen) | kept.keys() == linear
    assert not set(chosen) & kept.keys()
    assert kept["lm_head"] == "the head stays in 16 bits"
    wo = {name for name in linear if name.endswith(".wo")}
    assert wo <= kept.keys()
    assert bool(wo) == ("t5" in model_type)
    assert kept.keys() == wo | {"lm_head"}


def test_odd_widths_stay_as_they_are():
    network = nn.Sequential(nn.Linear(64, 40), nn.Linear(40, 64), nn.Linear(64, 96), nn.Linear(96, 64))
    kept = quantise(network, torch.float32, CPU)
    assert kept == {
        "0": "its 40 outputs are no multiple of 32",
        "1": "its 40 inputs are no multiple of 64",
        "3": "its 96 inputs are no multiple of 64",
    }
    assert [is_four_bit(layer) for layer in network] == [False, False, True, False]


@settings(max_examples=25, deadline=None)
@given(inputs=st.integers(1, 12), outputs=st.integers(1, 12), seed=st.integers(0, 99))
def test_every_width_that_is_quantised_comes_back(inputs, outputs, seed):
    """To within NF4's error, which is 9 % of a normal matrix; with misplaced scales it would be 20."""
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(32 * inputs, 32 * outputs))
    weight = nn.init.normal_(network[0].weight.detach()).clone()
    quantise(network, torch.float32, CPU)
    dequantise(network)
    assert (network[0].weight - weight).norm() < 0.11 * weight.norm()


def test_every_layer_is_kept_from_repacking_and_frozen():
    network = quantised("bart")
    layers = [module for module in network.modules() if is_four_bit(module)]
    assert layers
    assert not any(layer.support_avx512bf16_for_cpu for layer in layers)
    assert not any(parameter.requires_grad for layer in layers for parameter in layer.parameters())
    assert {layer.weight.dtype for layer in layers} == {torch.uint8}


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("model_type", ["t5", "bart", "llama", "lfm2"])
def test_it_answers_as_its_dequantised_weights_do(model_type, device):
    network = quantised(model_type, device)
    plain = copy.deepcopy(network)
    dequantise(plain)
    assert not any(is_four_bit(module) for module in plain.modules())
    assert plain.state_dict().keys() == tiny(model_type).state_dict().keys()
    inputs = {name: ids.to(device) for name, ids in batch(network, 0).items()}
    with torch.no_grad():
        torch.testing.assert_close(network(**inputs).logits, plain(**inputs).logits, rtol=1e-4, atol=1e-4)
    plain_again = plain.state_dict()
    for name, parameter in tiny(model_type).state_dict().items():
        assert plain_again[name].shape == parameter.shape
        error = (plain_again[name].cpu() - parameter).norm() / (parameter.norm() + 1e-9)
        assert error < 0.12


@pytest.mark.parametrize("model_type", ["t5", "llama", "lfm2"])
def test_gradients_are_those_of_the_dequantised_weights(model_type):
    network = adapted(model_type).train()
    plain = copy.deepcopy(network)
    for layer in lora_layers(plain).values():
        if is_four_bit(layer.base):
            layer.base = four_bit.dequantise_layer(layer.base, torch.float32)
    expected = gradients(plain)
    for name, gradient in gradients(network).items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("model_type", ["t5", "llama", "lfm2"])
@pytest.mark.parametrize("compute", [torch.float32, torch.bfloat16])
def test_an_evaluation_changes_no_gradient(model_type, compute):
    """bitsandbytes itself loses them after one, on a processor with AVX512-BF16."""
    network = adapted(model_type)
    with torch.autocast("cpu", compute, enabled=compute is not torch.float32):
        before = gradients(network.train())
        state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        first = logits(network.eval())
        assert torch.equal(logits(network), first)
        after = gradients(network.train())
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert all(gradient.norm() > 0 for gradient in after.values())
    now = network.state_dict()
    assert now.keys() == state.keys()
    assert all(torch.equal(tensor, state[name]) for name, tensor in now.items())


def test_gradients_are_the_same_under_activation_checkpointing():
    network = adapted("llama").train()
    plain = gradients(network)
    network.gradient_checkpointing_enable()  # the name that every transformers 5 knows
    again = gradients(network)
    for name, gradient in plain.items():
        torch.testing.assert_close(again[name], gradient)


def test_what_is_not_quantised_keeps_its_type():
    network = tiny("t5").to(torch.bfloat16)
    quantise(network, torch.bfloat16, CPU)
    dtypes = {parameter.dtype for name, parameter in network.named_parameters()}
    assert dtypes == {torch.uint8, torch.bfloat16}
    assert logits(network).dtype == torch.bfloat16


@pytest.mark.parametrize("model_type", ["t5", "llama"])
def test_it_merges_into_the_dequantised_base(model_type):
    network = adapted(model_type)
    before = logits(network)
    taken = lora_layers(network)
    merge(network)
    torch.testing.assert_close(logits(network), before, rtol=1e-4, atol=1e-4)
    dequantise(network)
    torch.testing.assert_close(logits(network), before, rtol=1e-4, atol=1e-4)
    for name, layer in taken.items():
        base = four_bit.dequantise_layer(layer.base, torch.float32) if is_four_bit(layer.base) else layer.base
        update = layer.scale * layer.lora_B.weight @ layer.lora_A.weight
        torch.testing.assert_close(network.get_submodule(name).weight, base.weight + update)


@pytest.mark.parametrize("wanted", [None, torch.float32])
def test_merged_weights_have_the_type_that_is_asked_for(wanted):
    network = tiny("llama").to(torch.bfloat16)
    quantise(network, torch.bfloat16, CPU)
    inject(network, find_targets(network, Adapter()), Adapter(), seed=1)
    adapted = list(lora_layers(network))
    merge(network, wanted)
    dequantise(network)
    of = {name.removesuffix(".weight"): parameter.dtype for name, parameter in network.named_parameters()}
    assert {of[name] for name in adapted} == {wanted or torch.bfloat16}
    assert {dtype for name, dtype in of.items() if name not in adapted} == {torch.bfloat16}


def test_its_bytes_are_those_of_its_tensors():
    network = quantised("mt5")
    foretold = real_bytes = 0
    for layer in network.modules():
        if is_four_bit(layer):
            foretold += four_bit_bytes(layer.in_features * layer.out_features)
            state = layer.weight.quant_state
            tensors = (
                layer.weight.data,
                state.absmax,
                state.code,
                state.offset,
                state.state2.absmax,
                state.state2.code,
            )
            real_bytes += sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    assert foretold == real_bytes > 0


def test_a_large_matrix_takes_a_little_over_four_bits_a_weight():
    assert 8 * four_bit_bytes(2048 * 8192) / (2048 * 8192) == pytest.approx(4 + 8 / 64 + 32 / 64 / 256, abs=1e-3)


def test_four_bits_reach_little_of_mt5_small():
    """14.7 % of its real 300,176,768 parameters are outside of embedding and head; T5's `wo` stays too."""
    network = real("mt5")
    network.lm_head = nn.Linear(512, 250_112, bias=False, device="meta")
    chosen, kept = sort_layers(network)
    assert sum(p.numel() for p in network.parameters()) == 300_176_768
    inside = [p.numel() for name, p in network.named_parameters() if "block" in name and p.dim() == 2]
    relative, wo = 2 * 32 * 6, 16 * 1024 * 512
    quantised = sum(network.get_submodule(name).weight.numel() for name in chosen)
    assert quantised == sum(inside) - relative - wo
    assert 0.11 < quantised / 300_176_768 < 0.147
    assert set(kept.values()) == {
        "the head stays in 16 bits", "T5 casts what it feeds this layer to the type of its weight"
    }  # fmt: skip
