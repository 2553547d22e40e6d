from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.data.plan import PRICE, BatchPlan, Step
from dragoman.recipe.schema import Training

lengths = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=1, max_size=120)


def plan(pairs, *, tokens=None, rows=None, micro=2**62, seed=1) -> BatchPlan:
    inputs, labels = (np.array(side, dtype=np.int32) for side in zip(*pairs, strict=True))
    return BatchPlan(inputs, labels, tokens, rows, micro, seed)


def captions(rows: int = 29_000) -> list[tuple[int, int]]:
    """Lengths as sentence pairs have them: 14 tokens a side, give or take 5, long ones beside long ones."""
    draws = np.random.default_rng(0).multivariate_normal([14, 14], [[25, 20], [20, 25]], rows)
    return [(s, t) for s, t in draws.round().clip(3, 45).astype(int).tolist()]


def padded(of: BatchPlan, rows: np.ndarray) -> int:
    return len(rows) * int(of.input_lengths[rows].max() + of.label_counts[rows].max())


def flat(steps: list[Step]) -> list[int]:
    return [int(i) for step in steps for rows in step for i in rows]


@given(lengths, st.integers(1, 400), st.integers(1, 400))
@settings(max_examples=80, deadline=None)
def test_every_row_comes_once_an_epoch_within_the_budgets(pairs, tokens, micro):
    p = plan(pairs, tokens=tokens, micro=micro)
    for epoch in (0, 1, 7):
        steps = p.epoch(epoch)
        assert sorted(flat(steps)) == list(range(len(pairs)))
        assert len(steps) == p.steps_per_epoch
        for step in steps:
            whole = np.concatenate(step)
            assert padded(p, whole) <= tokens or len(whole) == 1
            for rows in step:
                assert padded(p, rows) <= micro or len(rows) == 1


@given(lengths, st.integers(1, 50), st.integers(1, 400))
@settings(max_examples=50, deadline=None)
def test_a_step_of_rows_has_exactly_so_many(pairs, rows, micro):
    p = plan(pairs, rows=rows, micro=micro)
    steps = p.epoch(3)
    assert sorted(flat(steps)) == list(range(len(pairs)))
    assert sorted(sum(map(len, step)) for step in steps)[::-1][: len(pairs) // rows] == [rows] * (len(pairs) // rows)
    assert len(steps) == p.steps_per_epoch == -(-len(pairs) // rows)


@given(lengths, st.integers(50, 400), st.integers(1, 100))
@settings(max_examples=50, deadline=None)
def test_micro_batches_only_cut_a_step(pairs, tokens, micro):
    whole, cut = (plan(pairs, tokens=tokens, micro=m).epoch(2) for m in (2**62, micro))
    assert [np.concatenate(step).tolist() for step in whole] == [np.concatenate(step).tolist() for step in cut]
    assert all(len(step) == 1 for step in whole)


@given(lengths, st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_the_cuts_are_the_best_there_are(pairs, tokens):
    """Against every way to cut, one row at a time."""
    p = plan(pairs, tokens=tokens)
    order = p._order(0)
    best = [0.0] + [float("inf")] * len(order)
    for end in range(1, len(order) + 1):
        for start in range(end):
            cost = padded(p, order[start:end])
            if cost <= tokens or end - start == 1:
                best[end] = min(best[end], best[start] + cost + PRICE * tokens)
    found = sum(padded(p, step[0]) + PRICE * tokens for step in p.epoch(0))
    assert found == pytest.approx(best[-1])


def test_hardly_anything_is_padding():
    p = plan(captions(), tokens=5300)
    assert p.padding < 0.03
    real = sum(sum(pair) for pair in captions())
    assert p.steps_per_epoch < 1.15 * real / 5300  # and steps are full
    by_hand = 1 - real / sum(padded(p, step[0]) for step in p.epoch(0))
    assert p.padding == pytest.approx(by_hand)


# ---- causal models ----


def causal_plan(pairs, *, tokens=None, rows=None, micro=2**62) -> BatchPlan:
    """Of (sequence length, label count)."""
    inputs, labels = (np.array(side, dtype=np.int32) for side in zip(*pairs, strict=True))
    return BatchPlan(inputs, labels, tokens, rows, micro, 1, causal=True)


@given(lengths, st.integers(1, 400), st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_a_causal_row_costs_its_sequence_alone(pairs, tokens, micro):
    p = causal_plan(pairs, tokens=tokens, micro=micro)
    real = everything = 0
    for step in p.epoch(0):
        whole = np.concatenate(step)
        width = int(p.input_lengths[whole].max())
        assert len(whole) * width <= tokens or len(whole) == 1
        for rows in step:
            assert len(rows) * int(p.input_lengths[rows].max()) <= micro or len(rows) == 1
            everything += len(rows) * int(p.input_lengths[rows].max())
        real += p.token_count(step)
        assert p.token_count(step) == p.input_lengths[whole].sum()
    assert sorted(flat(p.epoch(0))) == list(range(len(pairs)))
    assert real == p.input_lengths.sum()
    assert p.padding == pytest.approx(1 - real / everything)


@given(lengths, st.integers(1, 400), st.integers(1, 400))
@settings(max_examples=30, deadline=None)
def test_causal_cuts_do_not_depend_on_the_labels(pairs, tokens, micro):
    few = [(length, 1) for length, _ in pairs]
    for epoch in (0, 3):
        assert [
            [rows.tolist() for rows in step] for step in causal_plan(pairs, tokens=tokens, micro=micro).epoch(epoch)
        ] == [[rows.tolist() for rows in step] for step in causal_plan(few, tokens=tokens, micro=micro).epoch(epoch)]


def test_hardly_anything_of_causal_batches_is_padding():
    assert causal_plan(captions(), tokens=5300).padding < 0.02


# ---- epochs ----


def test_epochs_and_seeds_differ_and_repeat():
    pairs = captions()
    one, same, other = plan(pairs, tokens=5300), plan(pairs, tokens=5300), plan(pairs, tokens=5300, seed=2)
    assert flat(one.epoch(4)) == flat(same.epoch(4))
    assert flat(one.epoch(4)) != flat(one.epoch(5))
    assert flat(one.epoch(4)) != flat(other.epoch(4))
    batches = [{frozenset(step[0].tolist()) for step in one.epoch(e)} for e in (0, 1)]
    assert len(batches[0] & batches[1]) < 0.3 * len(batches[0])  # not the same batches in another order
    assert one.steps_per_epoch == other.steps_per_epoch


def test_long_and_short_batches_are_mixed():
    p = plan(captions(), tokens=5300)
    widths = [float(p.label_counts[step[0]].mean()) for step in p.epoch(0)]
    assert abs(float(np.corrcoef(widths, range(len(widths)))[0, 1])) < 0.3


def test_counts_are_of_real_tokens():
    p = plan([(3, 2), (5, 4), (1, 9)], rows=3, micro=1)
    (step,) = p.epoch(0)
    assert len(step) == 3
    assert p.token_count(step) == 24


@pytest.mark.parametrize(
    ("keys", "steps"),
    [({"epochs": 3}, 12), ({"epochs": 0.5}, 2), ({"epochs": 0.3}, 2), ({"max_steps": 7}, 7), ({}, 40),
     ({"epochs": 1e-9}, 1)],
)  # fmt: skip
def test_the_steps_of_a_training(keys, steps):
    p = plan([(1, 1)] * 8, rows=2)
    assert p.steps_per_epoch == 4
    assert p.total_steps(Training(**keys)) == steps
