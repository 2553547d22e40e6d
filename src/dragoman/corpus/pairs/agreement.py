"""Rules about what both sides must have in common, and what not: numbers, the way they end, the whole text."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np

from dragoman.corpus.pairs.batch import PairBatch, measured_by
from dragoman.corpus.pairs.characters import DIGIT, SPACE
from dragoman.corpus.pairs.endings import differ, has_marks
from dragoman.corpus.pairs.numbers import unmatched
from dragoman.corpus.pairs.rule import Limits, Measured, PairRule
from dragoman.data.keys import normalise
from dragoman.recipe.schema import pairs as schema


class Copied(PairRule):
    name, scale = "copied", (0, 1)
    description = (
        "How similar the two sides are, as texts, by pairs of neighbouring characters: a copy is no translation."
    )

    def __init__(self, settings: schema.Copied):
        self.settings = settings

    def measure(self, batch: PairBatch) -> Measured:
        pairs = zip(batch.source.texts, batch.target.texts, strict=True)
        asked = (_units(batch) > self.settings.above).tolist()
        found = [_similarity(*pair) if long else np.nan for pair, long in zip(pairs, asked, strict=True)]
        return {"similarity": measured_by(found)}

    def limits(self) -> dict[str, Limits]:
        return {"similarity": (None, float(np.nextafter(self.settings.similarity, 0)))}


class Digits(PairRule):
    name = "digits"
    description = "How many numbers of one side have no counterpart on the other."

    def __init__(self, settings: schema.Digits):
        self.settings = settings

    def measure(self, batch: PairBatch) -> Measured:
        rows = zip(batch.source.texts, batch.target.texts, batch.source.kinds, batch.target.kinds, strict=True)
        return {
            "unmatched_numbers": measured_by([
                unmatched(source, target, self.settings.spelled) if DIGIT in kinds or DIGIT in other else 0
                for source, target, kinds, other in rows
            ])
        }  # fmt: skip

    def limits(self) -> dict[str, Limits]:
        return {"unmatched_numbers": (None, 0)}


class Terminal(PairRule):
    name = "terminal"
    description = "Whether one side ends as a question, or goes on, and the other does not (1), or both end alike (0)."

    def measure(self, batch: PairBatch) -> Measured:
        rows = zip(batch.source.texts, batch.target.texts, batch.source.kinds, batch.target.kinds, strict=True)
        return {
            "endings_differ": measured_by([
                differ(source, target) if has_marks(kinds) and has_marks(other) else np.nan
                for source, target, kinds, other in rows
            ])
        }  # fmt: skip

    def limits(self) -> dict[str, Limits]:
        return {"endings_differ": (None, 0)}


def _units(batch: PairBatch) -> np.ndarray:
    """(N,) words of the longer side; characters where it is in a script without spaces."""
    sides = [
        np.where(np.isnan(side.words), [len(own) - own.count(SPACE) for own in side.kinds], side.words)
        for _, side in batch.sides
    ]
    return np.maximum(*sides)


def _similarity(source: str, target: str) -> float:
    """Twice the pairs of neighbouring characters that both texts have, over all that they have (Dice); case aside."""
    first, second = (Counter(pairwise(f" {normalise(text)} ")) for text in (source, target))
    return 2 * (first & second).total() / (first.total() + second.total())
