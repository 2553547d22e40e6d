"""One batch of documents as NumPy arrays over its Arrow buffers: its words, lines and characters, computed once.

Everything that rules measure comes from here. A word is what `str.split` yields, a line is what stands between two
"\\n" without white space at its ends; lines without any word are no lines. D documents, B bytes, W words, L lines.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeVar, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dragoman.corpus.rules.characters import CLOSING, CONTINUED, KINDS, LETTER, SPACE, SYMBOL, UPPER
from dragoman.corpus.spans import Bytes, Hashes, Places, as_bytes, as_column, as_texts, hash_spans

Mask = NDArray[np.bool_]
Numbers = NDArray[Any]
Made = TypeVar("Made")

MOST_CLOSING = 12  # bytes of quotes and brackets that may follow a sentence's mark


@dataclass(frozen=True)
class Spans:
    """S runs of words, in order: the lines or the paragraphs of a batch.

    words: the first word of each (S + 1,), the last entry being W. starts, stops: their bytes (S,), from first to last
    word. bounds: document i has those from bounds[i] to bounds[i + 1] (D + 1,).
    """

    words: Places
    starts: Places
    stops: Places
    bounds: Places

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def counts(self) -> Places:
        """How many each document has (D,)."""
        return np.diff(self.bounds)

    @cached_property
    def documents(self) -> Places:
        """The document of each (S,)."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    def per_document(self, values: Numbers) -> Numbers:
        """The sum of each document's values: (S,) -> (D,)."""
        return sums(values, self.bounds)


class Words:
    """A batch of documents.

    texts: without nulls. languages: each document's code, "" where it is unknown (None: all are unknown). exact: have
    every measure exact, as for showing it; else it is exact wherever the verdict depends on that.
    """

    def __init__(
        self, texts: pa.Array | pa.ChunkedArray, languages: Sequence[str] | None = None, *, exact: bool = False
    ):
        self.texts = as_column(texts)
        self.languages = [""] * len(self.texts) if languages is None else list(languages)
        self.exact = exact
        if len(self.languages) != len(self.texts):
            raise ValueError(f"{len(self.texts)} documents with {len(self.languages)} languages")
        self.data, self.offsets = as_bytes(self.texts)
        self.kept: dict[Hashable, object] = {}  # what several rules need besides

    def __len__(self) -> int:
        return len(self.texts)

    def once(self, make: Callable[[Words], Made]) -> Made:
        """What `make` makes of the batch, made once for all rules that ask for it."""
        if make not in self.kept:
            self.kept[make] = make(self)
        return cast(Made, self.kept[make])

    def alone(self, document: int) -> Mask:
        """All documents but one left out."""
        chosen = np.zeros(len(self), bool)
        chosen[document] = True
        return chosen

    def text(self, document: int) -> str:
        return bytes(self.data[self.offsets[document] : self.offsets[document + 1]]).decode()

    # ---- characters --------------------------------------------------------------------------------------------------

    @cached_property
    def leads(self) -> Places:
        """Where characters outside ASCII begin."""
        return np.flatnonzero(self.data >= 0xC0)

    @cached_property
    def kinds(self) -> Bytes:
        """The kind of character that each byte belongs to, as bits of `characters` (B,)."""
        return KINDS.look_up(self.data, self.leads, continued=CONTINUED)

    @cached_property
    def _before(self) -> Numbers | None:
        """How many characters begin before each byte (B + 1,); None where that is the byte's own place."""
        return prefix_sums(self.kinds < CONTINUED) if len(self.leads) else None

    def lengths(self, starts: Places, stops: Places) -> Numbers:
        """Characters of spans of bytes (S,)."""
        return stops - starts if self._before is None else self._before[stops] - self._before[starts]

    @cached_property
    def characters(self) -> Numbers:
        """Characters of each document (D,)."""
        return self.lengths(self.offsets[:-1], self.offsets[1:])

    def count_kind(self, kind: int) -> Numbers:
        """Characters of a kind in each document (D,)."""
        return sums((self.kinds & (kind | CONTINUED)) - 1 < CONTINUED - 1, self.offsets)

    @cached_property
    def upper_case(self) -> Numbers:
        """Upper-case letters in each document (D,)."""
        return sums(UPPER.look_up(self.data, self.leads, continued=2) == 1, self.offsets)

    def count_places(self, places: Places) -> Numbers:
        """How many of some bytes' places, in ascending order, are in each document (D,)."""
        return np.diff(np.searchsorted(places, self.offsets))

    def places_of(self, character: str) -> Places:
        """Where a character stands."""
        first, *rest = character.encode()
        places = np.flatnonzero(self.data == first)
        for i, byte in enumerate(rest, 1):
            places = places[self.data[places + i] == byte]
        return places

    # ---- words -------------------------------------------------------------------------------------------------------

    @cached_property
    def _edges(self) -> tuple[Places, Places]:
        inside = (self.kinds & SPACE) == 0
        first, last = inside.copy(), inside.copy()
        first[1:] &= ~inside[:-1]
        last[:-1] &= ~inside[1:]
        filled = self.offsets[:-1] < self.offsets[1:]
        begins, ends = self.offsets[:-1][filled], self.offsets[1:][filled] - 1  # documents lie side by side
        first[begins], last[ends] = inside[begins], inside[ends]
        return np.flatnonzero(first), np.flatnonzero(last) + 1

    @property
    def starts(self) -> Places:
        """Where words begin (W,)."""
        return self._edges[0]

    @property
    def stops(self) -> Places:
        """Where words end (W,)."""
        return self._edges[1]

    @cached_property
    def bounds(self) -> Places:
        """Document i has the words from bounds[i] to bounds[i + 1] (D + 1,)."""
        return np.searchsorted(self.starts, self.offsets)

    @cached_property
    def counts(self) -> Numbers:
        """Words of each document (D,)."""
        return np.diff(self.bounds)

    @cached_property
    def documents(self) -> Places:
        """The document of each word (W,)."""
        return np.repeat(np.arange(len(self)), self.counts)

    @cached_property
    def word_lengths(self) -> Numbers:
        """Characters of each word (W,)."""
        return self.lengths(self.starts, self.stops)

    @cached_property
    def hashes(self) -> Hashes:
        """A 64-bit hash of each word (W,): the same on every machine."""
        return hash_spans(self.data, self.starts, self.stops)

    @cached_property
    def _has_letter_or_none(self) -> tuple[Mask, Mask]:
        """Whether a word has a letter, and whether it is all symbols (W,)."""
        lettered = (self.kinds[self.starts] & LETTER) != 0  # of most words the first character tells both
        symbols = np.zeros(len(lettered), bool)
        others = np.flatnonzero(~lettered)
        if len(others):
            edges = np.stack((self.starts[others], self.stops[others]), axis=1).ravel()
            kinds = np.append(self.kinds, np.uint8(0))  # a word may end with the batch
            lettered[others] = (np.bitwise_or.reduceat(kinds, edges)[::2] & LETTER) != 0
            symbols[others] = (np.bitwise_and.reduceat(kinds, edges)[::2] & SYMBOL) != 0
        return lettered, symbols

    @property
    def lettered(self) -> Mask:
        """Words with a letter (W,)."""
        return self._has_letter_or_none[0]

    @property
    def plain(self) -> Mask:
        """Words that are more than punctuation and symbols (W,)."""
        return ~self._has_letter_or_none[1]

    def last_kinds(self, starts: Places, stops: Places) -> Bytes:
        """The kind of the last character of spans (S,), behind which quotes and closing brackets may stand."""
        last = stops - 1
        closing = np.flatnonzero(self.kinds[last] & CLOSING)
        for _ in range(MOST_CLOSING):
            closing = closing[last[closing] > starts[closing]]
            if not len(closing):
                break
            last[closing] -= 1
            closing = closing[(self.kinds[last[closing]] & CLOSING) != 0]
        return self.kinds[last]

    # ---- lines -------------------------------------------------------------------------------------------------------

    @cached_property
    def newlines(self) -> Places:
        """Where "\\n" stands."""
        return np.flatnonzero(self.data == 0x0A)

    @cached_property
    def lines(self) -> Spans:
        """The lines."""
        return self._spans(self.newlines)

    @cached_property
    def rows(self) -> Places:
        """How many "\\n" stand before each line in the batch (L,)."""
        return np.searchsorted(self.newlines, self.lines.starts)

    @cached_property
    def paragraphs(self) -> Spans:
        """Lines in a row without a blank line between them."""
        return self._spans(self.lines.starts[np.append(True, np.diff(self.rows) > 1)[: len(self.lines)]])

    def spans(self, unit: Literal["lines", "paragraphs"]) -> Spans:
        """The lines or the paragraphs."""
        return self.lines if unit == "lines" else self.paragraphs

    def _spans(self, breaks: Places) -> Spans:
        """Runs of words between breaks: places of bytes at or after which something new begins."""
        new = np.zeros(len(self.starts) + 1, bool)
        new[np.searchsorted(self.starts, breaks)] = True
        new[self.bounds] = True
        new[-1] = True
        words = np.flatnonzero(new)
        return Spans(
            words, self.starts[words[:-1]], self.stops[words[1:] - 1], np.searchsorted(words[:-1], self.bounds)
        )

    @cached_property
    def line_lengths(self) -> Numbers:
        """Characters of each line (L,)."""
        return self.lengths(self.lines.starts, self.lines.stops)

    @cached_property
    def line_column(self) -> pa.Array:
        """The lines as a `large_string` array (L,)."""
        lines = self.lines
        steps = np.zeros(len(self.data) + 1, np.int8)
        steps[lines.starts] = 1
        steps[lines.stops] -= 1  # no two lines touch but where documents do
        inside = np.cumsum(steps[:-1], dtype=np.int8).view(bool)
        return as_texts(self.data[inside], prefix_sums(lines.stops - lines.starts, np.int64))


def prefix_sums(values: Numbers, kind: Any = np.int32) -> Numbers:
    """(N,) -> (N + 1,): the sum of all values before each place."""
    totals = np.zeros(len(values) + 1, kind)
    np.cumsum(values, out=totals[1:])
    return totals


def sums(values: Numbers, bounds: Places) -> Numbers:
    """The sums of the runs of values that begin at bounds[i] and end before bounds[i + 1]."""
    totals = prefix_sums(values, np.int64)
    return totals[bounds[1:]] - totals[bounds[:-1]]


def share(parts: Numbers, wholes: Numbers) -> NDArray[np.float64]:
    """parts / wholes, and 0 where there is no whole."""
    return np.divide(parts, wholes, out=np.zeros(len(wholes)), where=wholes > 0)
