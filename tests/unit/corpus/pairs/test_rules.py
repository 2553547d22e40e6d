"""Each rule against its plain definition."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpus.pairs.agreement import Copied, Digits, Terminal
from dragoman.corpus.pairs.batch import PairBatch
from dragoman.corpus.pairs.lengths import CharacterRatio, Characters, LongestWord, WordRatio, Words
from dragoman.corpus.pairs.letters import Alphabetic, Language, Script
from dragoman.recipe.schema import pairs as schema

SPACED = st.text(st.sampled_from("abäß  .,!?19-हि\u00a0"), max_size=40)  # no script without spaces
PAIRS = st.lists(st.tuples(SPACED, SPACED), min_size=1, max_size=6)


def batch_of(pairs):
    return PairBatch.of([source for source, _ in pairs], [target for _, target in pairs])


def kept(rule, *pairs):
    return rule.verdict(rule.measure(batch_of(pairs))).tolist()


def of(count, word="ab"):
    return " ".join([word] * count)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(PAIRS, st.integers(1, 5), st.integers(5, 12))
def test_words_characters_and_the_longest_word(pairs, low, high):
    settings = schema.WordCount(min=low, max=high)
    assert kept(Words(settings), *pairs) == [all(low <= len(side.split()) <= high for side in pair) for pair in pairs]
    assert kept(Characters(schema.CharacterCount(max=high)), *pairs) == [
        all(len(side) <= high for side in pair) for pair in pairs
    ]
    assert kept(LongestWord(schema.LongestWord(max=low)), *pairs) == [
        all(len(word) <= low for side in pair for word in side.split()) for pair in pairs
    ]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(PAIRS, st.floats(1, 4), st.integers(0, 8))
def test_ratios(pairs, most, above):
    def passes(lengths):
        return max(lengths) <= above or max(lengths) <= most * max(min(lengths), 1)

    words = [[len(side.split()) for side in pair] for pair in pairs]
    assert kept(WordRatio(schema.WordRatio(max=most, above=above)), *pairs) == [*map(passes, words)]
    characters = [[*map(len, pair)] for pair in pairs]
    assert kept(CharacterRatio(schema.CharacterRatio(max=most, above=above)), *pairs) == [*map(passes, characters)]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(PAIRS, st.floats(0, 0.99))
def test_the_share_of_letters(pairs, least):
    def passes(text):
        seen = [c for c in text if not c.isspace()]
        return sum(unicodedata.category(c)[0] in "LM" for c in seen) >= least * max(len(seen), 1)

    rule = Alphabetic(schema.Alphabetic(min=least))
    assert kept(rule, *pairs) == [all(map(passes, pair)) for pair in pairs]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(["abc", "def", "ghi"]), min_size=4, max_size=9), st.data())
def test_copies(words, data):
    other = [data.draw(st.sampled_from([word, word, word, "xyz"])) for word in words]
    source, target = " ".join(words), " ".join(other)
    first, second = ([f" {text} "[i : i + 2] for i in range(len(text) + 1)] for text in (source, target))
    common = sum(min(first.count(pair), second.count(pair)) for pair in {*first})
    plain = 2 * common / (len(first) + len(second))
    assert kept(Copied(schema.Copied(similarity=0.8)), (source, target)) == [plain < 0.8]


def test_a_copy_is_seen_from_its_length_on():
    rule = Copied(schema.Copied())
    assert kept(rule, (of(3), of(3)), (of(4), of(4)), ("A B C D", "a  b c d"), (of(4), of(4, "xy"))) == [
        True, False, False, True,
    ]  # fmt: skip
    assert kept(rule, ("東京です", "東京です"), ("東京", "東京")) == [False, True]


def test_letters_in_another_order_are_no_copy():
    assert kept(Copied(schema.Copied()), ("ab cd " * 500, "dc ba " * 500)) == [True]


def test_the_limits_themselves_pass():
    assert kept(Words(schema.WordCount(max=150)), (of(150), of(150)), (of(151), of(150)), (of(1), "")) == [
        True, False, False,
    ]  # fmt: skip
    ratio = WordRatio(schema.WordRatio(max=2.0))
    assert kept(ratio, (of(6), of(3)), (of(3), of(6)), (of(7), of(3)), (of(5), of(1))) == [True, True, False, True]
    characters = CharacterRatio(schema.CharacterRatio(max=2.2))
    assert kept(characters, ("a" * 22, "a" * 10), ("a" * 23, "a" * 10), ("a" * 20, "a")) == [True, False, True]


def test_scripts_without_spaces_are_not_asked_about_words():
    chinese = "我们在城里的一家小餐馆里吃了一顿非常好的晚饭" * 4
    pair = ("We had a very good dinner in a small restaurant in town. " * 4, chinese)
    for rule in (
        WordRatio(schema.WordRatio(max=2.0)),
        LongestWord(schema.LongestWord()),
        Words(schema.WordCount(max=50)),
    ):
        measured = rule.measure(batch_of([pair]))
        assert rule.verdict(measured).tolist() == [True]
        assert any(np.isnan(values).any() for values in measured.values())
    assert kept(CharacterRatio(schema.CharacterRatio(max=2.2)), pair) == [True]


def test_scripts():
    rule = Script(schema.Script(min=0.5), ("en", "hi"))
    assert kept(
        rule,
        ("A dog", "एक कुत्ता"),
        ("एक कुत्ता", "A dog"),
        ("A dog", "ek kutta"),
        ("WWW", "वर्ल्ड वाइड वेब (WWW)"),
        ("1984", "1984"),
    ) == [True, False, False, True, True]
    measured = rule.measure(batch_of([("abcd", "एaaa")]))
    assert [values.tolist() for values in measured.values()] == [[1.0], [0.25]]


def test_numbers_and_endings():
    digits = Digits(schema.Digits())
    assert kept(digits, ("1.234,5 km", "1,234.5 km"), ("Um 15 Uhr", "at 3 p.m."), ("Seite 210", "page 201")) == [
        True, True, False,
    ]  # fmt: skip
    assert kept(Terminal(), ("Ja?", "Yes."), ("Ja.", "Yes"), ("Is it so?", "ใช่ไหม")) == [False, True, True]


def test_a_language_is_asked_of_long_texts_only(monkeypatch):
    asked = []

    def identify(texts):
        asked.extend(texts)
        return [("de", 0.9) if "der" in text else ("en", 0.9) if "the" in text else ("en", 0.3) for text in texts]

    module = pytest.importorskip("dragoman.corpus.languages")
    monkeypatch.setattr(module, "identify", identify)
    rule = Language(schema.LanguageId(min=0.5, above=5), ("de", "en"))
    pairs = [
        ("der Hund", "the dog"),
        ("the dog", "the dog"),
        ("der Hund", "der Hund"),
        ("der Hund", "a cat"),
        ("x", "y"),
    ]
    assert kept(rule, *pairs) == [True, False, False, False, True]
    assert "x" not in asked


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=5))
def test_every_rule_takes_any_text(pairs):
    for rule in (
        Words(schema.WordCount()), Characters(schema.CharacterCount()), LongestWord(schema.LongestWord()),
        WordRatio(schema.WordRatio()), CharacterRatio(schema.CharacterRatio()), Alphabetic(schema.Alphabetic()),
        Script(schema.Script(), ("de", "hi")), Copied(schema.Copied()), Digits(schema.Digits()), Terminal(),
    ):  # fmt: skip
        measured = rule.measure(batch_of(pairs))
        assert measured.keys() == rule.limits().keys()
        assert all(values.shape == (len(pairs),) for values in measured.values())
        assert rule.verdict(measured).shape == (len(pairs),)
