"""The recipe's `pairs`: presets, thresholds one by one, and mistakes with their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.base.errors import RequestError
from dragoman.recipe.loading import LoadedTexts, load_texts
from dragoman.recipe.saving import effective
from dragoman.recipe.schema import PairFilter, PairRules

RECIPE = """\
name: clean
pairs:
  sources: [{path: a.tsv}]
  preset: pairs-de-en
  rules:
"""


@pytest.fixture
def load(tmp_path: Path):
    def load(text: str, *overrides: str) -> LoadedTexts:
        (tmp_path / "r.yaml").write_text(text)
        return load_texts(tmp_path / "r.yaml", overrides, section="pairs")

    return load


def rules_of(loaded: LoadedTexts) -> PairRules:
    assert loaded.recipe.pairs is not None
    return loaded.recipe.pairs.rules


def test_a_threshold_changes_and_the_others_stay_the_presets(load):
    rules = rules_of(load(RECIPE + "    word_ratio: {max: 2.5}\n    digits: off\n    copied:\n"))
    assert rules.word_ratio is not None
    assert (rules.word_ratio.max, rules.word_ratio.above) == (2.5, 5)
    assert rules.character_ratio is not None
    assert rules.character_ratio.max == 2.2
    assert rules.digits is None
    assert rules.copied is not None  # a rule that is left empty is not off
    assert rules.targets is None


def test_options_of_the_command_line(load):
    rules = rules_of(
        load(RECIPE + "    word_ratio: {max: 2.5}\n", "pairs.rules.word_ratio=off", "pairs.rules.words.max=9")
    )
    assert rules.word_ratio is None
    assert rules.words is not None
    assert (rules.words.min, rules.words.max) == (1, 9)


def test_a_rule_that_a_preset_switches_off_can_be_switched_on(load):
    assert rules_of(load(RECIPE + "    digits: off\n")).characters is None
    on = rules_of(load(RECIPE + "    characters: {max: 70}\n")).characters
    assert on is not None
    assert on.max == 70


def test_languages_come_with_the_preset(load):
    pairs = load(RECIPE + "    digits: off\n").recipe.pairs
    assert pairs is not None
    assert pairs.languages is not None
    assert (pairs.languages.source, pairs.languages.target) == ("de", "en")
    turned = PairFilter.model_validate({"preset": "pairs-de-en", "languages": {"source": "en", "target": "de"}})
    assert turned.languages is not None
    assert turned.languages.source == "en"
    assert PairFilter().languages is None


def test_a_saved_recipe_says_every_threshold_and_loads_again(load, tmp_path):
    loaded = load(RECIPE + "    word_ratio: {max: 2.5}\n    digits: off\n    terminal: off\n")
    text = effective(loaded.recipe, tmp_path)
    assert "    digits: off\n" in text.replace("'", "")
    again = load(text)
    assert again.recipe.pairs.rules == loaded.recipe.pairs.rules
    assert effective(again.recipe, tmp_path) == text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("word_ration: {max: 2}", "r.yaml:6:5: pairs.rules.word_ration: unknown key; did you mean 'word_ratio'?"),
        ("word_ratio: {maxi: 2}", "r.yaml:6:18: pairs.rules.word_ratio.maxi: unknown key; did you mean 'max'?"),
        (
            "word_ratio: {max: two}",
            "r.yaml:6:18: pairs.rules.word_ratio.max: must be a number of at least 1, not 'two'",
        ),
        ("word_ratio: {max: 0.5}", "pairs.rules.word_ratio.max: must be a number of at least 1, not 0.5"),
        ("digits: of", "pairs.rules.digits: must be a section, or off, not 'of'"),
        ("digits: false", "pairs.rules.digits: must be a section, or off, not false"),
        ("terminal: {}", "pairs.rules.terminal: must be on or off, not a mapping of keys"),
        ("terminal: of", "pairs.rules.terminal: must be on or off, not 'of'; did you mean 'off'?"),
        ("words: {min: 9, max: 3}", "r.yaml:6:5: pairs.rules.words: min (9) is above max (3)"),
        ("alphabetic: {min: 1.5}", "pairs.rules.alphabetic.min: must be a number of at least 0 and below 1, not 1.5"),
    ],
)
def test_mistakes_are_said_with_their_places(load, line, said):
    with pytest.raises(RequestError) as refused:
        load(RECIPE + f"    {line}\n")
    assert said in str(refused.value)


def test_all_mistakes_are_said_together(load):
    with pytest.raises(RequestError) as refused:
        load(RECIPE.replace("pairs-de-en", "pairs-en-de") + "    digit: off\n    words: {max: 0}\n")
    for said in (
        "has 3 problems",
        "did you mean 'pairs-de-en'?",
        "did you mean 'digits'?",
        "a whole number above 0, not 0",
    ):
        assert said in str(refused.value)
