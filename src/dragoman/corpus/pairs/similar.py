"""Texts that are nearly the same as one before: in their letters and digits, or in most sequences of four characters.

The similarity is Jaccard's, of the two sets of sequences, estimated from 64 minima (`corpus.duplicates.minhash`): its
standard error is .04 at a similarity of .9. Texts are compared where one of eight bands of six minima agrees, which is
almost certain from .85 on; of a band's texts the first ones are looked at, so that time is bounded too. No text is
kept: an entry costs 172 bytes.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus.duplicates.minhash import band_hashes, shortened, signatures, similarities
from dragoman.corpus.pairs.key_index import KeyIndex
from dragoman.corpus.spans import mix
from dragoman.data.keys import normalise

SEQUENCE = 4  # characters
MINIMA, BANDS, BAND_MINIMA = 64, 8, 6
COMPARED = 64  # texts of one band
TOGETHER = 512  # texts that are sketched at a time
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Sketch:
    """What is known of a text. key: of its letters and digits. bands: a key for each. minima: (64,) a byte of each."""

    key: int
    bands: tuple[int, ...]
    minima: NDArray[np.uint8]


@dataclass(frozen=True)
class Likeness:
    """The most similar text before: its number, counted from 0."""

    similarity: float
    number: int


class SimilarTexts:
    """Texts to compare others with. similarity: the least that counts; at 1 only equal letters and digits do."""

    def __init__(self, similarity: float):
        self.similarity, self.count = similarity, 0
        self._keys, self._bands = KeyIndex(), KeyIndex()
        self._minima = np.zeros((0, MINIMA), np.uint8)

    def sketch(self, texts: Sequence[str]) -> list[Sketch]:
        folded = [fold(text) for text in texts]
        keys = [_key(text) for text in folded]
        if self.similarity >= 1 or not texts:
            return [Sketch(key, (), np.zeros(0, np.uint8)) for key in keys]
        least = signatures(*_sequences(folded), MINIMA)
        hashes = band_hashes(least[:, : BANDS * BAND_MINIMA], BANDS).astype(np.uint64)
        bands = (hashes << np.uint64(8) | np.arange(BANDS, dtype=np.uint64)).tolist()
        return [Sketch(*own) for own in zip(keys, map(tuple, bands), shortened(least), strict=True)]

    def find(self, sketch: Sketch) -> Likeness | None:
        """The most similar text, the first of equals; None where none is similar enough."""
        if same := self._keys.find([sketch.key]):
            return Likeness(1.0, same[0])
        numbers = self._bands.find(sketch.bands, COMPARED) if sketch.bands else []
        if not numbers:
            return None
        found = similarities(sketch.minima[None], self._minima[numbers])
        best = int(found.argmax())
        return Likeness(float(found[best]), numbers[best]) if found[best] >= self.similarity else None

    def add(self, sketch: Sketch) -> None:
        self._keys.add(sketch.key, self.count)
        for band in sketch.bands:
            self._bands.add(band, self.count)
        if sketch.bands:
            if self.count == len(self._minima):
                grown = np.zeros((max(1024, self.count * 3 // 2), MINIMA), np.uint8)
                grown[: self.count] = self._minima
                self._minima = grown
            self._minima[self.count] = sketch.minima
        self.count += 1


class NearDuplicates:
    """Which texts are new, each compared with the new ones before it. similarity: from which on a text is not new."""

    def __init__(self, similarity: float = 0.9):
        self._texts = SimilarTexts(similarity)

    def add(self, text: str) -> bool:
        """Whether the text is new; it is remembered if it is."""
        (sketch,) = self._texts.sketch([text])
        if self._texts.find(sketch) is not None:
            return False
        self._texts.add(sketch)
        return True


class EvaluationOverlap:
    """Texts that no other data may hold. similarity: from which on a text is one of them."""

    def __init__(self, texts: Iterable[str], similarity: float = 0.9):
        self._texts = SimilarTexts(similarity)
        rest = iter(texts)
        while batch := list(islice(rest, TOGETHER)):
            for sketch in self._texts.sketch(batch):
                self._texts.add(sketch)

    def __len__(self) -> int:
        return self._texts.count

    def holds(self, text: str) -> bool:
        """Whether the text is one of them, or nearly."""
        return self.similarities([text]) != [0.0]

    def similarities(self, texts: Sequence[str]) -> list[float]:
        """Of each text, to the most similar one of them; 0 where none is similar enough."""
        found = (self._texts.find(sketch) for sketch in self._texts.sketch(texts))
        return [0.0 if one is None else one.similarity for one in found]


def fold(text: str) -> str:
    """The text's letters, marks and digits in words, without case; where it has none of them, its normal form."""
    normal = normalise(text)
    return " ".join(normal.translate(_FOLDED).split()) or normal


class _Folded(dict[int, str]):
    """Letters, marks and digits stay, the rest becomes a space; filled with the characters that come."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character if unicodedata.category(character)[0] in "LMN" else " "
        return self[code]


_FOLDED = _Folded()


def _key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "little")


def _sequences(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The hashes of all sequences of four characters (G,), and which of them each text has (N + 1,).

    A space stands before and after a text, so that its ends count as such; a short text is filled up with spaces.
    """
    padded = [f" {text} ".ljust(SEQUENCE) for text in texts]
    codes = np.frombuffer("".join(padded).encode("utf-32-le"), "<u4").astype(np.uint64)
    lengths = np.array([len(text) for text in padded])
    counts = lengths - (SEQUENCE - 1)
    bounds = np.concatenate(([0], np.cumsum(counts)))
    places = np.arange(bounds[-1]) + np.repeat(np.arange(len(texts)) * (SEQUENCE - 1), counts)
    hashes = np.zeros(len(places), np.uint64)
    for i in range(SEQUENCE):
        hashes = hashes * _MULTIPLIER + codes[places + i]
    return (mix(hashes) >> np.uint64(32)).astype(np.uint32), bounds
