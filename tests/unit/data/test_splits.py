"""Held-out rows: how many, which, and that no source is on both sides. Sizes are checked against brute force."""

import itertools
import time
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.data import splits
from dragoman.data.keys import collect_keys
from dragoman.data.splits import hold_out

sizes = st.lists(st.integers(1, 6), min_size=2, max_size=10)


def rows_of(group_sizes):
    """Keys of rows in groups of the given sizes, shuffled."""
    names = [f"sentence {i}" for i, size in enumerate(group_sizes) for _ in range(size)]
    return collect_keys(np.random.default_rng(len(names)).permutation(names))


@settings(max_examples=40)
@given(st.lists(st.integers(0, 30), min_size=2, max_size=300), st.integers(1, 50), st.integers(0, 5))
def test_equal_sources_are_on_one_side_and_both_sides_have_rows(sources, wanted, seed):
    assume(len(set(sources)) > 1)
    held_out = hold_out(collect_keys(map(str, sources)), wanted, seed)
    inside = {s for s, out in zip(sources, held_out, strict=True) if out}
    outside = {s for s, out in zip(sources, held_out, strict=True) if not out}
    assert inside
    assert outside
    assert not inside & outside


@settings(max_examples=40)
@given(st.integers(20, 400), st.integers(1, 60), st.integers(0, 3))
def test_the_count_is_exact_for_different_sources(rows, wanted, seed):
    assert hold_out(collect_keys(map(str, range(rows))), wanted, seed).sum() == min(wanted, rows // 10)


@settings(max_examples=40)
@given(sizes, st.integers(1, 8), st.integers(0, 3))
def test_the_count_is_the_best_that_groups_allow(group_sizes, factor, seed):
    group_sizes = [size * factor for size in group_sizes]
    wanted = max(1, sum(group_sizes) // 10)
    possible = {sum(some) for n in range(1, len(group_sizes)) for some in itertools.combinations(group_sizes, n)}
    best = max((n for n in possible if n <= wanted), default=min(group_sizes))
    assert hold_out(rows_of(group_sizes), 1000, seed).sum() == best


def test_first_come_first_served_alone_would_miss_the_count():
    """Many groups of 3 and few of 4: 20 is 4 x 3 + 2 x 4, wherever the hashes put them."""
    for seed in range(20):
        assert hold_out(rows_of([3] * 64 + [4] * 4), 20, seed).sum() == 20


@settings(max_examples=40)
@given(st.lists(st.integers(0, 60), min_size=30, max_size=100), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(sources, random):
    assume(len(set(sources)) > 1)
    names = list(map(str, sources))
    once = {s for s, out in zip(names, hold_out(collect_keys(names), 5, 1), strict=True) if out}
    random.shuffle(names)
    assert once == {s for s, out in zip(names, hold_out(collect_keys(names), 5, 1), strict=True) if out}


def test_the_seed_chooses_and_the_choice_is_even():
    keys = collect_keys(map(str, range(2000)))
    times = np.sum([hold_out(keys, 200, seed) for seed in range(50)], axis=0)
    assert times.max() <= 20  # a row is held out 5 times of 50 on average
    assert 1900 < np.count_nonzero(times) <= 2000
    assert (hold_out(keys, 200, 1) == hold_out(keys, 200, 1)).all()


@pytest.mark.parametrize(
    ("sources", "message"),
    [([], "no row"), (["a"], "one row"), (["a", "A "], "2 rows with one and the same source")],
)
def test_one_source_cannot_be_split(sources, message):
    with pytest.raises(RequestError, match=f"cannot be trained and measured on {message}") as error:
        hold_out(collect_keys(sources), 1000, 1)
    assert "data.validation" in error.value.hint


@settings(max_examples=40)
@given(sizes, st.integers(1, 4))
def test_groups_may_cross_the_chunks_of_the_work(group_sizes, chunk):
    keys = rows_of(group_sizes)
    whole = hold_out(keys, 5, 1)
    with mock.patch.object(splits, "CHUNK", chunk):
        assert (hold_out(keys, 5, 1) == whole).all()


@pytest.mark.parametrize("group", [1, 2])
def test_many_rows_are_quick(group):
    keys = np.repeat(np.random.default_rng(0).integers(0, 2**63, 400_000 // group, dtype=np.uint64), group)
    began = time.perf_counter()
    assert hold_out(keys, 1001, 1).sum() == 1001 // group * group
    assert time.perf_counter() - began < 5
