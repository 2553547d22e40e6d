"""`corpus.rules` in a recipe: what is refused, and where."""

# ruff: noqa: E501  (messages are expected on one line, as they are printed)

from __future__ import annotations

import pytest

BEGIN = "name: x\ndata: {train: [{path: a.tsv}]}\ncorpus:\n  sources: [{path: a.txt}]\n  rules:\n"  # then line 6

CASES = {
    "misspelt rule": ("    mean_wordlength: {max: 12}\n", "recipe.yaml:6:5: corpus.rules.mean_wordlength: unknown key; did you mean 'mean_word_length'?"),
    "misspelt threshold": ("    top_2gram: {maximum: 0.2}\n", "recipe.yaml:6:17: corpus.rules.top_2gram.maximum: unknown key; did you mean 'max'?"),
    "a number for a section": ("    word_count: 100\n", "recipe.yaml:6:5: corpus.rules.word_count: must be off, or a section with min and max, not 100; its keys: off, min, max, languages"),
    "false for off": ("    stop_words: false\n", "recipe.yaml:6:5: corpus.rules.stop_words: must be off, or a section with min and max, not false; its keys: off, min, max, languages, words"),
    "per cent for a share": ("    digits: {max: 18}\n", "recipe.yaml:6:14: corpus.rules.digits.max: must be a number of at least 0 and at most 1, not 18"),
    "thresholds that cross": ("    word_count: {min: 9, max: 5}\n", "recipe.yaml:6:5: corpus.rules.word_count: min is above max: nothing could pass"),
    "no language": ("    word_count: {languages: {german: {min: 9}}}\n", "recipe.yaml:6:30: corpus.rules.word_count.languages.german: must be a language's code such as de, not 'german'"),
    "look-ahead": ("    patterns: {a: {regex: '(?=x)y'}}\n", "recipe.yaml:6:16: corpus.rules.patterns.a: regex is none that RE2 understands: invalid perl operator: (?="),
    "max of lines": ("    patterns: {a: {regex: x, remove: line, max: 0.5}}\n", "recipe.yaml:6:16: corpus.rules.patterns.a: max goes with remove: document"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_said_where_it_stands(name, lines):
    text, expected = CASES[name]
    assert lines(BEGIN + text) == [expected]


def test_off_switches_off_and_rules_override(load):
    loaded = load(BEGIN + "    stop_words: off\n    word_count: {min: 9}\n", "corpus.rules.word_count.max=20")
    rules = loaded.recipe.corpus.rules
    assert rules.stop_words.off
    assert (rules.word_count.min, rules.word_count.max, rules.word_count.off) == (9, 20, False)
    assert rules.digits is None
