"""MinHash: a short signature of a document's groups of words, from which the overlap of two documents is estimated.

- Broder 1997: the share of equal minima under random orders estimates the Jaccard similarity of two sets. The orders
  are multiply-and-add modulo 2^32 over hashes that are random already, 112 of them as a rule.
- Rows of a band are hashed together: two documents are compared where one of their bands agrees. With b bands of r rows
  that happens with probability 1 - (1 - s^r)^b at similarity s: .5 at .69 and .99 at .85 for 14 x 8.
- Of each minimum one byte is kept (b-bit minwise hashing, Li and Koenig 2010): two documents are compared by theirs.

The numbers are the same on every machine, with any version of NumPy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus.spans import Bytes, Hashes, Places, hash_spans, mix, word_spans

Words32 = NDArray[np.uint32]

BLOCK = 1 << 13  # groups of words that go through all orders at a time: half or twice as many are slower
_GOLDEN = 0x9E3779B97F4A7C15


def groups(data: Bytes, offsets: Places, n: int) -> tuple[Words32, Places]:
    """The hashes of all groups of n words in a row (G,), and which of them each text has (D + 1,).

    A text with fewer than n words has none.
    """
    starts, stops, bounds = word_spans(data, offsets)
    words = hash_spans(data, starts, stops)
    counts = np.maximum(np.diff(bounds) - (n - 1), 0)
    totals = np.concatenate(([0], np.cumsum(counts)))
    places = np.arange(totals[-1]) + np.repeat(bounds[:-1] - totals[:-1], counts)
    hashes = np.zeros(totals[-1], np.uint64)
    for i in range(n):
        hashes = hashes * np.uint64(_GOLDEN) + words[places + i]
    return (mix(hashes) >> np.uint64(32)).astype(np.uint32), totals


def signatures(hashes: Words32, bounds: Places, count: int) -> Words32:
    """The least of each text's hashes under `count` orders (D, count). A text without hashes has 2^32 - 1."""
    factors, terms = _orders(count)
    least = np.full((len(bounds) - 1, count), 0xFFFFFFFF, np.uint32)
    filled = np.flatnonzero(bounds[1:] > bounds[:-1])
    begins, ends = bounds[:-1][filled], bounds[1:][filled]
    values = np.empty((count, BLOCK), np.uint32)
    for start in range(0, len(hashes), BLOCK):
        stop = min(start + BLOCK, len(hashes))
        ordered = values[:, : stop - start]
        np.multiply(factors, hashes[start:stop], out=ordered)
        ordered += terms
        i, j = np.searchsorted(ends, start, "right"), np.searchsorted(begins, stop, "left")
        minima = np.minimum.reduceat(ordered, np.maximum(begins[i:j] - start, 0), axis=1)
        least[filled[i:j]] = np.minimum(least[filled[i:j]], minima.T)
    return least


def _orders(count: int) -> tuple[Words32, Words32]:
    """Factors and terms, (count, 1) each."""
    drawn = mix(np.arange(1, 2 * count + 1, dtype=np.uint64) * np.uint64(_GOLDEN)) >> np.uint64(32)
    factors, terms = drawn.astype(np.uint32).reshape(2, count, 1)
    return factors | np.uint32(1), terms


def band_hashes(least: Words32, bands: int) -> Words32:
    """A hash of each band (D, bands) of signatures (D, bands x rows)."""
    rows = least.reshape(len(least), bands, least.shape[1] // bands).astype(np.uint64)
    hashes: Hashes = np.broadcast_to(np.arange(bands, dtype=np.uint64), rows.shape[:2])
    for i in range(rows.shape[2]):
        hashes = mix(hashes * np.uint64(_GOLDEN) + rows[:, :, i])
    return (hashes >> np.uint64(32)).astype(np.uint32)


def shortened(least: Words32) -> Bytes:
    """One byte of each minimum (D, count)."""
    return (least * np.uint32(_GOLDEN & 0xFFFFFFFF) >> np.uint32(24)).astype(np.uint8)


def similarities(some: Bytes, others: Bytes) -> NDArray[np.float64]:
    """The estimated Jaccard similarity (P,) of pairs of shortened signatures, (P, count) each."""
    equal = (some == others).mean(axis=1)
    by_chance = 2**-8
    return (equal - by_chance) / (1 - by_chance)
