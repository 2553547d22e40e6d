from __future__ import annotations

import pytest
from torch import nn
from unit.adapters.networks import real, tiny

from dragoman.adapters.targets import adapter_size, block_of, find_targets, head_and_embeddings, linear_layers, stack_of
from dragoman.base.errors import RequestError
from dragoman.recipe.schema import Adapter


@pytest.fixture(scope="module")
def t5() -> nn.Module:
    return tiny("t5")


def refusal(network: nn.Module, **keys) -> RequestError:
    with pytest.raises(RequestError) as caught:
        find_targets(network, Adapter(**keys), where="methods.lora.adapter")
    return caught.value


@pytest.mark.parametrize(
    ("model_type", "keys", "modules", "parameters"),
    [
        ("t5", {"targets": ["q", "v"], "layers": [1, 2], "stacks": ["encoder"], "rank": 4}, 4, 16_384),
        ("mt5", {"targets": ["q", "v"], "rank": 8}, 48, 344_064),
        ("lfm2", {"targets": ["q_proj", "v_proj"], "rank": 8}, 12, 319_488),
    ],
)
def test_the_known_jobs_adapt_what_they_should(model_type, keys, modules, parameters):
    network, adapter = real(model_type), Adapter(**keys)
    targets = find_targets(network, adapter)
    assert len(targets) == modules
    assert adapter_size(network, targets, adapter.rank) == parameters


def test_job_three_names_four_layers():
    adapter = Adapter(targets=["q", "v"], layers=[1, 2], stacks=["encoder"])
    assert find_targets(real("t5"), adapter) == [
        f"encoder.block.{block}.layer.0.SelfAttention.{letter}" for block in (1, 2) for letter in "qv"
    ]


@pytest.mark.parametrize("model_type", ["t5", "mt5", "bart", "marian", "llama", "qwen2", "lfm2"])
def test_the_default_is_every_query_and_value_layer(model_type):
    network = tiny(model_type)
    targets = find_targets(network, Adapter())
    names = {"q", "v"} if "t5" in model_type else {"q_proj", "v_proj"}
    assert targets == [name for name, _ in network.named_modules() if name.split(".")[-1] in names]
    assert all(isinstance(network.get_submodule(name), nn.Linear) for name in targets)


@pytest.mark.parametrize("model_type", ["t5", "bart", "llama", "lfm2"])
def test_everything_leaves_out_the_head_and_the_embeddings(model_type):
    network = tiny(model_type)
    targets = find_targets(network, Adapter(targets=["*"]))
    linear = {name for name, module in network.named_modules() if isinstance(module, nn.Linear)}
    assert set(targets) == linear - {"lm_head"}
    assert "lm_head" in head_and_embeddings(network)


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("SelfAttention.o", 5),
        ("decoder.*.q", 6),
        ("decoder.block.[02].*.EncDecAttention.?", 8),
        ("/.*[.](k|o)/", 16),
        ("/encoder[.].*/", 12),
        ("encoder.block.1.layer.0.SelfAttention.k", 1),
    ],
)
def test_a_target_is_a_name_a_pattern_or_an_expression(t5, target, found):
    assert len(find_targets(t5, Adapter(targets=[target]))) == found


def test_a_name_is_never_part_of_a_word(t5):
    assert all(name.endswith(".o") for name in find_targets(t5, Adapter(targets=["o"])))  # and not `wo`


def test_targets_add_up_in_the_order_of_the_network(t5):
    targets = find_targets(t5, Adapter(targets=["wo", "encoder.*", "wo"]))
    order = list(linear_layers(t5))
    assert targets == sorted(set(targets), key=order.index)
    assert {"encoder.block.0.layer.0.SelfAttention.q", "decoder.block.2.layer.2.DenseReluDense.wo"} <= set(targets)


def test_stacks_part_the_layers(t5):
    parts = [set(find_targets(t5, Adapter(stacks=[stack]))) for stack in ("encoder", "decoder", "cross_attention")]
    assert [len(part) for part in parts] == [4, 6, 6]
    assert set.union(*parts) == set(find_targets(t5, Adapter()))


@pytest.mark.parametrize(
    ("name", "block", "stack"),
    [
        ("encoder.block.1.layer.0.SelfAttention.q", 1, "encoder"),
        ("decoder.block.10.layer.1.EncDecAttention.v", 10, "cross_attention"),
        ("decoder.block.2.layer.2.DenseReluDense.wi", 2, "decoder"),
        ("model.encoder.layers.3.self_attn.q_proj", 3, "encoder"),
        ("model.decoder.layers.3.encoder_attn.q_proj", 3, "cross_attention"),
        ("model.layers.14.self_attn.v_proj", 14, "decoder"),
        ("lm_head", None, "decoder"),
    ],
)
def test_a_name_tells_block_and_stack(name, block, stack):
    assert (block_of(name), stack_of(name)) == (block, stack)


def test_no_match_names_what_is_near(t5):
    error = refusal(t5, targets=["q", "q_proj"])
    assert error.where == "methods.lora.adapter.targets"
    assert "'q_proj'" in error.message
    assert "its linear layers: k, o, q, v, wi, wo" in error.hint
    error = refusal(tiny("llama"), targets=["q_prj"])
    assert error.hint.startswith("nearest: q_proj")
    error = refusal(t5, targets=["SelfAtention.q"])
    assert error.hint.startswith("nearest: SelfAttention.q")
    error = refusal(t5, targets=["encoder.layer.*.v"])
    assert "nearest: " in error.hint


@pytest.mark.parametrize("target", ["lm_head", "shared", "relative_attention_bias", "/.*(shared|lm_head)/", "*embed_*"])
def test_head_and_embeddings_are_refused(t5, target):
    error = refusal(t5, targets=[target])
    assert "an adapter never sits on the head or the embeddings" in error.message


def test_what_is_no_linear_layer_is_refused(t5):
    assert "no linear layer" in refusal(t5, targets=["layer_norm"]).message
    assert "no linear layer" in refusal(tiny("lfm2"), targets=["conv.conv"]).message


def test_a_broken_expression_is_refused(t5):
    assert "no regular expression" in refusal(t5, targets=["/(q/"]).message


def test_every_block_and_stack_that_is_named_has_to_be_there(t5):
    error = refusal(t5, layers=[0, 7])
    assert error.where == "methods.lora.adapter.layers"
    assert "block 7" in error.message
    assert error.hint == "the targets are in cross_attention 0, 1, 2; decoder 0, 1, 2; encoder 0, 1"
    assert "block 2" in refusal(t5, layers=[1, 2], stacks=["encoder"]).message
    assert "block 1" in refusal(tiny("lfm2"), layers=[0, 1]).message  # a block of convolutions
    error = refusal(tiny("llama"), stacks=["decoder", "encoder"])
    assert error.where == "methods.lora.adapter.stacks"
    assert "the encoder" in error.message
    error = refusal(t5, layers=[2], stacks=["decoder", "encoder"])
    assert "the encoder in the blocks that are named" in error.message


def test_a_network_without_known_names_asks_for_targets():
    error = refusal(nn.Sequential(nn.Linear(2, 2)))
    assert "no query and value layers" in error.message
    assert find_targets(nn.Sequential(nn.Linear(2, 2)), Adapter(targets=["0"])) == ["0"]
