from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpus.pairs.characters import (
    MARKS,
    SCRIPTS,
    count_letters,
    count_of,
    has_spaces,
    kinds,
    letters_worth,
)

NAMES = {"Han": ("CJK UNIFIED", "CJK COMPAT"), "Kana": ("HIRAGANA", "KATAKANA")}  # else the script's own name
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.mark.parametrize("script", MARKS)
def test_a_script_has_all_letters_that_are_named_after_it(script):
    """Unicode's names as the judge, over its first plane; old letters and those of phoneticians stand elsewhere."""
    begins = NAMES.get(script, (script.upper() + " ",))
    named = [
        chr(code) for code in range(0x10000)
        if unicodedata.name(chr(code), "").startswith(begins) and unicodedata.category(chr(code))[0] == "L"
    ]  # fmt: skip
    assert len(named) > 20
    assert kinds("".join(named)).count(MARKS[script]) >= 0.95 * len(named)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TEXT)
def test_every_character_has_one_kind(text):
    found = kinds(text)
    assert len(found) == len(text)
    for character, kind in zip(text, found, strict=True):
        category = unicodedata.category(character)
        assert (kind == " ") == character.isspace()
        assert (kind == "0") == (category == "Nd")
        if kind in SCRIPTS or kind in "?~":
            assert category[0] in "LM"
        if kind == ".":
            assert category[0] not in "LM"
    assert count_letters(found) == sum(kind in SCRIPTS or kind == "?" for kind in found)
    assert count_of(found, "LG") == found.count("L") + found.count("G")


def test_vowel_signs_are_letters_and_accents_are_neither():
    assert kinds("हिन्दी") == "DDDDDD"
    assert kinds("e\u0301") == "L~"
    assert kinds("Ja, 3 ३.") == "LL. 0 0."


@pytest.mark.parametrize(
    ("text", "spaced"),
    [("Ein Hund.", True), ("एक कुत्ता।", True), ("我有一只狗。", False), ("犬がいます。", False), ("ฉันมีหมา", False),
     ("나는 개가 있다", True), ("", True), ("123 !", True), ("Das heißt auf Chinesisch 狗.", True),
     ("狗 dog 猫很好", False)],
)  # fmt: skip
def test_scripts_without_spaces(text, spaced):
    assert has_spaces(kinds(text)) is spaced


def test_ideographs_are_worth_three_letters_and_syllables_two():
    assert letters_worth(kinds("ab 1.")) == 5
    assert letters_worth(kinds("狗狗")) == 6
    assert letters_worth(kinds("です")) == 4
    assert letters_worth(kinds("나는")) == 4


def test_no_mark_stands_for_two_things():
    assert len(SCRIPTS) == len(MARKS)
    assert not set(SCRIPTS) & set(" 0~.?")
