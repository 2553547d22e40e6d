from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn
from unit.adapters.networks import logits, real, shake, tiny

from dragoman.adapters.files import CONFIG, WEIGHTS, beyond_lora, load_adapter, read_config, save_adapter
from dragoman.adapters.lora import adapter_parameters, adapter_state, inject, lora_layers
from dragoman.adapters.targets import find_targets
from dragoman.base.errors import RequestError
from dragoman.recipe.schema import Adapter

WAYS = {
    "default": Adapter(rank=4, alpha=6),
    "rslora": Adapter(rank=3, alpha=4.5, rslora=True, dropout=0.1, targets=["*"]),
    "encoder": Adapter(rank=4, targets=["q", "v"], layers=[1], stacks=["encoder"]),
}


def saved(folder: Path, model_type: str = "t5", adapter: Adapter = WAYS["default"]) -> nn.Module:
    """A network whose adapter changes its answers, and its files in `folder`."""
    network = tiny(model_type)
    inject(network, find_targets(network, adapter), adapter, seed=1)
    shake(adapter_parameters(network).values())
    causal = not network.config.is_encoder_decoder
    save_adapter(network, folder, base_name="someone/base", causal=causal, revision="abc")
    return network


def peft_saved(folder: Path, model_type: str, **keys) -> nn.Module:
    from peft import LoraConfig, get_peft_model

    model = get_peft_model(tiny(model_type), LoraConfig(**keys)).eval()
    shake([p for p in model.parameters() if p.requires_grad])
    model.save_pretrained(str(folder), save_embedding_layers=False)
    return model


def refusal(folder: Path, network: nn.Module | None = None) -> RequestError:
    with pytest.raises(RequestError) as caught:
        load_adapter(network or tiny("t5"), folder)
    assert str(folder) in caught.value.where
    return caught.value


@pytest.mark.parametrize(
    ("model_type", "way"),
    [*((model_type, "default") for model_type in ("t5", "mt5", "bart", "llama", "lfm2")), ("llama", "rslora"),
     ("t5", "rslora"), ("t5", "encoder")],
)  # fmt: skip
def test_peft_reads_our_files(tmp_path, model_type, way):
    from peft import PeftModel

    ours = saved(tmp_path, model_type, WAYS[way])
    theirs = PeftModel.from_pretrained(tiny(model_type), str(tmp_path))
    assert (logits(ours) - logits(tiny(model_type))).abs().max() > 0.01
    torch.testing.assert_close(logits(theirs), logits(ours), rtol=1e-5, atol=1e-5)
    adapted = {name.removesuffix(".base_layer") for name, _ in theirs.named_modules() if name.endswith(".base_layer")}
    assert {name.removeprefix("base_model.model.") for name in adapted} == lora_layers(ours).keys()


@pytest.mark.parametrize(
    ("model_type", "keys"),
    [
        ("t5", {"r": 4, "lora_alpha": 9, "target_modules": ["q", "v"]}),
        ("llama", {"r": 4, "lora_alpha": 9, "target_modules": ["q_proj", "down_proj"], "use_rslora": True}),
        ("t5", {"r": 2, "target_modules": r".*decoder.*\.(q|wo)"}),
        ("bart", {"r": 2, "target_modules": "all-linear"}),
        ("llama", {"r": 2, "target_modules": ["v_proj"], "layers_to_transform": [1]}),
        ("lfm2", {"r": 2, "target_modules": ["q_proj"], "exclude_modules": ["model.layers.0.self_attn.q_proj"]}),
        ("llama", {
            "r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"], "rank_pattern": {"1.self_attn.q_proj": 2},
            "alpha_pattern": {r"layers\.[02]\.self_attn\.v_proj": 32},
        }),
    ],
)  # fmt: skip
def test_we_read_the_files_of_peft(tmp_path, model_type, keys):
    theirs = peft_saved(tmp_path / "theirs", model_type, **keys)
    ours = tiny(model_type)
    load_adapter(ours, tmp_path / "theirs")
    assert (logits(ours) - logits(tiny(model_type))).abs().max() > 0.01
    torch.testing.assert_close(logits(ours), logits(theirs), rtol=1e-5, atol=1e-5)
    save_adapter(ours, tmp_path / "ours", base_name=None, causal=True)  # and write them as they were
    again = tiny(model_type)
    load_adapter(again, tmp_path / "ours")
    assert torch.equal(logits(again), logits(ours))
    one, two = (load_file(tmp_path / name / WEIGHTS) for name in ("theirs", "ours"))
    assert one.keys() == two.keys()
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_what_is_loaded_is_what_was_saved(tmp_path):
    adapter = WAYS["rslora"]
    ours, again = saved(tmp_path, "t5", adapter), tiny("t5")
    load_adapter(again, tmp_path)
    assert adapter_state(again).keys() == adapter_state(ours).keys()
    assert torch.equal(logits(again), logits(ours))
    layer = next(iter(lora_layers(again).values()))
    assert (layer.rank, layer.alpha, layer.rslora, layer.dropout.p) == (3, 4.5, True, 0.1)
    assert {name for name, p in again.named_parameters() if p.requires_grad} == adapter_parameters(again).keys()


def test_targets_are_written_as_full_names(tmp_path):
    saved(tmp_path, adapter=WAYS["encoder"])
    config = json.loads((tmp_path / CONFIG).read_text())
    assert config["target_modules"] == [f"encoder.block.1.layer.0.SelfAttention.{letter}" for letter in "qv"]
    known = {"peft_type": "LORA", "task_type": "SEQ_2_SEQ_LM", "r": 4, "lora_alpha": 16, "revision": "abc"}
    assert {key: config[key] for key in known} == known
    assert config["base_model_name_or_path"] == "someone/base"
    with safe_open(tmp_path / WEIGHTS, "pt") as file:
        assert sorted(file.keys()) == [
            f"base_model.model.encoder.block.1.layer.0.SelfAttention.{letter}.lora_{matrix}.weight"
            for letter in "qv"
            for matrix in "AB"
        ]
        assert file.metadata() == {"format": "pt"}


def test_the_default_configuration_of_peft_is_plain(tmp_path):
    from peft import LoraConfig

    LoraConfig(target_modules=["q"]).save_pretrained(str(tmp_path))
    config = json.loads((tmp_path / CONFIG).read_text())
    assert beyond_lora(config) == []
    for key in ("use_dora", "modules_to_save", "trainable_token_indices", "fan_in_fan_out", "lora_bias", "use_qalora"):
        assert beyond_lora({**config, key: True}) == [f"{key}: true"]
    assert beyond_lora({**config, "bias": "all"}) == ['bias: "all"']
    assert beyond_lora({**config, "init_lora_weights": "pissa"}) == ['init_lora_weights: "pissa"']
    assert beyond_lora({**config, "peft_type": "IA3"}) == ["peft_type: IA3"]


def test_more_than_lora_is_refused(tmp_path):
    peft_saved(tmp_path, "t5", target_modules=["q"], use_dora=True)
    error = refusal(tmp_path)
    assert "more than plain LoRA: use_dora: true" in error.message
    assert "library: peft" in error.hint


@pytest.mark.parametrize("other", ["llama", "lfm2", "mt5"])
def test_an_adapter_of_another_model_is_refused(tmp_path, other):
    saved(tmp_path, other, Adapter(targets=["*"]))
    error = refusal(tmp_path)
    assert "made for another model: the model has no linear layer" in error.message
    assert "and" in error.message
    assert error.hint == "its base is someone/base"
    assert len(error.message) < 400


def test_an_adapter_of_another_size_is_refused(tmp_path):
    saved(tmp_path)
    tensors = load_file(tmp_path / WEIGHTS)
    name = sorted(tensors)[0]
    tensors[name] = torch.zeros(4, 65)
    save_file(tensors, tmp_path / WEIGHTS)
    error = refusal(tmp_path)
    assert f"{name.removeprefix('base_model.model.')} is (4, 65), not (4, 64)" in error.message


@pytest.mark.parametrize("module", [".lora_B.weight", ""])
def test_missing_tensors_are_named(tmp_path, module):
    """Half of a layer, and a layer that the targets ask for."""
    peft_saved(tmp_path, "t5", target_modules=["q"])
    gone = f"encoder.block.1.layer.0.SelfAttention.q{module}"
    tensors = {name: t for name, t in load_file(tmp_path / WEIGHTS).items() if f".{gone}" not in name}
    save_file(tensors, tmp_path / WEIGHTS)
    error = refusal(tmp_path)
    assert "made for another model" in error.message
    assert f"{gone}{'.lora_A.weight' if not module else ''} is missing" in error.message


def test_damaged_files_are_refused(tmp_path):
    assert f"{CONFIG} is missing" in refusal(tmp_path).message
    saved(tmp_path)
    (tmp_path / WEIGHTS).unlink()
    assert f"{WEIGHTS} is missing" in refusal(tmp_path).message
    (tmp_path / WEIGHTS).write_bytes(b"no tensors")
    assert "damaged" in refusal(tmp_path).message
    save_file({"base_model.model.shared.lora_embedding_A": torch.zeros(2)}, tmp_path / WEIGHTS)
    assert "it holds base_model.model.shared.lora_embedding_A" in refusal(tmp_path).message
    save_file({}, tmp_path / WEIGHTS)
    assert "it holds no tensor" in refusal(tmp_path).message
    (tmp_path / CONFIG).write_text('{"peft_type": "LORA", "r": "many"}')
    assert "damaged" in refusal(tmp_path).message
    for text in ("", "[]", "{", "\udcff"):
        (tmp_path / CONFIG).write_bytes(text.encode("utf-8", "surrogateescape"))
        assert "no JSON object" in refusal(tmp_path).message


def test_an_adapter_on_the_head_is_refused(tmp_path):
    peft_saved(tmp_path, "llama", target_modules=["lm_head", "q_proj"])
    with pytest.raises(RequestError, match="it adapts lm_head, but an adapter never sits on the head"):
        load_adapter(tiny("llama"), tmp_path)


@pytest.mark.real
@pytest.mark.skipif("DRAGOMAN_REALDATA" not in os.environ, reason="DRAGOMAN_REALDATA is not set")
def test_somebodys_adapter_finds_its_place(tmp_path):
    """An adapter that others trained with PEFT on LFM2-1.2B: 24 of 24 tensors, and written back identical."""
    folder = Path(os.environ["DRAGOMAN_REALDATA"]) / "saudi" / "lfm2-adapter"
    network = real("lfm2")
    wanted = find_targets(network, Adapter())
    for name in wanted:  # the rest of the base stays on the meta device
        network.get_submodule(name).to_empty(device="cpu")
    load_adapter(network, folder)
    theirs, placed = load_file(folder / WEIGHTS), adapter_state(network)
    assert len(theirs) == len(placed) == 24
    assert sum(tensor.numel() for tensor in placed.values()) == 319_488
    assert list(lora_layers(network)) == wanted
    assert all(torch.equal(theirs[f"base_model.model.{name}"], tensor) for name, tensor in placed.items())
    save_adapter(network, tmp_path, base_name="LiquidAI/LFM2-1.2B", causal=True)
    written = load_file(tmp_path / WEIGHTS)
    assert written.keys() == theirs.keys()
    assert all(torch.equal(written[name], theirs[name]) for name in theirs)
    one, two = read_config(folder), read_config(tmp_path)
    assert (one.rank, one.alpha, one.dropout, one.rslora) == (two.rank, two.alpha, two.dropout, two.rslora)
