"""Lines and paragraphs that a document repeats (Rae et al. 2021, arXiv 2112.11446, table A1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dragoman.corpus.rules.rule import Rechecked
from dragoman.corpus.rules.words import Mask, Numbers, Spans, Words, share
from dragoman.corpus.spans import Hashes, Places, mix

FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class DuplicateSpans(Rechecked):
    """Lines or paragraphs that repeat an earlier one: their share of all, or their share of the text's characters."""

    unit: Literal["lines", "paragraphs"]
    of: Literal["count", "characters"]

    def upper_bound(self, batch: Words, among: Mask) -> Numbers:
        counts, characters = batch.once(_REPEATED[self.unit])
        if self.of == "count":
            return share(counts, batch.spans(self.unit).counts)
        return share(characters, batch.characters)

    def exact(self, batch: Words, document: int) -> float:
        spans = batch.spans(self.unit)
        chosen = slice(*spans.bounds[document : document + 2])
        starts, stops = spans.starts[chosen], spans.stops[chosen]
        count = characters = 0
        seen: set[bytes] = set()
        whole = batch.data[starts[0] : stops[-1]].tobytes()
        edges = zip((starts - starts[0]).tolist(), (stops - starts[0]).tolist(), strict=True)
        for (start, stop), length in zip(edges, batch.lengths(starts, stops).tolist(), strict=True):
            piece = whole[start:stop]
            if piece in seen:
                count, characters = count + 1, characters + length
            seen.add(piece)
        return count / len(starts) if self.of == "count" else characters / int(batch.characters[document])


def _repeated_lines(batch: Words) -> tuple[Numbers, Numbers]:
    return _repeated(batch, batch.lines)


def _repeated_paragraphs(batch: Words) -> tuple[Numbers, Numbers]:
    return _repeated(batch, batch.paragraphs)


_REPEATED = {"lines": _repeated_lines, "paragraphs": _repeated_paragraphs}


def _repeated(batch: Words, spans: Spans) -> tuple[Numbers, Numbers]:
    """How many spans of each document repeat an earlier one, and their characters, as their hashes tell (D,), (D,)."""
    repeated = later_ones(_hashes(batch, spans), spans.documents)
    lengths = batch.lengths(spans.starts, spans.stops)
    return spans.per_document(repeated), spans.per_document(np.where(repeated, lengths, 0))


def _hashes(batch: Words, spans: Spans) -> Hashes:
    """A hash of each span's words in their order (S,)."""
    if not len(spans):
        return np.zeros(0, np.uint64)
    sizes = np.diff(spans.words)
    places = np.arange(len(batch.starts)) - np.repeat(spans.words[:-1], sizes)
    turned = (batch.hashes + places.astype(np.uint64)) * FACTOR
    turned ^= turned >> np.uint64(32)
    return mix(np.add.reduceat(turned, spans.words[:-1]))


def later_ones(hashes: Hashes, documents: Places) -> Mask:
    """Whether an equal hash stands before each in its document (S,); S places take the hashes' lower bits."""
    later = np.zeros(len(hashes), bool)
    low = np.uint64((1 << len(hashes).bit_length()) - 1)
    keys = (mix(hashes + documents.astype(np.uint64) * FACTOR) & ~low) | np.arange(len(hashes), dtype=np.uint64)
    keys.sort()  # equal hashes side by side, in the order of their places
    later[(keys[1:] & low)[(keys[1:] ^ keys[:-1]) <= low]] = True
    return later
