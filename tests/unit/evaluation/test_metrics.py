"""Every metric's value comes from sums over rows. The oracles are sacreBLEU's public functions and plain formulas."""

from __future__ import annotations

import math
import statistics
from typing import get_args

import numpy as np
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.evaluation.metrics import METRICS
from dragoman.evaluation.scores import row_statistics, score_set
from dragoman.recipe.schema import MetricName

WORDS = ["the", "a", "red", "hat", "man", "is", "here", ".", ",", "3.50", "हिन्दी", "schläft", "e\u0301"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)
ROWS = st.lists(st.fixed_dictionaries({"output": TEXTS, "target": TEXTS}), min_size=1, max_size=6)
CORPUS_SCORES = {"bleu": sacrebleu.corpus_bleu, "chrf": sacrebleu.corpus_chrf, "ter": sacrebleu.corpus_ter}


def value(name: str, rows: list[dict]) -> float:
    return score_set(rows, [name]).scores[name].value


def test_every_metric_of_a_recipe_is_there():
    assert list(METRICS) == list(get_args(MetricName))


@pytest.mark.parametrize("name", CORPUS_SCORES)
@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_sums_of_row_statistics_give_sacrebleus_corpus_scores(name, rows):
    outputs, targets = [row["output"] for row in rows], [row["target"] for row in rows]
    expected = CORPUS_SCORES[name](outputs, [targets]).score
    assert value(name, rows) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", METRICS)
def test_statistics_add_up_over_rows(name):
    """Any rows, each as often as one likes, are scored from the statistics of the whole."""
    rows = [
        {"output": f"{' '.join(WORDS[n:n + 5])}", "target": f"{' '.join(WORDS[n + n % 2:n + 4])}", "nats": 3.0 * n + 1,
         "labels": n + 2, "bytes": 5 * n + 3} for n in range(7)
    ]  # fmt: skip
    if name in ("f1", "precision", "recall", "malformed"):
        rows = [
            row | {"output": output, "target": "Anna: PER | Bonn: LOC"}
            for row, output in zip(rows, ANSWERS, strict=True)
        ]
    else:
        rows[6] |= {"output": rows[6]["target"]}
    chosen = [5, 0, 0, 3, 6, 5]
    own = row_statistics(rows, [name])[name]
    assert own.shape[0] == len(rows)
    picked = METRICS[name].value(own[chosen].sum(axis=0))
    assert picked == pytest.approx(value(name, [rows[place] for place in chosen]), abs=1e-9)
    assert picked != pytest.approx(value(name, rows), abs=1e-3)


ANSWERS = [
    "Anna: PER",
    "Anna: PER | Bonn: LOC",
    "None",
    "Anna: LOC",
    "Anna",
    "Bonn: LOC | Köln: LOC",
    "Anna: PER | Bonn: ORG",
]


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(1, 40), st.integers(1, 90)), min_size=1, max_size=8))
def test_losses_are_means_over_tokens_and_bytes(given):
    rows = [{"nats": nats, "labels": labels, "bytes": size} for nats, labels, size in given]
    each = [nats / labels for nats, labels, _ in given for _ in range(labels)]
    assert value("loss", rows) == pytest.approx(statistics.fmean(each))
    assert value("perplexity", rows) == pytest.approx(math.exp(statistics.fmean(each)))
    bits = sum(math.log2(math.e) * nats for nats, _, _ in given)
    assert value("bits_per_byte", rows) == pytest.approx(bits / sum(size for _, _, size in given))


def test_exact_matches_compare_what_is_left_after_cleaning():
    outputs = ["Yes", " Yes\n", "yes", "Yes.", "Y es", ""]
    rows = [{"output": output, "target": "Yes"} for output in outputs]
    rows += [{"output": "one two", "target": "one\n  two"}, {"output": "caf\u00e9", "target": "cafe\u0301"}]
    assert value("exact_match", rows) == pytest.approx(100 * 4 / 8)


def test_which_way_is_better():
    good = {"output": "A red hat.", "target": "A red hat.", "nats": 1.0, "labels": 4, "bytes": 10}
    bad = good | {"output": "A blue hat there.", "nats": 9.0}
    for name in set(METRICS) - {"f1", "precision", "recall", "malformed"}:
        assert (value(name, [good]) > value(name, [bad])) == METRICS[name].higher_is_better, name


def test_in_words():
    assert METRICS["bleu"].in_words(44.06) == "44.1 BLEU"
    assert METRICS["perplexity"].in_words(12.3) == "a perplexity of 12.30"
    assert METRICS["exact_match"].gap_in_words(-2.5) == "2.5 points of exact match"
    assert METRICS["loss"].shown(None) == METRICS["loss"].shown(math.inf) == "–"


def test_values_of_many_sums_at_once():
    sums = np.array([[2.0, 4.0], [3.0, 1.0], [0.0, 0.0]])
    assert list(METRICS["loss"].values(sums)) == [0.5, 3.0, 0.0]
