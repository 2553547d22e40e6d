"""How many different ones of its language's commonest words a document has: the sign of running text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dragoman.corpus.rules.rule import Limited
from dragoman.corpus.rules.words import Mask, Numbers, Words
from dragoman.corpus.spans import Bytes, Places, hash_spans

SLOT_BITS = 12  # of a table in which a word's hash is looked up


@dataclass(frozen=True)
class StopWords(Limited):
    """It is not a number where the language is known and has no list; where it is unknown, the best list counts."""

    words: Mapping[str, tuple[str, ...]]

    def values(self, batch: Words, among: Mask) -> Numbers:
        present = self._table.present(batch)
        numbers = {code: present[:, self._columns(code)].sum(axis=1).astype(float) for code in self.words}
        best = np.max(list(numbers.values()), axis=0)
        languages = np.array(batch.languages, dtype=object)
        values = np.where(languages == "", best, np.nan)
        for code, found in numbers.items():
            chosen = languages == code
            values[chosen] = found[chosen]
        return values

    @cached_property
    def _table(self) -> _Table:
        return _Table(word for words in self.words.values() for word in words)

    def _columns(self, code: str) -> list[int]:
        return [self._table.words.index(word.encode()) for word in dict.fromkeys(self.words[code])]


class _Table:
    """Some words, to be found among a batch's. Hashes find them; of each find in a document one is compared."""

    def __init__(self, words: Iterable[str]):
        self.words = sorted({word.encode() for word in words})
        self.bits = SLOT_BITS
        self.stops: Places = np.cumsum([len(word) for word in self.words])
        self.starts = np.append(0, self.stops[:-1])
        self.data: Bytes = np.frombuffer(b"".join(self.words), np.uint8)
        hashes = hash_spans(self.data, self.starts, self.stops)
        while len(np.unique(hashes >> np.uint64(64 - self.bits))) < len(self.words):
            self.bits += 1  # until no two words share a slot
        slots = (hashes >> np.uint64(64 - self.bits)).astype(np.int64)
        self.hashes, self.numbers = np.zeros(1 << self.bits, np.uint64), np.zeros(1 << self.bits, np.int64)
        self.hashes[slots], self.numbers[slots] = hashes, np.arange(len(self.words))

    def present(self, batch: Words) -> Mask:
        """Which of the words each document has (D, words)."""
        slots = (batch.hashes >> np.uint64(64 - self.bits)).astype(np.int64)
        found = np.flatnonzero(self.hashes[slots] == batch.hashes)
        finds = batch.documents[found] * len(self.words) + self.numbers[slots[found]]
        places = np.full(len(batch) * len(self.words), -1)
        places[finds] = found  # one of each
        first = np.flatnonzero(places >= 0)
        present = np.zeros(len(places), bool)
        present[first] = self._are(batch, places[first], first % len(self.words))
        for find in first[~present[first]]:  # another word with this word's hash: this word may stand elsewhere
            others = found[finds == find]
            present[find] = self._are(batch, others, np.full(len(others), find % len(self.words))).any()
        return present.reshape(len(batch), len(self.words))

    def _are(self, batch: Words, places: Places, numbers: Places) -> Mask:
        """Whether the batch's words at these places (N,) are these words (N,)."""
        starts, lengths = batch.starts[places], self.stops[numbers] - self.starts[numbers]
        same = batch.stops[places] - starts == lengths
        for i in range(int(lengths.max(initial=0))):
            rows = np.flatnonzero(same & (lengths > i))
            same[rows] = batch.data[starts[rows] + i] == self.data[self.starts[numbers[rows]] + i]
        return same
