from __future__ import annotations

import pytest
import torch
from torch import Tensor
from unit.models.tiny import V, make_tiny

from dragoman.generation import speed
from dragoman.generation.speed import SpecialIds, answer, rate, time_cache
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel

IDS = SpecialIds(eos=1, pad=0, suppress=[0, 2])
INPUTS = [[5, 9, 12, 1], [7, 1], [4, 8, 8, 17, 2, 3, 1]]


@pytest.fixture(scope="module")
def model() -> NmtModel:
    torch.manual_seed(0)
    return NmtModel(NmtConfig(30, d_model=16, n_heads=4, n_kv_heads=2, encoder_layers=2, decoder_layers=2, d_ff=24))


@pytest.mark.parametrize("beam", [1, 3])
@pytest.mark.parametrize("length", [1, 7, 40])
def test_answers_have_their_length_and_are_the_same_either_way(model, beam, length):
    found = time_cache(model, INPUTS, length, IDS, beam=beam, shortest=0.0)
    assert found.same
    assert (found.batch, found.length) == (3, length)
    assert found.gain == pytest.approx(found.cached / found.uncached)
    ids = answer(model, INPUTS, length, IDS, beam=beam, use_cache=True)
    assert [len(one) for one in ids] == [length] * 3
    assert not {0, 1, 2} & {id for one in ids for id in one}


@pytest.mark.parametrize("kind", ["t5", "bart", "llama", "lfm2"])
def test_models_of_transformers(kind):
    for use_cache in (True, False):
        ids = answer(make_tiny(kind), [[5, 9, 12], [7], [30, 8, 8]], 9, IDS, beam=1, use_cache=use_cache)
        assert [len(one) for one in ids] == [9] * 3
    assert time_cache(make_tiny(kind), [[5, 9, 12], [7]], 9, IDS, beam=1, shortest=0.0).same
    assert max(id for one in ids for id in one) < V


def test_a_cache_that_is_wrong_is_found_out(model, monkeypatch):
    step = NmtModel.step

    def late(self: NmtModel, tokens: Tensor, cache: object) -> Tensor:
        return step(self, tokens, cache).roll(1, -1)

    monkeypatch.setattr(NmtModel, "step", late)
    assert not time_cache(model, INPUTS, 7, IDS, beam=1, shortest=0.0).same


def test_rounding_decides_nothing(model, monkeypatch):
    """Where the two ways differ in float32, float64 has the last word."""
    exact = []

    def twice(model, *given, use_cache, **more):
        exact.append(next(model.parameters()).dtype == torch.float64)
        return [[3 + (use_cache and not exact[-1])] * 7] * 3

    monkeypatch.setattr(speed, "answer", twice)
    assert time_cache(model, INPUTS, 7, IDS, beam=1, shortest=0.0).same
    assert exact[-2:] == [True, True]
    assert next(model.parameters()).dtype == torch.float32


def test_a_rate_counts_what_is_answered(monkeypatch):
    clock = [0.0]

    def work(length: int) -> list[list[int]]:
        clock[0] += 0.25 if length > 4 else 100.0  # to warm up
        return [[3] * length] * 2

    monkeypatch.setattr(speed.time, "perf_counter", lambda: clock[0])
    per_second, answers = rate(work, 16, 1.0)
    assert per_second == 4 * 2 * 16
    assert answers == [[3] * 16] * 2
