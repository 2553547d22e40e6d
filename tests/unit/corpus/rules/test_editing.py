from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from rule_oracles import any_texts, corpus_with, lines

from dragoman.corpus.rules import make_line_rules
from dragoman.recipe.schema import Corpus


def preset(name: str, **rules: object) -> Corpus:
    return Corpus.model_validate({"sources": [{"path": "a"}], "presets": [name], "rules": rules})


def test_c4_takes_lines_and_says_why():
    line_rules = make_line_rules(preset("c4"))
    bad = {
        "line_longest_word": "Here is a " + "long" * 251 + " word.",
        "line_end": "This line ends in nothing\nThis one in dots...\nThis in others…",
        "line_words": "Two words.",
        "line_phrases": "You need JavaScript for this.\nRead our privacy policy today.",
    }
    text = "A good line stays.\n" + "\n".join(bad.values()) + '\n\nIs it "good?"'
    stripped = line_rules(pa.array([text, "Another one that stays."]))
    assert stripped.texts.to_pylist() == ['A good line stays.\n\nIs it "good?"', "Another one that stays."]
    assert {name: count for name, (count, _) in stripped.counts().items()} == {
        name: len(lines.split("\n")) for name, lines in bad.items()
    }


def test_a_line_counts_for_the_first_rule_that_takes_it():
    line_rules = make_line_rules(corpus_with(line_words={"min": 3}, line_end={"marks": ["."]}))
    assert [rule.name for rule in line_rules.rules] == ["line_end", "line_words"]
    assert {name: n for name, (n, _) in line_rules(pa.array(["no\nno.\na b c."])).counts().items()} == {
        "line_end": 1, "line_words": 1,
    }  # fmt: skip


def test_a_suspicious_phrase_costs_a_short_line_and_no_document():
    line_rules = make_line_rules(preset("from-scratch-job"))
    story = "A long story mentions JavaScript and a privacy policy, " + "and goes on and on, " * 10 + "to its end."
    text = f"{story}\nAll Rights Reserved.\nAlle Rechte  vorbehalten\nThe end."
    stripped = line_rules(pa.array([text]))
    assert stripped.texts.to_pylist() == [f"{story}\nThe end."]
    assert stripped.counts() == {"line_phrases": (2, len("All Rights Reserved.Alle Rechte  vorbehalten"))}


def test_line_limits_depend_on_the_language():
    line_rules = make_line_rules(corpus_with(line_words={"min": 3, "languages": {"de": {"min": 1}}}))
    stripped = line_rules(pa.array(["one two\na b c", "eins zwei\na b c"]), ["en", "de"])
    assert stripped.texts.to_pylist() == ["a b c", "eins zwei\na b c"]


def test_lines_that_match_a_pattern_go():
    corpus = corpus_with(patterns={"menu": {"regex": r"^\s*Home \|", "remove": "line"}, "other": {"regex": "x"}})
    line_rules = make_line_rules(corpus)
    stripped = line_rules(pa.array(["  Home | News\nText | Home | x"]))
    assert stripped.texts.to_pylist() == ["Text | Home | x"]
    assert stripped.counts() == {"patterns.menu": (1, len("  Home | News"))}


def test_without_line_rules_there_is_nothing_to_do():
    assert not make_line_rules(corpus_with(word_count={"min": 1}, patterns={"a": {"regex": "a"}}))


@settings(deadline=None, max_examples=200)
@given(any_texts)
def test_what_is_left_are_lines_that_pass(texts):
    line_rules = make_line_rules(corpus_with(line_words={"min": 2}, line_longest_word={"max": 10}))
    stripped = line_rules(pa.array(texts, pa.large_string()))
    for before, after in zip(texts, stripped.texts.to_pylist(), strict=True):
        good = [one for one in lines(before) if len(one.split()) >= 2 and max(map(len, one.split())) <= 10]
        assert lines(after) == good
    assert line_rules(stripped.texts).texts.equals(stripped.texts)
