from __future__ import annotations

import json
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from unit.adapters.networks import batch, logits, shake, tiny

from dragoman.adapters import library
from dragoman.adapters.files import CONFIG, WEIGHTS, load_adapter
from dragoman.adapters.four_bit import is_four_bit, quantise
from dragoman.adapters.targets import find_targets
from dragoman.base.errors import RequestError
from dragoman.recipe.schema import Adapter

PLAIN = Adapter(rank=4, alpha=8, library="peft")
DORA = Adapter(rank=4, alpha=8, library="peft", peft={"use_dora": True})
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="bitsandbytes is installed on Linux alone")


def adapted(model_type: str, adapter: Adapter = DORA, *, four_bit: bool = False, seed: int = 1) -> nn.Module:
    """A network whose adapter changes its answers."""
    network = tiny(model_type)
    if four_bit:
        quantise(network, torch.float32, torch.device("cpu"))
    model = library.inject(network, find_targets(network, adapter), adapter, seed).eval()
    shake([parameter for parameter in model.parameters() if parameter.requires_grad])
    return model


def refusal(keys: dict[str, object]) -> RequestError:
    network, adapter = tiny("t5"), Adapter(library="peft", peft=keys)
    with pytest.raises(RequestError) as caught:
        library.inject(network, find_targets(network, adapter), adapter, 1, where="methods.dora.adapter")
    assert caught.value.where.startswith("methods.dora.adapter.peft")
    return caught.value


@pytest.mark.parametrize("model_type", ["t5", "llama"])
def test_dora_trains_and_its_files_come_back(tmp_path, model_type):
    model = adapted(model_type).train()
    trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    assert any("lora_magnitude_vector" in name for name in trained)
    assert all("lora_" in name for name in trained)
    model(**batch(model, 0)).loss.backward()
    assert all(p.grad is not None and p.grad.norm() > 0 for p in model.parameters() if p.requires_grad)
    model.eval()
    library.save(model, tmp_path, base_name="someone/base", revision="abc")
    assert sorted(file.name for file in tmp_path.iterdir()) == [CONFIG, WEIGHTS]
    config = json.loads((tmp_path / CONFIG).read_text())
    assert (config["base_model_name_or_path"], config["revision"], config["use_dora"]) == ("someone/base", "abc", True)
    again = library.load(tiny(model_type), tmp_path)
    assert torch.equal(logits(again), logits(model))
    assert (logits(model) - logits(tiny(model_type))).abs().max() > 0.01
    assert not any(parameter.requires_grad for parameter in again.parameters())


def test_it_adapts_the_targets_alone():
    adapter = Adapter(targets=["q", "v"], layers=[1], stacks=["encoder"], library="peft")
    model = adapted("t5", adapter)
    named = [name.removesuffix(".lora_A") for name, _ in model.named_modules() if name.endswith(".lora_A")]
    assert named == [f"base_model.model.encoder.block.1.layer.0.SelfAttention.{letter}" for letter in "qv"]


def test_the_seed_alone_decides_the_first_weights():
    def first(seed: int) -> torch.Tensor:
        torch.manual_seed(seed + 100)
        network = tiny("llama")
        model = library.inject(network, find_targets(network, PLAIN), PLAIN, seed)
        return torch.cat([p.flatten() for name, p in model.named_parameters() if "lora_A" in name])

    assert torch.equal(first(1), first(1))
    assert not torch.equal(first(1), first(2))


def test_plain_lora_of_peft_is_ours_to_read(tmp_path):
    model = adapted("t5", PLAIN)
    library.save(model, tmp_path, base_name=None)
    ours = tiny("t5")
    load_adapter(ours, tmp_path)
    torch.testing.assert_close(logits(ours), logits(model), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("keys", "place", "words"),
    [
        ({"use_dore": True}, "use_dore", "did you mean 'use_dora'?"),
        ({"nonsense": 1}, "nonsense", "no such key"),
        ({"lora_alpha": 3}, "lora_alpha", "set methods.dora.adapter.alpha"),
        ({"layers_to_transform": [1]}, "layers_to_transform", "set methods.dora.adapter.layers"),
        ({"task_type": "CAUSAL_LM"}, "task_type", "it follows from the recipe"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save", "never sits on the head"),
        ({"init_lora_weights": "by guessing"}, "init_lora_weights", "set it to true, gaussian or orthogonal"),
        ({"init_lora_weights": "pissa_niter_4"}, "init_lora_weights", "rewrites the base's weights"),
        ({"init_lora_weights": "olora"}, "init_lora_weights", "over the base as everybody has it"),
        ({"lora_bias": True, "init_lora_weights": "gaussian"}, "peft", "peft refuses it"),
    ],
)
def test_keys_are_checked_by_name(keys, place, words):
    error = refusal(keys)
    assert error.where.endswith(place)
    assert words in str(error)


@pytest.mark.parametrize("change", ["missing", "more", "shape"])
def test_an_adapter_of_another_model_is_refused(tmp_path, change):
    library.save(adapted("t5"), tmp_path, base_name=None)
    tensors = load_file(tmp_path / WEIGHTS)
    name = sorted(tensors)[0]
    if change == "missing":
        del tensors[name]
    elif change == "more":
        tensors["base_model.model.elsewhere.lora_A.weight"] = torch.zeros(4, 64)
    else:
        tensors[name] = torch.zeros(4, 65)
    save_file(tensors, tmp_path / WEIGHTS)
    with pytest.raises(RequestError, match="made for another model") as caught:
        library.load(tiny("t5"), tmp_path)
    assert ("elsewhere" if change == "more" else name.removesuffix(".weight")) in caught.value.message


def test_missing_and_damaged_files_are_named(tmp_path):
    with pytest.raises(RequestError, match=f"{CONFIG} is missing"):
        library.load(tiny("t5"), tmp_path)
    library.save(adapted("t5"), tmp_path, base_name=None)
    (tmp_path / WEIGHTS).write_bytes(b"no tensors")
    with pytest.raises(RequestError, match=f"{WEIGHTS}: damaged"):
        library.load(tiny("t5"), tmp_path)
    (tmp_path / WEIGHTS).unlink()
    with pytest.raises(RequestError, match=f"{WEIGHTS} is missing"):
        library.load(tiny("t5"), tmp_path)


def test_every_wrong_key_is_found():
    adapter = Adapter(library="peft", peft={"use_dore": True, "r": 3, "init_lora_weights": "loftq", "use_dora": True})
    found = [error.where for error in library.wrong_keys(adapter, where="adapter")]
    assert found == ["adapter.peft.use_dore", "adapter.peft.r", "adapter.peft.init_lora_weights"]


@pytest.mark.parametrize("way", library.BEGINNINGS)
def test_no_way_to_begin_touches_the_base(way):
    adapter = Adapter(library="peft", peft={"init_lora_weights": way})
    network, before = tiny("t5"), dict(tiny("t5").named_parameters())
    model = library.inject(network, find_targets(network, adapter), adapter, 1)
    kept = {name.replace(".base_layer", ""): p for name, p in model.base_model.model.named_parameters()}
    assert all(torch.equal(kept[name], parameter) for name, parameter in before.items())


@pytest.mark.parametrize("adapter", [PLAIN, DORA])
@pytest.mark.parametrize("four_bit", [False, pytest.param(True, marks=ON_LINUX)])
def test_merged_it_answers_the_same(adapter, four_bit):
    model = adapted("llama", adapter, four_bit=four_bit)
    before = logits(model)
    merged = library.merge(model)
    assert merged.state_dict().keys() == tiny("llama").state_dict().keys()
    assert not any(map(is_four_bit, merged.modules()))
    torch.testing.assert_close(logits(merged), before, rtol=1e-4, atol=1e-4)


@ON_LINUX
def test_beside_four_bits_gradients_survive_an_evaluation():
    model = adapted("llama", four_bit=True)

    def gradients() -> list[torch.Tensor]:
        model.train().zero_grad()
        model(**batch(model, 0)).loss.backward()
        return [p.grad.clone() for p in model.parameters() if p.requires_grad]

    before = gradients()
    logits(model.eval())
    after = gradients()
    assert all(torch.equal(one, two) and one.norm() > 0 for one, two in zip(before, after, strict=True))
