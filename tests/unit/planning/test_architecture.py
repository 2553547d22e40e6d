import pytest
import torch
from skeletons import CONFIGS, skeleton

from dragoman.adapters.targets import block_of, linear_layers, stack_of
from dragoman.base.errors import RequestError
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.models.pretrained import PretrainedModel
from dragoman.planning.architecture import read_architecture
from dragoman.recipe.schema import Adapter, Method

FULL, LORA, QLORA = (Method(tuning=tuning) for tuning in ("full", "lora", "qlora"))
NER = Method(tuning="lora", adapter=Adapter(rank=4, targets=["q", "v"], layers=[1, 2], stacks=["encoder"]))


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("method", [FULL, LORA, QLORA], ids=lambda method: method.tuning)
def test_every_parameter_is_in_one_layer(name, method):
    network = skeleton(name)
    read = read_architecture(network, method, name)
    assert read.parameters == sum(p.numel() for p in network.parameters())
    assert len({layer.name for layer in read.layers}) == len(read.layers)
    outside = [*read.embeddings, *read.rest, *([read.head] if read.head else [])]
    assert sum(part.parameters for part in [*read.stacks, *outside]) == read.parameters


@pytest.mark.parametrize("name", CONFIGS)
def test_stacks_blocks_and_parts_are_those_that_adapters_see(name):
    network = skeleton(name)
    read = read_architecture(network, LORA, name)
    assert {layer.name for layer in read.block_linear_layers} == set(linear_layers(network))
    for stack in read.stacks:
        for block in stack.blocks:
            for part in block.parts:
                for layer in part.linear_layers:
                    assert block_of(layer.name) == block.number
                    seen = "cross_attention" if part.kind == "cross-attention" else stack.name
                    assert stack_of(layer.name) == seen


@pytest.mark.parametrize(
    ("name", "method", "modules", "trainable", "total"),
    [
        ("mt5-small", LORA, 48, 344_064, 300_520_832),
        ("t5-small", NER, 4, 16_384, 60_506_624 + 16_384),
        ("lfm2-1.2b", LORA, 12, 319_488, 1_170_340_608 + 319_488),
    ],
    ids=["mt5-small", "t5-small", "lfm2-1.2b"],
)
def test_known_counts(name, method, modules, trainable, total):
    read = read_architecture(skeleton(name), method, name)
    assert len(read.adapted) == modules
    assert read.trainable == read.adapter_parameters == trainable
    assert read.total == total


def test_the_untied_mt5_is_mostly_embedding_and_head():
    read = read_architecture(skeleton("mt5-small"), FULL, "mt5-small")
    assert read.total == read.trainable == 300_176_768
    assert read.head is not None
    assert round((read.head.parameters + read.token_embedding.parameters) / read.total, 3) == 0.853


def test_lfm2_has_convolutions_where_it_has_no_attention():
    (stack,) = read_architecture(skeleton("lfm2-1.2b"), QLORA, "lfm2").stacks
    kinds = [block.parts[0].kind for block in stack.blocks]
    assert [i for i, kind in enumerate(kinds) if kind == "attention"] == [2, 5, 8, 10, 12, 14]
    assert set(kinds) == {"attention", "convolution"}
    assert len(stack.linear_layers) == 92
    assert next(layer.name for layer in stack.layers if layer.rank) == "model.layers.2.self_attn.q_proj"


def test_parts_and_head_widths():
    read = read_architecture(skeleton("t5-small"), NER, "t5-small")
    encoder, decoder = read.stacks
    assert [part.kind for part in encoder.blocks[0].parts] == ["attention", "feed-forward"]
    assert [part.kind for part in decoder.blocks[0].parts] == ["attention", "cross-attention", "feed-forward"]
    assert encoder.blocks[0].parts[0].head_width == 64
    assert [block.number for block in encoder.blocks if block.trainable] == [1, 2]
    assert decoder.trainable == 0
    assert read.head is None
    (llama,) = read_architecture(skeleton("tinyllama"), LORA, "").stacks
    assert [part.kind for part in llama.blocks[0].parts] == ["attention", "feed-forward"]
    assert len(llama.blocks[0].rest) == 2  # norms, one of them called after attention


def test_what_is_in_four_bits():
    read = read_architecture(skeleton("mt5-small"), QLORA, "")
    assert {layer.label for layer in read.four_bit} == {"q", "k", "v", "o", "wi_0", "wi_1"}
    assert not read_architecture(skeleton("mt5-small"), LORA, "").four_bit


def test_our_own_model_trains_in_full():
    config = NmtConfig(vocabulary_size=500, d_model=32, n_heads=2, n_kv_heads=1, d_ff=64, tied=False)
    with torch.device("meta"):
        network = NmtModel(config)
    read = read_architecture(network, FULL, "ours")
    assert read.trainable == read.total == sum(p.numel() for p in network.parameters())
    assert [stack.name for stack in read.stacks] == ["encoder", "decoder"]
    assert [part.kind for part in read.stacks[1].blocks[0].parts] == ["attention", "cross-attention", "feed-forward"]
    assert read.head is not None
    assert read.width == 32
    assert len(read.rest) == 2


def test_frozen_positions_stay_frozen_in_full_training():
    config = CONFIGS["bart"] | {"model_type": "marian", "pad_token_id": 0, "decoder_start_token_id": 0}
    from skeletons import build

    read = read_architecture(build(config, torch.device("meta")), FULL, "marian")
    frozen = [layer for layer in read.layers if not layer.trains]
    assert frozen
    assert all("embed_positions" in layer.name for layer in frozen)


def test_a_target_that_is_not_there_is_refused():
    with pytest.raises(RequestError, match="matches 'query'"):
        read_architecture(skeleton("t5-small"), Method(tuning="lora", adapter=Adapter(targets=["query"])), "t5")


def test_the_token_embedding_is_known_beside_a_larger_one_of_positions():
    read = read_architecture(skeleton("bart"), FULL, "bart")  # 1,000 tokens, 1,026 positions
    assert read.vocabulary_size == 1000
    assert len(read.embeddings) == 3
    assert read.head is None


def test_the_product_s_own_skeleton_of_mt5_is_untied():
    network = PretrainedModel.skeleton(CONFIGS["mt5-small"], 250_112).network
    assert read_architecture(network, FULL, "mt5-small").total == 300_176_768


@pytest.mark.parametrize(("keys", "more"), [({}, 0), ({"use_dora": True}, 48 * 384)], ids=["lora", "dora"])
def test_adapters_of_peft_are_counted_by_peft(keys, more):
    pytest.importorskip("peft")
    method = Method(tuning="lora", adapter=Adapter(library="peft", peft=keys))
    assert read_architecture(skeleton("mt5-small"), method, "").adapter_parameters == 344_064 + more
