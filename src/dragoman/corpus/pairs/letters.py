"""Rules about what a text is made of: letters, the scripts of its language, its language."""

from __future__ import annotations

import numpy as np

from dragoman.corpus.pairs.batch import Floats, PairBatch, Side, measured_by
from dragoman.corpus.pairs.characters import SPACE, count_letters, count_of
from dragoman.corpus.pairs.rule import Limits, Measured, PairRule
from dragoman.corpus.pairs.scripts import alike, scripts_of
from dragoman.recipe.schema import pairs as schema


class Alphabetic(PairRule):
    name, scale = "alphabetic", (0, 1)
    description = "The share of letters in all that is no white space, on each side."

    def __init__(self, settings: schema.Alphabetic):
        self.settings = settings

    def measure(self, batch: PairBatch) -> Measured:
        return {f"{name}_letters": measured_by([*map(_share_of_letters, side.kinds)]) for name, side in batch.sides}

    def limits(self) -> dict[str, Limits]:
        return {f"{name}_letters": (self.settings.min, None) for name in ("source", "target")}


class Script(PairRule):
    """languages: known codes of source and target."""

    name, scale = "script", (0, 1)
    description = "The share of each side's letters that are in the scripts of its language."

    def __init__(self, settings: schema.Script, languages: tuple[str, str]):
        self.settings, self.scripts = settings, [scripts_of(code) for code in languages]

    def measure(self, batch: PairBatch) -> Measured:
        return {
            f"{name}_in_script": measured_by([_share_in(own, scripts) for own in side.kinds])
            for (name, side), scripts in zip(batch.sides, self.scripts, strict=True)
        }

    def limits(self) -> dict[str, Limits]:
        return {f"{name}_in_script": (self.settings.min, None) for name in ("source", "target")}


class Language(PairRule):
    """languages: known codes of source and target."""

    name, scale = "language", (0, 1)
    description = "How sure it is that each side is in its language; 0 where it seems to be in another one."

    def __init__(self, settings: schema.LanguageId, languages: tuple[str, str]):
        self.settings, self.accepted = settings, [alike(code) for code in languages]

    def measure(self, batch: PairBatch) -> Measured:
        return {
            f"{name}_in_language": self._confidence(side, accepted)
            for (name, side), accepted in zip(batch.sides, self.accepted, strict=True)
        }

    def limits(self) -> dict[str, Limits]:
        return {f"{name}_in_language": (self.settings.min, None) for name in ("source", "target")}

    def _confidence(self, side: Side, accepted: frozenset[str]) -> Floats:
        """(N,): NaN for texts that are too short to tell."""
        from dragoman.corpus.languages import identify  # loads a model

        found = np.full(len(side.texts), np.nan)
        long = [place for place, text in enumerate(side.texts) if len(text) >= self.settings.above]
        told = identify([side.texts[place] for place in long])
        for place, (code, score) in zip(long, told, strict=True):
            found[place] = score if code in accepted else 0.0
        return found


def _share_of_letters(kinds: str) -> float:
    return count_letters(kinds) / max(len(kinds) - kinds.count(SPACE), 1)


def _share_in(kinds: str, scripts: str) -> float:
    letters = count_letters(kinds)
    return count_of(kinds, scripts) / letters if letters else np.nan
