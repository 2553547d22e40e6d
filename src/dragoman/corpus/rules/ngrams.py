"""Groups of words that a document repeats (Rae et al. 2021, arXiv 2112.11446, table A1).

- Two words in a row are hashed together with their document; hash and place are packed into one 64-bit number, and one
  sort brings equal groups side by side. Three words in a row can only be repeated where both pairs in them are, and so
  on: each size looks at what is left of the one before, which soon is little.
- Different groups under one hash can only make a document look more repetitive. A document that looks too repetitive
  is looked at again, word by word, at the places where the hashes found repetitions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dragoman.corpus.rules.repetition import FACTOR
from dragoman.corpus.rules.rule import Rechecked
from dragoman.corpus.rules.words import Mask, Numbers, Words, prefix_sums, share
from dragoman.corpus.spans import Places, mix


class Repeats(NamedTuple):
    """The groups of n words that occur more than once in their document.

    places: of their first words, ascending. order: a permutation of `places` that brings equal groups side by side,
    each group's places ascending. opens: whether a place, in that order, is the first of its group.
    """

    places: Places
    order: Places
    opens: Mask


class Ngrams:
    """All repeated groups of words in some documents of a batch, of two words and more."""

    def __init__(self, batch: Words, among: Mask):
        self.among = among
        self.words, self.documents, self.bounds = batch.hashes, batch.documents, batch.bounds
        self.sums = prefix_sums(batch.word_lengths, np.int64)  # characters before each word (W + 1,)
        self.left = np.repeat(batch.bounds[1:], batch.counts) - np.arange(len(batch.starts))  # words to the end (W,)
        follows = self.left > 1 if among.all() else (self.left > 1) & among[batch.documents]
        self._places = np.flatnonzero(follows)
        seeds = mix(np.arange(len(batch), dtype=np.uint64))[batch.documents[self._places]]
        self._hashes = (self.words[self._places] * FACTOR + self.words[self._places + 1]) * FACTOR + seeds
        self._found: list[Repeats] = []

    def repeats(self, n: int) -> Repeats:
        """The repeated groups of n >= 2 words."""
        while len(self._found) < n - 1:
            if self._found:
                self._lengthen(len(self._found) + 1)
            self._found.append(self._find())
        return self._found[n - 2]

    def _find(self) -> Repeats:
        """What is repeated among the places; the others are forgotten."""
        count = len(self._places)
        low = np.uint64((1 << count.bit_length()) - 1)
        keys = self._hashes & ~low
        keys |= np.arange(count, dtype=np.uint64)
        keys.sort()
        again = np.zeros(count + 1, bool)  # whether a key has the hash of the one before
        np.less_equal(keys[1:] ^ keys[:-1], low, out=again[1:count])
        grouped = again[:-1] | again[1:]
        indexes = (keys[grouped] & low).astype(np.int64)
        chosen = np.zeros(count, bool)
        chosen[indexes] = True
        order = (prefix_sums(chosen, np.int64))[indexes]
        self._places, self._hashes = self._places[chosen], self._hashes[chosen]
        return Repeats(self._places, order, ~again[:-1][grouped])

    def _lengthen(self, n: int) -> None:
        """From groups of n words to the groups of n + 1 words that may be repeated."""
        places = self._places
        next_too = np.flatnonzero((places[1:] == places[:-1] + 1) & (self.left[places[:-1]] > n))
        self._places = places[next_too]
        self._hashes = self._hashes[next_too] * FACTOR + self.words[self._places + n]

    def top(self, n: int) -> Numbers:
        """At least the characters of all occurrences of each document's most frequent group, spaces included (D,)."""
        places, order, opens = self.repeats(n)
        most = np.zeros(len(self.among), np.int64)
        if len(places):
            begins = np.flatnonzero(opens)
            lengths = (self.sums[places + n] - self.sums[places] + (n - 1))[order]
            counts = np.diff(np.append(begins, len(order)))
            longest = np.maximum.reduceat(lengths, begins)
            np.maximum.at(most, self.documents[places[order[begins]]], counts * longest)
        return most

    def repeated(self, n: int) -> Numbers:
        """Characters of words in a group that repeats an earlier one, white space aside (D,)."""
        places, order, opens = self.repeats(n)
        later = np.zeros(len(places), bool)
        later[order[~opens]] = True
        starts = places[later]
        covered = np.append(0, starts[:-1] + n)[: len(starts)]  # words before this are counted already
        characters = self.sums[starts + n] - self.sums[np.maximum(starts, covered)]
        return np.bincount(self.documents[starts], characters, minlength=len(self.among))

    def places(self, n: int, document: int) -> list[int]:
        """Where repeated groups begin in a document, as numbers of its words."""
        places, (begin, end) = self.repeats(n).places, self.bounds[document : document + 2]
        i, j = np.searchsorted(places, (begin, end))
        return (places[i:j] - begin).tolist()


def ngrams_of(batch: Words, among: Mask) -> Ngrams:
    """The groups of these documents and perhaps of more: rules look at fewer and fewer documents."""
    found = batch.kept.get(Ngrams)
    if not isinstance(found, Ngrams) or (among & ~found.among).any():
        found = batch.kept[Ngrams] = Ngrams(batch, among)
    return found


@dataclass(frozen=True)
class TopNgram(Rechecked):
    """Characters of all occurrences of the most frequent n words in a row, the first such at a tie, to a text's own.

    Words are joined by one space each. It is 0 where no n words occur twice.
    """

    n: int

    def upper_bound(self, batch: Words, among: Mask) -> Numbers:
        return share(ngrams_of(batch, among).top(self.n), batch.characters)

    def exact(self, batch: Words, document: int) -> float:
        places = ngrams_of(batch, batch.alone(document)).places(self.n, document)
        return top_characters(batch.text(document).split(), places, self.n) / int(batch.characters[document])


@dataclass(frozen=True)
class DuplicateNgrams(Rechecked):
    """Characters in repetitions of n words in a row, white space aside, to a text's own.

    Repetitions are counted from the left and never overlap: words after one begin anew.
    """

    n: int

    def upper_bound(self, batch: Words, among: Mask) -> Numbers:
        return share(ngrams_of(batch, among).repeated(self.n), batch.characters)

    def exact(self, batch: Words, document: int) -> float:
        places = ngrams_of(batch, batch.alone(document)).places(self.n, document)
        return repeated_characters(batch.text(document).split(), places, self.n) / int(batch.characters[document])


def top_characters(words: Sequence[str], places: Sequence[int], n: int) -> int:
    """Characters of the most frequent group's occurrences. places: where groups begin that may occur more than once."""
    counts = Counter(tuple(words[place : place + n]) for place in places)
    if not counts:
        return 0
    top = max(counts, key=counts.__getitem__)
    return counts[top] * (sum(map(len, top)) + n - 1) if counts[top] > 1 else 0


def repeated_characters(words: Sequence[str], places: Sequence[int], n: int) -> int:
    """Characters of the repetitions. places: where groups begin that may occur more than once, ascending."""
    seen: set[tuple[str, ...]] = set()
    characters = end = 0
    for place in places:
        if place < end:
            continue
        group = tuple(words[place : place + n])
        if group in seen:
            characters += sum(map(len, group))
            end = place + n
        seen.add(group)
    return characters
