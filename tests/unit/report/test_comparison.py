from __future__ import annotations

import pytest

from dragoman.evaluation.comparison import compare
from dragoman.report.comparison import Comparison, chance
from dragoman.report.run import read_run

GAP = "\N{NO-BREAK SPACE}"


def test_reads_what_was_compared(make_run):
    found = read_run(make_run(methods=("full", "small"), base=True)).comparison
    assert (found.rows("validation"), found.resamples, found.left_out("validation")) == (90, 1000, {})
    assert len(found.pairs("validation", "bleu")) == 3
    low, high = found.interval("validation", "bleu", "full")
    assert low < found.value("validation", "bleu", "full") < high


def test_a_pair_is_told_from_either_side(make_run):
    found = read_run(make_run(methods=("full", "small"), base=True)).comparison
    here, there = (found.pair("validation", "bleu", *names) for names in (("full", "base"), ("base", "full")))
    assert (here.one, here.other, here.verdict, here.real) == ("full", "base", "better", True)
    assert (there.one, there.other, there.verdict, there.real) == ("base", "full", "worse", True)
    assert (there.difference, there.low, there.high) == (-here.difference, -here.high, -here.low)
    assert here.low < here.difference < here.high
    assert here.turned == there
    assert here.turned.turned == here


def test_what_was_not_compared_is_none():
    for found in (Comparison(), Comparison(compare({}, ["bleu"]))):
        assert found.rows("s") is None
        assert found.interval("s", "bleu", "m") is None
        assert found.value("s", "bleu", "m") is None
        assert found.pair("s", "bleu", "m", "n") is None
        assert (found.pairs("s", "bleu"), found.left_out("s"), found.not_compared("s")) == ([], {}, {})


@pytest.mark.parametrize(
    ("p", "text"),
    [(1 / 1001, "p < 0.001"), (0.0012, "p = 0.001"), (0.0123, "p = 0.012"), (0.049, "p = 0.049"), (0.31, "p = 0.31")],
)
def test_p_values(p, text):
    assert chance(p) == text.replace(" ", GAP)
