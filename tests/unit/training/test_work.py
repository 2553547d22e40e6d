"""FLOPs against formulas by hand, and against what torch counts in a whole step."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from unit.models.tiny import make_tiny

from dragoman.adapters import lora
from dragoman.adapters.targets import find_targets
from dragoman.base.device import Precision
from dragoman.data.encoded import EncodedRow
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.objectives.batches import collate
from dragoman.objectives.loss import cross_entropy
from dragoman.recipe.schema import Adapter
from dragoman.training.work import TERMS, moments, row_work, total_work

FLOAT32 = Precision(torch.float32, "tests compare")
CONFIG = NmtConfig(50, d_model=16, n_heads=4, n_kv_heads=2, encoder_layers=2, decoder_layers=3, d_ff=24)


def rows(*lengths: tuple[int, int]) -> list[EncodedRow]:
    return [EncodedRow([3] * S, [4] * N) for S, N in lengths]


@pytest.mark.parametrize("tied", [True, False])
def test_our_own_model_by_hand(tied):
    """6 FLOPs a parameter and token, 12 a pair of positions and unit of width; the head at labels alone."""
    model = NmtModel(replace(CONFIG, tied=tied))
    D, hd = 16, 4
    attention, half = 2 * D * D + 2 * D * 2 * hd, 2 * D * 2 * hd  # q, k, v, o; k and v alone, for two heads
    feed_forward = 3 * D * 24
    per_source = 2 * (attention + feed_forward) + 3 * half  # cross-attention reads every source token
    per_target = 3 * (attention + feed_forward + attention - half) + 50 * D
    work = row_work(model, FLOAT32)
    assert work == [0, 6 * per_source, 6 * per_target, 12 * 2 * D, 12 * 3 * D, 12 * 3 * D]


def counted(model, data, precision=FLOAT32):
    """A whole step of rows of one length, as torch counts it."""
    batch = collate(data, 0, model.start_id)
    with FlopCounterMode(display=False) as counter:
        hidden = model.hidden(batch)
        cross_entropy(hidden, model.head(), batch.labels, 1.0).backward()
    return counter.get_total_flops()


@pytest.mark.parametrize("lengths", [(9, 4), (3, 11), (20, 20)])
def test_a_whole_step_as_torch_counts_it(lengths):
    model, data = NmtModel(CONFIG).train(), rows(*[lengths] * 3)
    assert total_work(row_work(model, FLOAT32), moments(data)) == counted(model, data)


def test_padding_is_not_counted():
    model = NmtModel(CONFIG).train()
    work, data = row_work(model, FLOAT32), rows((9, 4), (2, 7))
    whole = total_work(work, moments(data))
    assert whole == sum(total_work(work, moments([row])) for row in data)
    assert whole < counted(model, data)


@pytest.mark.parametrize("kind", ["t5", "mt5", "bart", "llama", "lfm2"])
def test_models_of_transformers(kind):
    """Rows without padding, in training mode: the same as torch counts, up to the products of positions."""
    model = make_tiny(kind).train()
    data = [EncodedRow([3] * 12, [4] * 5, range(7, 12) if model.causal else None)] * 2
    assert total_work(row_work(model, FLOAT32), moments(data)) == pytest.approx(counted(model, data), rel=1e-2)


def test_what_is_frozen_needs_no_gradient_of_its_own():
    full, adapted = make_tiny("llama"), make_tiny("llama")
    adapter = Adapter(rank=1)
    lora.inject(adapted.network, find_targets(adapted.network, adapter), adapter, 0)
    matrices = sum(p.numel() for n, p in full.network.named_parameters() if p.dim() == 2 and "embed" not in n)
    linear = TERMS.index((1, 0)), TERMS.index((0, 1))
    whole, part = (sum(row_work(model, FLOAT32)[i] for i in linear) for model in (full, adapted))
    assert whole == pytest.approx(6 * matrices, rel=0.02)
    assert 4 * matrices * 0.8 < part < 4.6 * matrices


def test_the_model_is_left_as_it_was():
    model = make_tiny("t5")
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    row_work(model, FLOAT32)
    assert not model.training
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(p.grad is None for p in model.parameters())


def test_moments_add_up():
    data = rows((2, 3), (5, 1))
    assert moments(data) == [2, 7, 4, 29, 11, 10]
    assert [a + b for a, b in zip(moments(data[:1]), moments(data[1:]), strict=True)] == moments(data)
