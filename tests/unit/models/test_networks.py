from __future__ import annotations

import json

import pytest
import torch
from unit.models.tiny import KINDS, V, own_logits, tokenizer_of

from dragoman.base.seeds import seeded
from dragoman.models import networks
from dragoman.models.pretrained import PretrainedModel


def untied(model: PretrainedModel) -> bool:
    head = model.network.get_output_embeddings().weight
    return all(p is not head for name, p in model.network.named_parameters() if "head" not in name)


@pytest.mark.parametrize("kind", ["mt5", "t5-1.1"])
@pytest.mark.parametrize("word", [False, True])
def test_the_tensors_say_what_is_tied(tiny, kind, word, tmp_path):
    """Whatever the configuration says, and nothing ties them afterwards."""
    model = tiny(kind)
    assert untied(model)
    with torch.no_grad():
        logits = own_logits(model)
    model.save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert config["tie_word_embeddings"] is False
    config["tie_word_embeddings"] = word
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    loaded = PretrainedModel.load(tmp_path)
    assert untied(loaded)
    assert untied(PretrainedModel.skeleton(tmp_path))
    loaded.network.tie_weights()
    loaded.network.resize_token_embeddings()
    assert untied(loaded)
    with torch.no_grad():
        torch.testing.assert_close(own_logits(loaded), logits, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["t5", "mt5", "bart", "marian", "qwen2", "lfm2"])
def test_what_is_tied_stays_tied(tiny, kind, tmp_path):
    model = tiny(kind, tie_word_embeddings=True)
    assert not untied(model)
    model.save(tmp_path)
    assert not untied(PretrainedModel.load(tmp_path))
    assert not untied(PretrainedModel.skeleton(tmp_path))
    assert model.describe().parameters["head"] == 0


@pytest.mark.parametrize("kind", ["bart", "marian", "llama", "lfm2"])
def test_an_untied_head_of_other_kinds_survives(tiny, kind, tmp_path):
    model = tiny(kind, tie_word_embeddings=True)
    head = model.network.get_output_embeddings()
    head.weight = torch.nn.Parameter(torch.randn_like(head.weight))
    networks.follow_tensors(model.network)
    model.save(tmp_path)
    loaded = PretrainedModel.load(tmp_path)
    assert untied(loaded)
    assert untied(PretrainedModel.skeleton(tmp_path))
    with torch.no_grad():
        torch.testing.assert_close(own_logits(loaded), own_logits(model), rtol=1e-5, atol=1e-5)
    assert loaded.describe() == model.describe()


def test_old_checkpoints_tell_too(tiny, tmp_path):
    """pytorch_model.bin, and shards with an index: as the hub has mT5, and large models."""
    model = tiny("mt5")
    model.save(tmp_path / "bin")
    torch.save(model.network.state_dict(), tmp_path / "bin" / "pytorch_model.bin")
    (tmp_path / "bin" / "model.safetensors").unlink()
    model.network.save_pretrained(tmp_path / "shards", max_shard_size="4KB")
    assert len(list((tmp_path / "shards").glob("model-*.safetensors"))) > 2
    for name in ("bin", "shards"):
        config = json.loads((tmp_path / name / "config.json").read_text(encoding="utf-8"))
        (tmp_path / name / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": True}))
        assert untied(PretrainedModel.skeleton(tmp_path / name))
        assert untied(PretrainedModel.load(tmp_path / name))


# ---- shapes ----

SIZES = {
    "t5-small": (
        {"model_type": "t5", "d_model": 512, "d_ff": 2048, "num_layers": 6, "num_heads": 8, "vocab_size": 32128},
        60_506_624,
    ),
    "mt5-small": (
        {
            "model_type": "mt5", "d_model": 512, "d_kv": 64, "d_ff": 1024, "num_layers": 8, "num_heads": 6,
            "vocab_size": 250112,
        },
        300_176_768,
    ),
    "TinyLlama": (
        {
            "model_type": "llama", "hidden_size": 2048, "intermediate_size": 5632, "num_hidden_layers": 22,
            "num_attention_heads": 32, "num_key_value_heads": 4, "vocab_size": 32000,
        },
        1_100_048_384,
    ),
    "LFM2-1.2B": (
        {
            "model_type": "lfm2", "hidden_size": 2048, "intermediate_size": 12288, "num_hidden_layers": 16,
            "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 65536,
            "full_attn_idxs": [2, 5, 8, 10, 12, 14],
        },
        1_170_340_608,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SIZES)
def test_skeletons_have_the_published_numbers_of_parameters(name):
    settings, parameters = SIZES[name]
    model = PretrainedModel.skeleton(settings, 1000)
    assert {p.device.type for p in model.parameters()} == {"meta"}
    assert sum(p.numel() for p in model.parameters()) == parameters
    shape = model.describe()
    assert shape.total == parameters
    assert shape.vocabulary_size == settings["vocab_size"]


def test_a_description_tells_stacks_and_parts():
    shape = PretrainedModel.skeleton(SIZES["mt5-small"][0], 1000).describe()
    assert [(s.name, s.blocks, s.ff_width, s.heads, s.kv_heads) for s in shape.stacks] == [
        ("encoder", 8, 1024, 6, 6), ("decoder", 8, 1024, 6, 6),
    ]  # fmt: skip
    assert (shape.kind, shape.causal, shape.tied, shape.width) == ("mt5", False, False, 512)
    assert shape.parameters["embedding"] == shape.parameters["head"] == 250112 * 512
    assert sum(stack.parameters for stack in shape.stacks) == 300_176_768 - 2 * 250112 * 512
    lfm2 = PretrainedModel.skeleton(SIZES["LFM2-1.2B"][0], 1000).describe()
    assert [place for place, kind in enumerate(lfm2.stacks[0].kinds) if kind == "attention"] == [2, 5, 8, 10, 12, 14]
    assert (lfm2.stacks[0].ff_width, lfm2.stacks[0].kv_heads) == (8192, 8)
    assert lfm2.parameters == {
        "embedding": 65536 * 2048, "encoder": 0, "decoder": 1_170_340_608 - 65536 * 2048, "head": 0,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["bart", "marian"])
def test_stacks_of_unequal_shape(tiny, kind):
    encoder, decoder = tiny(kind).describe().stacks
    assert (encoder.blocks, encoder.heads, encoder.ff_width) == (2, 4, 24)
    assert (decoder.blocks, decoder.heads, decoder.ff_width) == (3, 2, 20)


@pytest.mark.parametrize("kind", ["t5", "mt5", "lfm2"])
def test_a_folder_without_weights_can_be_described(tiny, kind, tmp_path):
    model = tiny(kind)
    model.save(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    assert PretrainedModel.skeleton(tmp_path).describe() == model.describe()


def test_random_weights_of_a_known_shape(tiny, tmp_path):
    model = tiny("mt5")
    model.save(tmp_path)
    with seeded(1):
        one = PretrainedModel.random_like(tmp_path)
    with seeded(1):
        two = PretrainedModel.random_like(tmp_path)
    assert one.describe() == model.describe()
    pairs = list(zip(one.parameters(), two.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in pairs)
    assert not torch.equal(one.head().weight, model.head().weight)


def test_random_logits_are_no_larger_than_chance():
    """An untied head that transformers draws from N(0, 1) would start with a loss in the hundreds."""
    with seeded(0):
        model = PretrainedModel.random({**KINDS["mt5"], "d_model": 256}, tokenizer_of(V))
    with torch.no_grad():
        logits = own_logits(model)
    assert logits.std() < 2


@pytest.mark.parametrize(("kind", "overflows"), [("t5", True), ("mt5", True), ("bart", False), ("lfm2", False)])
def test_who_overflows_in_float16(tiny, kind, overflows):
    assert tiny(kind).overflows is overflows
