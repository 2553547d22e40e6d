"""Texts and expressions that are made to take long: a megabyte takes seconds, where its square would take days."""

from __future__ import annotations

import time

import pyarrow as pa
import pytest
from rule_oracles import corpus_with

from dragoman.corpus.rules import Words, make_line_rules, make_rules
from dragoman.corpus.rules.patterns import matching_lines
from dragoman.corpus.rules.presets import PRESETS
from dragoman.recipe.schema import Corpus

SIZE = 1 << 20
LONGEST = 20  # seconds; on an idle core it is well under one


@pytest.mark.parametrize("character", ["a", "a ", "a\n", "a b c d e ", "\n", '"', ".", "((", "“", "अ", "\u2028", "{"])
def test_one_character_a_million_times(character):
    corpus = Corpus.model_validate({"sources": [{"path": "a"}], "presets": list(PRESETS)})
    text = pa.array([character * (SIZE // len(character.encode()))])
    began = time.perf_counter()
    stripped = make_line_rules(corpus)(text)
    assert len(stripped.texts) == 1
    batch = Words(text, ["en"])
    removed = [rule.name for rule in make_rules(corpus) if not rule.verdict(rule.measure(batch), batch)[0]]
    assert removed  # and every rule was measured, exactly where that mattered
    assert time.perf_counter() - began < LONGEST


@pytest.mark.parametrize("regex", ["(a+)+$", "(a|a)*b", "^(a|aa)+$", "a.*a.*a.*b", "(a*)*c|a"])
def test_expressions_that_choke_backtracking(regex):
    batch = Words(pa.array(["a" * SIZE + "!"]))
    began = time.perf_counter()
    matching_lines(batch, regex)
    assert time.perf_counter() - began < LONGEST


def test_words_that_share_any_polynomial_hash_are_not_the_same():
    """Polynomial hashes modulo 2^64 take two Thue-Morse words and their opposites for the same, whatever the base."""
    bits = [bin(i).count("1") % 2 for i in range(1 << 11)]
    word = "".join("ab"[bit] for bit in bits)
    opposite = "".join("ba"[bit] for bit in bits)
    text = "\n".join([word, opposite])
    [rule] = make_rules(corpus_with(duplicate_lines={"max": 0.1}))
    batch = Words(pa.array([text]))
    assert rule.verdict(rule.measure(batch), batch).tolist() == [True]
