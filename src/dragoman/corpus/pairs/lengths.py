"""Rules about length: words, characters, their ratios, the longest word. NaN where a script has no spaces."""

from __future__ import annotations

import numpy as np

from dragoman.corpus.pairs.batch import PairBatch, Side, measured_by
from dragoman.corpus.pairs.characters import letters_worth
from dragoman.corpus.pairs.rule import Limits, Measured, PairRule
from dragoman.recipe.schema import pairs as schema


class Words(PairRule):
    name, scale = "words", (0, 200)
    description = "Words on each side."

    def __init__(self, settings: schema.WordCount):
        self.settings = settings

    def measure(self, batch: PairBatch) -> Measured:
        return {f"{name}_words": side.words for name, side in batch.sides}

    def limits(self) -> dict[str, Limits]:
        limits = (self.settings.min, self.settings.max)
        return {"source_words": limits, "target_words": limits}


class Characters(PairRule):
    name, scale = "characters", (0, 2000)
    description = "Characters on each side."

    def __init__(self, settings: schema.CharacterCount):
        self.settings = settings

    def measure(self, batch: PairBatch) -> Measured:
        return {f"{name}_characters": measured_by([*map(len, side.texts)]) for name, side in batch.sides}

    def limits(self) -> dict[str, Limits]:
        return {f"{name}_characters": (None, self.settings.max) for name in ("source", "target")}


class LongestWord(PairRule):
    name, scale = "longest_word", (0, 80)
    description = "The characters of each side's longest word: longer ones are addresses, or texts run together."

    def __init__(self, settings: schema.LongestWord):
        self.settings = settings

    def measure(self, batch: PairBatch) -> Measured:
        return {f"{name}_longest": _longest(side) for name, side in batch.sides}

    def limits(self) -> dict[str, Limits]:
        return {f"{name}_longest": (None, self.settings.max) for name in ("source", "target")}


class WordRatio(PairRule):
    name, scale = "word_ratio", (1, 5)
    description = "How many words the longer side has for one of the shorter."

    def __init__(self, settings: schema.WordRatio):
        self.settings = settings

    def measure(self, batch: PairBatch) -> Measured:
        longer = np.maximum(batch.source.words, batch.target.words)
        shorter = np.minimum(batch.source.words, batch.target.words)
        ratios = longer / np.maximum(shorter, 1)
        return {"word_ratio": np.where(longer > self.settings.above, ratios, np.nan)}

    def limits(self) -> dict[str, Limits]:
        return {"word_ratio": (None, self.settings.max)}


class CharacterRatio(PairRule):
    name, scale = "character_ratio", (1, 5)
    description = "How many characters the longer side has for one of the shorter; an ideograph counts as three."

    def __init__(self, settings: schema.CharacterRatio):
        self.settings = settings

    def measure(self, batch: PairBatch) -> Measured:
        source, target = (measured_by([*map(letters_worth, side.kinds)]) for _, side in batch.sides)
        longer = np.maximum(source, target)
        ratios = longer / np.maximum(np.minimum(source, target), 1)
        return {"character_ratio": np.where(longer > self.settings.above, ratios, np.nan)}

    def limits(self) -> dict[str, Limits]:
        return {"character_ratio": (None, self.settings.max)}


def _longest(side: Side) -> np.ndarray:
    """(N,) characters of each text's longest word."""
    longest = [max(map(len, text.split()), default=0) for text in side.texts]
    return np.where(np.isnan(side.words), np.nan, measured_by(longest))
