"""Every rule against its formula in plain Python, over any Unicode text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rule_oracles import MEASURES, any_text, any_texts, corpus_with, repetitive_text

from dragoman.corpus.rules import Words, make_rules
from dragoman.corpus.rules.quality import COUNTS
from dragoman.recipe.schema.rules import Rules

NAMES = list(MEASURES)
ALL = make_rules(corpus_with(**{name: {"max": 1} for name in NAMES}))
SHARES = [name for name in NAMES if name not in COUNTS]


def measured(texts: list[str], exact: bool) -> dict[str, np.ndarray]:
    batch = Words(pa.array(texts, pa.large_string()), exact=exact)
    return {name: values for rule in ALL for name, values in rule.measure(batch).items()}


def test_no_rule_with_a_number_is_left_out():
    others = {"patterns", "phrases", "stop_words", "line_longest_word", "line_end", "line_words", "line_phrases"}
    assert {rule.name for rule in ALL} == set(Rules.model_fields) - others
    assert [rule.name for rule in ALL] == [name for name in Rules.model_fields if name not in others]


@settings(deadline=None, max_examples=300)
@given(any_texts)
@example([])
@example(["", "\n", " ", "\x00"])
@example(["a" * 5000, "a", "aa"])
@example(["a b " * 200, "a b " * 3])
@example(["x ...", "...", "....", "......"])  # dots meet where documents do
@example(["same line\r\nsame line\r\n", "same line"])
@example(["\u2028\u2028 a\u2028b", "שלום שלום שלום שלום", "कि कि कि कि कि कि कि कि कि कि कि"])
def test_every_measure_is_its_formula(texts):
    found = measured(texts, exact=True)
    for name, formula in MEASURES.items():
        assert found[name] == pytest.approx([formula(text) for text in texts], abs=1e-12), name


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.one_of(repetitive_text, any_text), max_size=6),
    st.sampled_from(SHARES),
    st.one_of(st.none(), st.floats(0, 1)),
    st.one_of(st.none(), st.floats(0, 1)),
)
def test_a_verdict_never_hangs_on_a_hash(texts, name, low, high):
    """Measured cheaply or exactly, the same documents stay."""
    if low is None and high is None:
        high = 0.1
    if low is not None and high is not None and low > high:
        low, high = high, low
    [rule] = make_rules(corpus_with(**{name: {"min": low, "max": high}}))
    batch = Words(pa.array(texts, pa.large_string()))
    values = np.array([MEASURES[name](text) for text in texts])
    expected = [(low is None or value >= low) and (high is None or value <= high) for value in values]
    assert rule.verdict(rule.measure(batch), batch).tolist() == expected


@settings(deadline=None, max_examples=100)
@given(st.lists(repetitive_text, min_size=1, max_size=6), st.data())
def test_documents_that_are_gone_already_change_nothing(texts, data):
    among = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))))
    batch, whole = (Words(pa.array(texts, pa.large_string())) for _ in range(2))
    for rule in ALL:
        some = rule.verdict(rule.measure(batch, among), batch)
        assert some[among].tolist() == rule.verdict(rule.measure(whole), whole)[among].tolist(), rule.name
    for rule in ALL:  # and what was left out can be asked for after all
        every = rule.verdict(rule.measure(batch), batch)
        assert every.tolist() == rule.verdict(rule.measure(whole), whole).tolist(), rule.name


@settings(deadline=None, max_examples=50)
@given(any_texts, any_texts)
def test_a_document_measures_the_same_in_any_batch(some, others):
    together = measured(some + others, exact=True)
    alone = measured(others, exact=True)
    for name in NAMES:
        assert together[name][len(some) :] == pytest.approx(alone[name], abs=1e-12), name


def test_equal_hashes_cannot_remove_a_document(monkeypatch):
    """With one hash for all words every document looks repetitive, until it is looked at again."""
    import dragoman.corpus.rules.words as module

    monkeypatch.setattr(module, "hash_spans", lambda data, starts, stops: np.zeros(len(starts), np.uint64))
    texts = [" ".join(f"w{i}{'y' * (i % 7)}" for i in range(400)), "one two three four five " * 30, "a\nb\na\n\nc\nd"]
    found = measured(texts, exact=True)
    for name in SHARES:
        assert found[name] == pytest.approx([MEASURES[name](text) for text in texts]), name


def test_languages_have_limits_of_their_own():
    [rule] = make_rules(corpus_with(mean_word_length={"min": 3, "max": 5, "languages": {"de": {"max": 8}}}))
    texts = pa.array(["seven77 seven77", "seven77 seven77", "seven77 seven77", "a b"])
    batch = Words(texts, ["en", "de", "", "de"])
    assert rule.verdict(rule.measure(batch), batch).tolist() == [False, True, False, False]
    assert rule.thresholds("de") == {"mean_word_length": (3, 8)}
    assert rule.thresholds("en") == rule.thresholds() == {"mean_word_length": (3, 5)}
