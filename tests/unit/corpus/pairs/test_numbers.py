from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpus.pairs.numbers import numbers, unmatched

SEPARATORS = [
    (".", ","),
    (",", "."),
    (" ", ","),
    ("\u202f", ","),
    ("\u00a0", "."),
    ("'", "."),
    ("’", ","),
    ("", "."),
    ("", ","),
]


def written(value: int, fraction: str, grouping: str, mark: str) -> str:
    """A number as a locale writes it."""
    whole = f"{value:,}".replace(",", grouping)
    return f"{whole}{mark}{fraction}" if fraction else whole


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Das kostet 1.234,5 Euro.", ["1234.5"]),
        ("That costs 1,234.5 euros.", ["1234.5"]),
        ("1\u202f234\u202f567 Menschen", ["1234567"]),
        ("1 234 567 people", ["1234567"]),
        ("1'234.50", ["1234.5"]),
        ("3,50 €, 3.5 €, 3,00 €", ["3.5", "3.5", "3"]),
        ("0,5 and 0.50 and 007", ["0.5", "0.5", "7"]),
        ("12,34,567 रुपये", ["1234567"]),
        ("१२३ and ٣٤", ["123", "34"]),
        ("am 24.12.2024", ["24", "12", "2024"]),
        ("on 12/24/2024, 2024-12-24", ["12", "24", "2024", "2024", "12", "24"]),
        ("am 24.12. kommen wir", ["24", "12"]),
        ("um 14:30 Uhr", ["2", "30"]),
        ("um 14.30 Uhr", ["2", "30"]),
        ("at 2:30 p.m.", ["2", "30"]),
        ("at 2.30 pm", ["2", "30"]),
        ("um 14 Uhr 30", ["2", "30"]),
        ("um 20 Uhr; at 8:00", ["8", "8"]),
        ("00:15, 12:15", ["12", "15", "12", "15"]),
        ("10:15:20", ["10", "15", "20"]),
        ("am 3. Mai, 21st century, 1980s", ["3", "21", "1980"]),
        ("1939-1945, 1914–1918", ["1939", "1945", "1914", "1918"]),
        ("ein 3:2", ["3", "2"]),
        ("in 2010 300 people", ["2010", "300"]),
        ("1.2.3", ["1", "2", "3"]),
        ("A380, B2B", ["380", "2"]),
        ("m² und ½ und keine", []),
        ("1,2,3", ["1", "2", "3"]),
        ("20 am Bahnhof", ["20"]),
        ("", []),
    ],
)
def test_what_is_read(text, found):
    assert sorted(numbers(text).elements()) == sorted(found)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 10**12), st.sampled_from(["", "5", "25", "75", "0625"])), min_size=1, max_size=4),
    st.sampled_from(SEPARATORS), st.sampled_from(SEPARATORS),
)  # fmt: skip
def test_a_number_is_the_same_in_every_locale(values, here, there):
    first, second = (" und ".join(written(*value, *locale) for value in values) for locale in (here, there))
    assert unmatched(first, second, 0) == 0


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(101, 10**9), st.integers(101, 10**9), st.sampled_from(SEPARATORS), st.sampled_from(SEPARATORS))
def test_another_number_is_seen_in_every_locale(one, other, here, there):
    first, second = written(one, "", *here), written(other, "", *there)
    assert unmatched(f"Es sind {first}.", f"There are {second}.", 100) == (0 if one == other else 2)


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_text_can_be_compared_and_equals_itself(one, other):
    assert unmatched(one, one, 0) == 0
    assert unmatched(one, other, 0) == unmatched(other, one, 0)


def test_a_small_number_may_be_in_words_but_not_another_number():
    assert unmatched("Er hat 3 Hunde.", "He has three dogs.", 100) == 0
    assert unmatched("Er hat 3 Hunde.", "He has three dogs.", 2) == 1
    assert unmatched("Er hat 3 Hunde.", "He has 4 dogs.", 100) == 2
    assert unmatched("Er hat 3,5 Liter.", "He has three litres.", 100) == 1
    assert unmatched("Am 24.12.2024.", "On 24 December 2024.", 100) == 0
    assert unmatched("Es sind 250 Leute.", "There are many people.", 100) == 1
    assert unmatched("9" * 5000, "one", 100) == 1


def test_digits_in_any_order_are_not_the_same_number():
    assert unmatched("Im Jahr 1985.", "In the year 1958.", 100) == 2
    assert unmatched("10,5 Liter", "105 litres", 100) == 2
