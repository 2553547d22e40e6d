from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_oracles import any_texts, corpus_with, lines

from dragoman.corpus.rules import Words, make_rules
from dragoman.corpus.rules.patterns import lines_having, matching_lines


@settings(deadline=None, max_examples=200)
@given(any_texts, st.sampled_from(["^the", "end\\.$", "[0-9]", "(?i)A", "a b|b a", "^.$", "und,?$", "\\x{928}"]))
def test_lines_are_searched_one_by_one(texts, regex):
    batch = Words(pa.array(texts, pa.large_string()))
    pattern = re.compile(regex.replace("\\x{928}", "\u0928"))
    expected = [pattern.search(line) is not None for text in texts for line in lines(text)]
    assert matching_lines(batch, regex).tolist() == expected


def test_a_document_goes_where_too_many_of_its_lines_match():
    corpus = corpus_with(patterns={"phone": {"regex": r"\+\d{5,}", "max": 0.5}, "never": {"regex": "qqq"}})
    phone, never = make_rules(corpus)
    batch = Words(pa.array(["call +123456\nor not", "+123456\n+654321\nno", "nothing", "", "qqq"]))
    assert phone.measure(batch)["patterns.phone"].tolist() == [0.5, 2 / 3, 0, 0, 0]
    assert phone.verdict(phone.measure(batch), batch).tolist() == [True, False, True, True, True]
    assert never.verdict(never.measure(batch), batch).tolist() == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Our Privacy\tPolicy has changed", True),
        ("our privacy\u00a0policy", True),
        ("our privacy\npolicy", False),  # two lines
        ("privacypolicy", False),
        ("a+b (c) [d] e", True),
        ("aab c d e", False),
        ("DATENSCHUTZERKLÄRUNG", True),
        ("", False),
    ],
)
def test_phrases_are_taken_literally_in_either_case(text, expected):
    phrases = ["privacy policy", "a+b (c) [d]", "datenschutzerklärung"]
    assert lines_having(Words(pa.array([text, "nothing"])), phrases).any() == expected


def test_phrases_count_lines():
    [rule] = make_rules(corpus_with(phrases={"phrases": ["lorem ipsum"]}))
    batch = Words(pa.array(["Lorem  ipsum\nlorem ipsum lorem ipsum\nno", "no"]))
    assert rule.thresholds() == {"phrases": (None, 0)}
    assert rule.measure(batch)["phrases"].tolist() == [2, 0]
