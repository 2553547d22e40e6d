"""The lines of a batch of texts, all at once, and the texts again with some of their lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dragoman.corpus.spans import Bytes, Hashes, Places, as_bytes, as_texts, hash_spans

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Lines:
    """L lines of D texts. Lines end at "\\n" alone, the line end is not part of them; every text has at least one.

    data: the texts' UTF-8 bytes (B,). offsets: where texts begin and end (D + 1,). starts, stops: of the lines (L,).
    bounds: text i has the lines from bounds[i] to bounds[i + 1] (D + 1,).
    """

    data: Bytes
    offsets: Places
    starts: Places
    stops: Places
    bounds: Places

    @classmethod
    def of(cls, texts: pa.Array) -> Lines:
        """The lines of a `large_string` array without nulls."""
        data, offsets = as_bytes(texts)
        ends = np.flatnonzero(data == 0x0A)
        bounds = np.searchsorted(ends, offsets) + np.arange(len(offsets))
        starts, stops = np.empty(bounds[-1], np.int64), np.empty(bounds[-1], np.int64)
        opens, closes = np.zeros(bounds[-1], bool), np.zeros(bounds[-1], bool)
        opens[bounds[:-1]] = closes[bounds[1:] - 1] = True
        starts[opens], starts[~opens] = offsets[:-1], ends + 1
        stops[closes], stops[~closes] = offsets[1:], ends
        return cls(data, offsets, starts, stops, bounds)

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def document(self) -> Places:
        """Which text each line belongs to (L,)."""
        return np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))

    @cached_property
    def characters(self) -> Places:
        """Code points of each line (L,)."""
        continued = np.zeros(len(self.data) + 1, np.int64)
        np.cumsum((self.data & 0xC0) == 0x80, out=continued[1:])
        return self.stops - self.starts - (continued[self.stops] - continued[self.starts])

    @cached_property
    def hashes(self) -> Hashes:
        """(L,)"""
        return hash_spans(self.data, self.starts, self.stops)

    @cached_property
    def repeated(self) -> Mask:
        """Which lines have been in their text before (L,)."""
        order = np.lexsort((self.hashes, self.document))  # stable: equal lines stay in their order
        hashes, documents = self.hashes[order], self.document[order]
        found = np.zeros(len(self), bool)
        found[order[1:][(hashes[1:] == hashes[:-1]) & (documents[1:] == documents[:-1])]] = True
        return found

    def column(self) -> pa.Array:
        """The lines themselves, as a `large_string` array (L,)."""
        lasts = np.zeros(len(self), bool)
        lasts[self.bounds[1:] - 1] = True
        inside = np.ones(len(self.data), bool)
        inside[self.stops[~lasts]] = False  # the line ends
        lengths = np.concatenate(([0], self.stops - self.starts))
        return as_texts(self.data[inside], np.cumsum(lengths))

    def keep(self, kept: Mask) -> pa.Array:
        """The D texts with only these lines (L,). Empty lines at the ends of a text go too, and all but one of several.

        A text that loses all its lines is empty.
        """
        if not len(self):
            return as_texts(self.data, self.offsets)
        kept = self._without_blanks(kept)
        places = np.flatnonzero(kept)
        documents = self.document[places]
        finals = places[np.append(documents[1:] != documents[:-1], True)] if len(places) else places
        lengths = self.stops - self.starts
        lengths[np.append(np.diff(self.document) == 0, False)] += (
            1  # the line end, where it is not the text's last line
        )
        inside = np.repeat(kept, lengths)
        ended = finals[lengths[finals] > self.stops[finals] - self.starts[finals]]
        inside[self.stops[ended]] = False
        sizes = np.where(kept, lengths, 0)
        sizes[ended] -= 1
        totals = np.concatenate(([0], np.cumsum(sizes)))
        return as_texts(self.data[inside], totals[self.bounds])

    def _without_blanks(self, kept: Mask) -> Mask:
        kept = kept.copy()
        places = np.flatnonzero(kept)
        if not len(places):
            return kept
        blank, documents = self.starts[places] == self.stops[places], self.document[places]
        opens = np.append(True, documents[1:] != documents[:-1])
        superfluous = blank & (opens | np.append(True, blank[:-1]))
        kept[places[superfluous]] = False
        places, blank, documents = places[~superfluous], blank[~superfluous], documents[~superfluous]
        if len(places):
            closes = np.append(documents[1:] != documents[:-1], True)
            kept[places[blank & closes]] = False
        return kept


@dataclass(frozen=True)
class Stripped:
    """Texts that have lost lines. reasons: why each line went, a place in `names` counted from 1; 0: it stays (L,)."""

    texts: pa.Array
    lines: Lines
    reasons: NDArray[np.int8]
    names: tuple[str, ...]

    @classmethod
    def of(cls, lines: Lines, reasons: NDArray[np.integer], names: tuple[str, ...]) -> Stripped:
        return cls(lines.keep(reasons == 0), lines, reasons.astype(np.int8), names)

    def counts(self) -> dict[str, tuple[int, int]]:
        """For each reason the lines that went, and their bytes."""
        sizes = self.lines.stops - self.lines.starts
        gone = {name: self.reasons == i for i, name in enumerate(self.names, 1)}
        return {name: (int(mask.sum()), int(sizes[mask].sum())) for name, mask in gone.items() if mask.any()}

    def sample(self, name: str, count: int) -> list[tuple[int, str]]:
        """The first lines that went for a reason: which text they were in, and the line."""
        places = np.flatnonzero(self.reasons == self.names.index(name) + 1)[:count]
        spans = zip(self.lines.starts[places], self.lines.stops[places], strict=True)
        texts = [self.lines.data[start:stop].tobytes().decode("utf-8") for start, stop in spans]
        return list(zip(self.lines.document[places].tolist(), texts, strict=True))
