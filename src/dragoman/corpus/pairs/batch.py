"""Some pairs together, with what several rules need to know of each side: computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus.pairs.characters import has_spaces, kinds

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Side:
    """N texts in one language.

    kinds: of each text its characters' kinds (see `characters`). words: (N,) how many, between white space; NaN for
    text in scripts without spaces, where that says nothing.
    """

    texts: list[str]
    kinds: list[str]
    words: Floats

    @classmethod
    def of(cls, texts: Sequence[str]) -> Side:
        marked = [kinds(text) for text in texts]
        counts = [len(text.split()) if has_spaces(own) else np.nan for text, own in zip(texts, marked, strict=True)]
        return cls(list(texts), marked, np.array(counts, float))

    def take(self, places: Places) -> Side:
        """Some of the texts."""
        return Side([self.texts[i] for i in places], [self.kinds[i] for i in places], self.words[places])


@dataclass(frozen=True)
class PairBatch:
    """N pairs: source[i] belongs to target[i]."""

    source: Side
    target: Side

    @classmethod
    def of(cls, sources: Sequence[str], targets: Sequence[str]) -> PairBatch:
        """Raises ValueError where the numbers of texts differ."""
        if len(sources) != len(targets):
            raise ValueError(f"{len(sources)} sources and {len(targets)} targets")
        return cls(Side.of(sources), Side.of(targets))

    def __len__(self) -> int:
        return len(self.source.texts)

    @property
    def sides(self) -> tuple[tuple[str, Side], tuple[str, Side]]:
        return ("source", self.source), ("target", self.target)

    def take(self, places: Places) -> PairBatch:
        return PairBatch(self.source.take(places), self.target.take(places))


def measured_by(values: Sequence[float]) -> Floats:
    return np.array(values, float)
