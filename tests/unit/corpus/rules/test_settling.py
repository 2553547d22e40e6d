"""Which rules hold: presets, their changes one by one, and what is refused."""

from __future__ import annotations

import pytest

from dragoman.base.errors import RequestError
from dragoman.corpus.rules import make_line_rules, make_rules
from dragoman.corpus.rules.presets import PRESETS
from dragoman.corpus.rules.settling import settle
from dragoman.recipe.schema import Corpus


def corpus(*presets: str, **rules: object) -> Corpus:
    return Corpus.model_validate({"sources": [{"path": "a"}], "presets": list(presets), "rules": rules})


def thresholds(given: Corpus, language: str = "") -> dict[str, tuple[float | None, float | None]]:
    return {name: limits for rule in make_rules(given) for name, limits in rule.thresholds(language).items()}


def test_gopher_is_what_was_published():
    assert thresholds(corpus("gopher"), "en") == {
        "word_count": (50, 100_000), "mean_word_length": (3, 10), "alphabetic_words": (0.8, None),
        "stop_words": (2, None), "hash_ratio": (None, 0.1), "ellipsis_ratio": (None, 0.1),
        "bullet_lines": (None, 0.9), "ellipsis_lines": (None, 0.3),
        "duplicate_lines": (None, 0.3), "duplicate_line_characters": (None, 0.2),
        "duplicate_paragraphs": (None, 0.3), "duplicate_paragraph_characters": (None, 0.2),
        "top_2gram": (None, 0.2), "top_3gram": (None, 0.18), "top_4gram": (None, 0.16),
        "duplicate_5grams": (None, 0.15), "duplicate_6grams": (None, 0.14), "duplicate_7grams": (None, 0.13),
        "duplicate_8grams": (None, 0.12), "duplicate_9grams": (None, 0.11), "duplicate_10grams": (None, 0.1),
    }  # fmt: skip
    assert thresholds(corpus("gopher"), "de")["mean_word_length"] == (3, 15)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_makes_rules_that_say_what_they_are(name):
    given = corpus(name)
    rules = [*make_rules(given), *make_line_rules(given).rules]
    assert {rule.name for rule in rules} == set(settle(given))
    assert all(len(rule.description) > 10 for rule in rules)


def test_without_presets_there_are_no_rules():
    assert make_rules(corpus()) == []


def test_a_recipe_changes_thresholds_one_by_one():
    changed = corpus(
        "gopher", mean_word_length={"max": 12, "languages": {"de": {"min": 4}, "fi": {"max": 20}}},
        top_2gram={"max": 0.25}, stop_words="off", digits={"max": 0.2},
    )  # fmt: skip
    before, after = thresholds(corpus("gopher")), thresholds(changed)
    assert after.pop("digits") == (None, 0.2)
    assert "stop_words" not in after
    assert {name for name in after if after[name] != before[name]} == {"mean_word_length", "top_2gram"}
    assert after["mean_word_length"] == (3, 12)
    assert after["top_2gram"] == (None, 0.25)
    assert thresholds(changed, "de")["mean_word_length"] == (4, 15)
    assert thresholds(changed, "fi")["mean_word_length"] == (3, 20)


def test_of_two_presets_the_stricter_threshold_holds():
    both = thresholds(corpus("gopher", "from-scratch-job"), "en")
    assert both["word_count"] == (100, 100_000)
    assert both["mean_word_length"] == (3, 10)
    assert both["alphabetic_words"] == (0.8, None)
    assert both["digits"] == (None, 0.18)
    assert thresholds(corpus("gopher", "from-scratch-job"), "de")["mean_word_length"] == (3, 15)
    assert thresholds(corpus("gopher", "fineweb"))["duplicate_line_characters"] == (None, 0.01)
    german = thresholds(corpus("fineweb2-de", "gopher"))
    assert german["duplicate_10grams"] == (None, 0.098)
    assert german["mean_word_length"] == (3, 10)
    assert thresholds(corpus("fineweb2-de", "gopher"), "de")["mean_word_length"] == (3, 15)


def test_phrases_of_two_presets_add_up():
    phrases = settle(corpus("c4", "from-scratch-job"))["line_phrases"]
    assert "longest" not in phrases
    assert {"use cookies", "alle rechte vorbehalten"} < set(phrases["phrases"])
    assert len(set(phrases["phrases"])) == len(phrases["phrases"])
    assert settle(corpus("c4", line_phrases={"phrases": ["mine"]}))["line_phrases"] == {"phrases": ["mine"]}


def test_stop_words_are_replaced_language_by_language():
    words = settle(corpus("gopher", stop_words={"words": {"de": ["ja", "nein"]}}))["stop_words"]["words"]
    assert words["de"] == ["ja", "nein"]
    assert "the" in words["en"]


def test_settings_come_back_from_a_saved_recipe():
    given = corpus("gopher", word_count={"max": 9, "languages": {"de": {"max": 7}}, "min": 5}, top_2gram="off")
    again = Corpus.model_validate(given.model_dump())
    assert settle(again) == settle(given)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"top_2gram": {}}, "corpus.rules.top_2gram: this rule has no threshold and would remove nothing"),
        ({"stop_words": {"min": 2}}, "corpus.rules.stop_words: this rule needs words"),
        ({"line_end": {}}, "corpus.rules.line_end: this rule needs marks"),
        ({"line_phrases": {"longest": 9}}, "corpus.rules.line_phrases: this rule needs phrases"),
        ({"phrases": {"max": 3}}, "corpus.rules.phrases: this rule needs phrases"),
        ({"word_count": {"min": 5, "languages": {"de": {"max": 4}}}}, "min 5 is above max 4 for 'de'"),
    ],
)
def test_rules_that_make_no_sense_are_refused(rules, message):
    with pytest.raises(RequestError) as error:
        make_rules(corpus(**rules))
    assert message in str(error.value)


def test_a_change_may_not_cross_the_presets_other_threshold():
    with pytest.raises(RequestError, match="min 50 is above max 20: nothing could pass"):
        make_rules(corpus("gopher", word_count={"max": 20}))
