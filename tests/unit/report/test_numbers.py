from __future__ import annotations

import math

import pytest

from dragoman.report import numbers


def plain(text: str) -> str:
    return text.replace(numbers.GAP, " ")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (999, "999"), (1000, "1 k"), (1234, "1.23 k"), (28951, "29 k"), (999_400, "999 k"), (999_600, "1 M"),
     (6_214_912, "6.21 M"), (148_984_320, "149 M"), (1.1e9, "1.1 B"), (None, "–"), (math.nan, "–")],
)  # fmt: skip
def test_short_count(value, text):
    assert plain(numbers.short_count(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 bytes"), (12, "12 bytes"), (25_340_000, "25.3 MB"), (1_430_000_000, "1.43 GB"), (None, "–")],
)
def test_size(value, text):
    assert plain(numbers.size(value)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (4.25, "4.2 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min"), (61, "1 min 1 s"),
     (800, "13 min 20 s"), (3599.6, "1 h"), (3600, "1 h"), (7325, "2 h 2 min"), (90000, "25 h"), (None, "–")],
)  # fmt: skip
def test_duration(seconds, text):
    assert plain(numbers.duration(seconds)) == text


def test_share_never_hides_what_is_there():
    assert plain(numbers.share(3, 29000)) == "< 0.1 %"
    assert plain(numbers.share(0, 29000)) == "0.0 %"
    assert plain(numbers.share(1, 8)) == "12.5 %"
    assert numbers.share(1, 0) == numbers.share(None, 3) == "–"


def test_counts_and_decimals():
    assert numbers.count(1234567) == "1,234,567"
    assert numbers.count(None) == numbers.decimal(math.nan) == "–"
    assert numbers.decimal(41.066, 2) == "41.07"
    assert [numbers.plural(n, "row") for n in (0, 1, 1200)] == ["0 rows", "1 row", "1,200 rows"]
