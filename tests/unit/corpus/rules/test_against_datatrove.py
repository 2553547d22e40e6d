"""The same documents stay as with datatrove's filters, where words are what white space divides."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dragoman.corpus.rules import Words, make_rules
from dragoman.corpus.rules.presets import ENGLISH_WORDS
from dragoman.recipe.schema import Corpus

pytest.importorskip("datatrove")

VOCABULARY = [*ENGLISH_WORDS, *(f"word{i}" for i in range(300)), "ein", "x", "#", "...", "1984", "(so)", "kam,", "end."]


def documents(count: int) -> list[str]:
    """Texts of many kinds around every threshold: ever fewer words, ever more repeated lines."""
    dice = random.Random(7)
    texts = []
    for _ in range(count):
        few = dice.choice([5, 20, 60, len(VOCABULARY)])
        words = [dice.choice(VOCABULARY[:few]) for _ in range(dice.randrange(30, 300))]
        lines = []
        while words:
            size = dice.randrange(1, 15)
            lines.append(" ".join(words[:size]) + dice.choice(["", "", ".", "..."]))
            words = words[size:]
        for _ in range(dice.choice([0, 0, 3, 10])):
            lines.insert(dice.randrange(len(lines)), dice.choice(lines))
        bullets = dice.random() < 0.1
        ends = (dice.choice(["\n", "\n", "\n\n"]) for _ in lines)
        texts.append("".join(f"{'- ' * bullets}{line}{end}" for line, end in zip(lines, ends, strict=True)).strip())
    return texts


@pytest.fixture
def filters(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter
    from datatrove.utils import word_tokenizers

    class WhiteSpace:
        def word_tokenize(self, text: str) -> list[str]:
            return text.split()

    monkeypatch.setattr(word_tokenizers, "load_word_tokenizer", lambda language: WhiteSpace())
    return GopherQualityFilter(), GopherRepetitionFilter()


def test_gopher_keeps_what_datatrove_keeps(filters):
    from datatrove.data import Document

    texts = documents(600)
    batch = Words(pa.array(texts), ["en"] * len(texts))
    rules = make_rules(Corpus.model_validate({"sources": [{"path": "a"}], "presets": ["gopher"]}))
    kept = np.all([rule.verdict(rule.measure(batch), batch) for rule in rules], axis=0)
    quality, repetition = filters
    expected = [
        quality.filter(Document(text=text.replace("\n\n", "\n"), id="")) is True  # it counts empty lines as lines
        and repetition.filter(Document(text=text, id="")) is True
        for text in texts
    ]
    assert kept.tolist() == expected
    assert 100 < sum(expected) < 500
