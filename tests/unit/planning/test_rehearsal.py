import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from skeletons import CONFIGS, build

from dragoman.adapters import lora
from dragoman.adapters.four_bit import quantise, why_not
from dragoman.adapters.targets import find_targets
from dragoman.base.errors import RequestError
from dragoman.models.pretrained import PretrainedModel
from dragoman.planning.rehearsal import Held, RowLengths, StepMemory, count_step, full_batch, rehearse
from dragoman.recipe.schema import Adapter, Method

CPU = torch.device("cpu")
ROW = RowLengths(40, 24)
COMMON = {"vocab_size": 3000, "pad_token_id": 0, "eos_token_id": 1}
T5 = {"model_type": "t5", "d_model": 64, "d_kv": 32, "num_heads": 2, "d_ff": 128, "num_layers": 3, **COMMON}
SMALL = {
    "t5": T5 | {"feed_forward_proj": "relu", "decoder_start_token_id": 0},
    "mt5": T5 | {"model_type": "mt5", "feed_forward_proj": "gated-gelu", "decoder_start_token_id": 0},
    "bart": CONFIGS["bart"] | COMMON | {"decoder_start_token_id": 1},
    "llama": {
        "model_type": "llama", "hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 3,
        "num_attention_heads": 4, "num_key_value_heads": 2, **COMMON,
    },
    "lfm2": {
        "model_type": "lfm2", "hidden_size": 64, "intermediate_size": 192, "num_hidden_layers": 4,
        "num_attention_heads": 4, "num_key_value_heads": 2, "full_attn_idxs": [1, 3], **COMMON,
    },
}  # fmt: skip


def tuned(config: dict, method: Method, compute: torch.dtype) -> PretrainedModel:
    """A real model with random weights, as a training would begin with it, gradients and all."""
    torch.manual_seed(0)
    model = PretrainedModel(build(config, CPU))
    if method.tuning != "full":
        model.to(compute)
        targets = find_targets(model.network, method.adapter)
        if method.tuning == "qlora":
            quantise(model.network, compute, CPU)
        lora.inject(model.network, targets, method.adapter, 1)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.grad = torch.zeros_like(parameter)
    return model.train()


def skeleton_of(config: dict) -> PretrainedModel:
    return PretrainedModel(build(config, torch.device("meta")))


def real_peak(model: PretrainedModel, rows: int, compute: torch.dtype) -> int:
    """The most bytes that a real step holds: every position of the decoder or the answer is labelled."""
    labels = rows * ROW.target
    count, _ = count_step(model, full_batch(model, ROW, rows, labels), compute)
    return max(held.of(rows, labels) for held in count.peaks)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("tuning", ["full", "lora"])
@pytest.mark.parametrize("compute", [torch.float32, torch.bfloat16], ids=str)
def test_a_step_holds_what_was_foretold(name, tuning, compute):
    method = Method(tuning=tuning, **({"adapter": Adapter(dropout=0.1)} if tuning == "lora" else {}))
    foretold = rehearse(skeleton_of(SMALL[name]), method, compute, ROW)
    model = tuned(SMALL[name], method, compute)
    for rows in (8, 24):
        assert foretold.of(rows * ROW.tokens) == pytest.approx(real_peak(model, rows, compute), rel=0.1)


@pytest.mark.skipif(why_not(CPU) is not None, reason="no 4 bits here")
@pytest.mark.parametrize("name", ["mt5", "llama", "lfm2"])
def test_a_step_through_four_bits_holds_what_was_foretold(name):
    foretold = rehearse(skeleton_of(SMALL[name]), Method(tuning="qlora"), torch.bfloat16, ROW)
    model = tuned(SMALL[name], Method(tuning="qlora"), torch.bfloat16)
    real = real_peak(model, 24, torch.bfloat16)
    assert foretold.of(24 * ROW.tokens) == pytest.approx(real, rel=0.1)


def test_an_adapter_keeps_less_than_full_training_and_the_last_blocks_keep_least():
    adapter = Adapter(layers=[2])
    full, lora_, last = (
        rehearse(skeleton_of(SMALL["llama"]), method, torch.bfloat16, ROW)
        for method in (Method(), Method(tuning="lora"), Method(tuning="lora", adapter=adapter))
    )
    assert last.kept.row < lora_.kept.row < full.kept.row


def test_the_skeleton_is_left_as_it_was():
    skeleton = skeleton_of(SMALL["t5"])
    rehearse(skeleton, Method(tuning="lora"), torch.float32, ROW)
    assert all(parameter.is_meta and parameter.requires_grad for parameter in skeleton.parameters())
    assert not lora.lora_layers(skeleton)


def test_a_large_model_takes_no_memory():
    skeleton = skeleton_of(CONFIGS["lfm2-1.2b"])
    rehearsed = rehearse(skeleton, Method(tuning="qlora"), torch.bfloat16, RowLengths(256, 256))
    assert 1e9 < rehearsed.of(8 * 512) < 2e10


def test_peft_is_gone_through_too():
    pytest.importorskip("peft")
    ours = rehearse(skeleton_of(SMALL["llama"]), Method(tuning="lora"), torch.float32, ROW)
    method = Method(tuning="lora", adapter=Adapter(library="peft"))
    theirs = rehearse(skeleton_of(SMALL["llama"]), method, torch.float32, ROW)
    assert theirs.of(640) == pytest.approx(ours.of(640), rel=0.2)


STEP = StepMemory(
    RowLengths(30, 20), chunk=100, peaks=(Held(1000, 500, 0), Held(0, 300, 40)), kept=Held(), once=10
)  # fmt: skip


def test_the_fullest_moment_counts():
    assert STEP.of(100) == 10 + max(1000 + 2 * 500, 2 * 300 + 40 * 40)
    assert STEP.of(10_000) == 10 + 1000 + 200 * 500


@given(st.integers(0, 10**7), st.integers(1, 10**5))
def test_the_largest_micro_batch_fits_and_the_next_does_not(size, most):
    tokens = STEP.tokens_in(size, most)
    assert 0 <= tokens <= most
    assert tokens == 0 or STEP.of(tokens) <= size
    assert tokens == most or STEP.of(tokens + 1) > size


def test_targets_that_match_nothing_are_refused():
    method = Method(tuning="lora", adapter=Adapter(targets=["nothing"]))
    with pytest.raises(RequestError, match="matches 'nothing'"):
        rehearse(skeleton_of(SMALL["t5"]), method, torch.float32, ROW)
