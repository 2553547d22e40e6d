from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpus.pairs.gate import make_rules
from dragoman.corpus.pairs.memory import Memory
from dragoman.corpus.pairs.rule import KEPT, Verdict
from dragoman.corpus.pairs.tally import SAMPLES, Histogram, Sample, Tally
from dragoman.data.rows import Example, Origin


def example(row, file="a/pairs.tsv"):
    return Example(f"source {row}", f"target {row}", Origin(file, row))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.floats(-5, 15) | st.just(float("nan")), max_size=30))
def test_every_number_falls_into_one_step(values):
    histogram = Histogram((0, 10))
    histogram.add(np.array(values, float))
    asked = [min(max(value, 0.0), 10.0) for value in values if value == value]
    counts = [0] * 40
    for value in asked:
        counts[min(int(value / 0.25), 39)] += 1
    assert sum(histogram.to_json()["counts"]) == len(asked)
    assert np.abs(np.cumsum(counts) - np.cumsum(histogram.counts)).max(initial=0) <= 1  # a number on an edge


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.permutations(range(20)))
def test_a_sample_depends_on_the_pairs_and_not_on_their_order(rows):
    sample, moved = Sample("digits"), Sample("digits")
    for row in rows:
        sample.add(example(row), Verdict("digits", {"n": 1.0}))
    for row in range(20):
        moved.add(example(row, "elsewhere/pairs.tsv"), Verdict("digits", {"n": 1.0}))
    chosen = [one["row"] for one in sample.to_json()]
    assert len(chosen) == SAMPLES
    assert [one["row"] for one in moved.to_json()] == chosen


def test_counts_add_up(filter_of):
    pairs = filter_of(targets={"max": 3})
    rules, memory = make_rules(pairs), Memory(pairs.rules)
    tally = Tally(rules, memory)
    tally.see(
        rules[0], {"source_words": np.array([3.0, 1.0]), "target_words": np.array([2.0, 9.0])}, np.array([True, True])
    )
    for row, verdict in enumerate([KEPT, Verdict("digits", {}), Verdict("near_duplicate", {}), KEPT]):
        tally.add(example(row), verdict)
    counts = {rule["name"]: (rule["seen"], rule["removed"]) for rule in tally.to_json()["rules"]}
    assert counts["words"] == (2, 0)
    assert counts["digits"] == (0, 1)
    assert (counts["duplicate"], counts["near_duplicate"], counts["targets"]) == ((3, 0), (3, 1), (2, 0))
    assert (tally.kept, tally.removed) == (2, 2)
    assert sum(tally.to_json()["rules"][0]["histograms"]["source_words"]["counts"]) == 2
