from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_oracles import ENGLISH, GERMAN, any_text, corpus_with

from dragoman.corpus.rules import Words, make_rules
from dragoman.corpus.rules.stopwords import StopWords
from dragoman.recipe.schema import Corpus


def gopher() -> StopWords:
    corpus = Corpus.model_validate({"sources": [{"path": "a"}], "presets": ["gopher"]})
    [rule] = [rule for rule in make_rules(corpus) if isinstance(rule, StopWords)]
    return rule


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(any_text, st.sampled_from(["en", "de", "", "ar"])), max_size=6))
def test_different_words_of_the_documents_own_language_count(documents):
    texts, languages = [text for text, _ in documents], [language for _, language in documents]
    batch = Words(pa.array(texts, pa.large_string()), languages)
    rule = gopher()
    measured = rule.measure(batch)
    for text, language, found in zip(texts, languages, measured["stop_words"], strict=True):
        english, german = (len(words & set(text.split())) for words in (ENGLISH, GERMAN))
        if language == "ar":
            assert np.isnan(found)
        else:
            assert found == {"en": english, "de": german, "": max(english, german)}[language]
    kept = [not found < 2 for found in measured["stop_words"]]
    assert rule.verdict(measured, batch).tolist() == kept


def test_a_hash_alone_makes_no_stop_word(monkeypatch):
    """Where every word has the hash of every other, only the words themselves tell."""
    import dragoman.corpus.rules.stopwords as module
    import dragoman.corpus.rules.words as words_module

    def by_length(data, starts, stops):
        return ((stops - starts) % 2).astype(np.uint64) << np.uint64(63)

    monkeypatch.setattr(module, "hash_spans", by_length)
    monkeypatch.setattr(words_module, "hash_spans", by_length)
    [rule] = make_rules(corpus_with(stop_words={"min": 1, "words": {"en": ["the", "with"]}}))
    batch = Words(pa.array(["cat ox moon the", "cat moon", "with", ""]))
    assert rule.measure(batch)["stop_words"].tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize("word", ["और", "antidisestablishmentarianism", "a"])
def test_stop_words_may_be_of_any_length_and_script(word):
    [rule] = make_rules(corpus_with(stop_words={"min": 1, "words": {"xx": [word]}}))
    batch = Words(pa.array([f"x {word} y", f"x{word} y", f"{word}y"]), ["xx"] * 3)
    assert rule.verdict(rule.measure(batch), batch).tolist() == [True, False, False]
