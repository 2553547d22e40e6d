"""Texts as bytes: a column's UTF-8 buffer, spans of it (words, lines), and the spans' 64-bit hashes.

A span's hash is a polynomial over its bytes modulo 2^64, taken from prefix sums, so that a batch costs a few passes of
NumPy over its bytes whatever its spans are; then mixed. Spans longer than LONG go through BLAKE2b one by one, so that
the tables of powers stay small. The hashes are the same on every machine.
"""

from __future__ import annotations

import hashlib
from functools import cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Hashes = NDArray[np.uint64]

BLOCK = 1 << 16  # bytes that are hashed at a time: fits the second cache with its tables
LONG = 1 << 12  # bytes
BASE = 0x9E6C63D0676A9A99  # of the polynomial; odd, so that it has an inverse

_LETTERS = np.zeros(256, bool)
_LETTERS[[*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B), *range(0x80, 0x100)]] = True


def as_column(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Texts as one `large_string` array. Raises ValueError where one is null."""
    if texts.null_count:
        raise ValueError("a text is null")
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    return whole.cast(pa.large_string())


def as_bytes(texts: pa.Array) -> tuple[Bytes, Places]:
    """The bytes (B,) of a `large_string` array, and where its D texts begin and end in them (D + 1,)."""
    if not len(texts):
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    _, places, content = texts.buffers()
    offsets = np.frombuffer(places, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(content or b"", np.uint8)[offsets[0] : offsets[-1]]
    return data, offsets - offsets[0]


def as_texts(data: Bytes, offsets: Places) -> pa.Array:
    """The way back from `as_bytes`."""
    buffers = pa.py_buffer(np.ascontiguousarray(offsets)), pa.py_buffer(np.ascontiguousarray(data))
    return pa.LargeStringArray.from_buffers(len(offsets) - 1, *buffers)


def word_spans(data: Bytes, offsets: Places) -> tuple[Places, Places, Places]:
    """Where words start and stop (W,), and which of them each text has: those from bounds[i] to bounds[i + 1] (D + 1,).

    A word is a run of letters and digits; all of Unicode counts but the punctuation of Latin-1, U+2000-207F and
    U+3000-303F. An ideograph or kana is a word of its own, as these scripts put no spaces.
    """
    inside = _LETTERS[data]
    ideographs = _mark_wide(data, inside)
    first, last = inside.copy(), inside.copy()
    first[1:] &= ~inside[:-1]
    last[:-1] &= ~inside[1:]
    filled = offsets[:-1] < offsets[1:]
    begins, ends = offsets[:-1][filled], offsets[1:][filled] - 1  # texts lie side by side: a word ends with its text
    first[begins], last[ends] = inside[begins], inside[ends]
    if len(ideographs):
        before, after = ideographs[ideographs > 0] - 1, ideographs[ideographs + 3 < len(data)] + 3
        first[ideographs] = last[ideographs + 2] = True
        last[before], first[after] = inside[before], inside[after]
    starts = np.flatnonzero(first)
    return starts, np.flatnonzero(last) + 1, np.searchsorted(starts, offsets)


def _mark_wide(data: Bytes, inside: NDArray[np.bool_]) -> Places:
    """Take the punctuation outside ASCII out of words; return where ideographs begin."""
    if not len(data) or data.max() < 0x80:
        return np.zeros(0, np.int64)
    latin = np.flatnonzero(data == 0xC2)
    inside[latin] = inside[latin + 1] = False
    general = np.flatnonzero(data == 0xE2)
    general = general[(data[general + 1] & 0xFE) == 0x80]
    wide = np.flatnonzero((data >= 0xE3) & (data <= 0xE9))
    is_mark = (data[wide] == 0xE3) & (data[wide + 1] == 0x80)
    for places in (general, wide[is_mark]):
        inside[places] = inside[places + 1] = inside[places + 2] = False
    return wide[~is_mark]


def hash_spans(data: Bytes, starts: Places, stops: Places) -> Hashes:
    """The hashes (S,) of data[start:stop] for each span. Starts have to ascend."""
    hashes = np.zeros(len(starts), np.uint64)
    powers, inverses = _tables()
    blocks = np.searchsorted(starts, np.arange(0, len(data) + BLOCK, BLOCK))
    for i, j in pairwise(blocks):
        if i == j:
            continue
        begin = starts[i]
        piece = data[begin : begin + BLOCK + LONG].astype(np.uint64)
        sums = np.zeros(len(piece) + 1, np.uint64)
        np.cumsum(piece * powers[: len(piece)], out=sums[1:])
        start, stop = starts[i:j] - begin, np.minimum(stops[i:j] - begin, len(piece))
        hashes[i:j] = (sums[stop] - sums[start]) * inverses[start]
    lengths = stops - starts
    hashes = mix(hashes + lengths.astype(np.uint64))
    for i in np.flatnonzero(lengths > LONG):
        long = hashlib.blake2b(data[starts[i] : stops[i]].tobytes(), digest_size=8)
        hashes[i] = int.from_bytes(long.digest(), "little")
    return hashes


def mix(numbers: Hashes) -> Hashes:
    """Spread every bit over all bits: the finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


@cache
def _tables() -> tuple[Hashes, Hashes]:
    """Powers of BASE and of its inverse modulo 2^64, one for each place in a block."""
    tables = []
    for base in (BASE, pow(BASE, -1, 1 << 64)):
        powers = np.full(BLOCK + LONG, base, np.uint64)
        powers[0] = 1
        tables.append(np.multiply.accumulate(powers))
    return tables[0], tables[1]
