import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.data.keys import collect_keys, normalise, text_key

text = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ein Hund  läuft.", "ein\u00a0hund läuft.\n"), ("läuft", "la\u0308uft"), ("STRASSE", "Straße"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("I am", " i AM "), ("Å", "\u212b"),
    ],
)  # fmt: skip
def test_texts_that_count_as_the_same(one, other):
    assert normalise(one) == normalise(other)
    assert text_key(one) == text_key(other)


@pytest.mark.parametrize(("one", "other"), [("a b", "ab"), ("a.", "a"), ("schon", "schön"), ("m²", "m2")])
def test_texts_that_do_not(one, other):
    assert text_key(one) != text_key(other)


@given(text)
def test_normalising_twice_changes_nothing(value):
    assert normalise(normalise(value)) == normalise(value)


@given(st.tuples(text, text), st.tuples(text, text))
def test_pairs_are_equal_where_both_sides_are(one, other):
    same = [normalise(a) == normalise(b) for a, b in zip(one, other, strict=True)]
    assert (text_key(*one) == text_key(*other)) == all(same)


def test_the_space_between_two_texts_matters():
    assert text_key("a b", "c") != text_key("a", "b c")


def test_keys_are_the_same_everywhere_and_take_eight_bytes():
    keys = collect_keys(["Hallo!", "hallo!", "x"])
    assert keys.dtype == np.uint64
    assert keys[0] == keys[1] != keys[2]
    assert text_key("Hallo!") == 9761008743781695184  # a split must not move between machines and versions
