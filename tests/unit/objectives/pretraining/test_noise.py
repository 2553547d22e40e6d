"""Masks: exact counts, uniform places, fixed tokens left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.objectives.pretraining.noise import Noise, runs_of, thinned

T5 = Noise(0.15, 3.0)
noises = st.builds(Noise, st.floats(0.01, 0.99), st.floats(1.0, 20.0))


def dice(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_counts_are_those_of_t5():
    assert T5.counts(568) == (85, 28)
    assert T5.counts(2274) == (341, 114)


def test_halves_are_rounded_up():
    assert Noise(0.5, 1.0).counts(5).masked == 3
    assert Noise(0.5, 2.0).counts(10).spans == 3  # 5 masked tokens, 2.5 spans


def test_a_single_token_stays_and_two_are_told_apart():
    assert T5.counts(0) == T5.counts(1) == (0, 0)
    assert T5.counts(2) == (1, 1)
    assert Noise(0.99, 1.0).counts(2) == (1, 1)


@given(noises, st.integers(2, 300), st.integers(0, 1000))
@settings(max_examples=200, deadline=None)
def test_a_mask_has_as_many_tokens_and_spans_as_were_counted(noise, length, seed):
    masked, spans = noise.counts(length)
    assert 1 <= spans <= min(masked, length - masked)
    mask = noise.mask(np.zeros(length, dtype=bool), dice(seed))
    assert mask.shape == (length,)
    assert mask.sum() == masked
    found = len(runs_of(mask).starts)
    around_the_end = bool(mask[0] and mask[-1])  # a span that lies over both ends is seen as two
    assert found == spans + around_the_end


@given(noises, st.lists(st.booleans(), min_size=1, max_size=200), st.integers(0, 1000))
@settings(max_examples=200, deadline=None)
def test_fixed_tokens_are_never_masked(noise, fixed, seed):
    fixed = np.array(fixed)
    mask = noise.mask(fixed, dice(seed))
    assert not (mask & fixed).any()
    assert mask.sum() == noise.counts(int((~fixed).sum())).masked


def test_every_place_is_masked_equally_often():
    length, draws, generator = 40, 20_000, dice(1)
    fixed = np.zeros(length, dtype=bool)
    counts = sum(T5.mask(fixed, generator).astype(int) for _ in range(draws))
    share = T5.counts(length).masked / length
    spread = np.sqrt(draws * share * (1 - share))
    assert np.abs(counts - draws * share).max() < 5 * spread


def test_the_masked_share_is_the_one_that_was_asked_for():
    generator = dice(2)
    masked = free = 0
    for _ in range(10_000):
        fixed = generator.random(128) < 0.08  # ends of documents
        masked += int(T5.mask(fixed, generator).sum())
        free += int((~fixed).sum())
    assert masked / free == pytest.approx(0.15, rel=0.01)


def test_spans_have_the_mean_length_that_was_asked_for():
    generator, fixed = dice(3), np.zeros(512, dtype=bool)
    lengths = [runs.stops - runs.starts for runs in (runs_of(T5.mask(fixed, generator)) for _ in range(300))]
    assert np.concatenate(lengths).mean() == pytest.approx(3.0, rel=0.03)
    assert len(set(np.concatenate(lengths).tolist())) > 5  # they are not all alike


def test_runs_of_a_mask():
    runs = runs_of(np.array([True, True, False, True, False, False, True]))
    assert runs.starts.tolist() == [0, 3, 6]
    assert runs.stops.tolist() == [2, 4, 7]
    assert len(runs_of(np.zeros(4, dtype=bool)).starts) == 0


@given(st.lists(st.booleans(), min_size=1, max_size=100), st.integers(1, 20), st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_a_mask_that_is_thinned_loses_whole_spans(bits, most, seed):
    mask = np.array(bits)
    spans = {(a, b) for a, b in zip(*map(np.ndarray.tolist, runs_of(mask)), strict=True)}
    left = thinned(mask, most, dice(seed))
    kept = {(a, b) for a, b in zip(*map(np.ndarray.tolist, runs_of(left)), strict=True)}
    assert kept <= spans
    assert len(kept) == min(most, len(spans))
