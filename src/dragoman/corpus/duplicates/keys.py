"""A batch of documents -> their keys: all that finding duplicates needs, some 180 bytes a document.

A document's number is (shard, row in the shard) in one 64-bit integer, so that numbers order documents as the shards
do. What counts as the same: texts and lines without their upper case, and of texts the white space.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dragoman.corpus.duplicates.minhash import band_hashes, groups, shortened, signatures
from dragoman.corpus.lines import Lines, Mask
from dragoman.corpus.spans import Hashes, Places, as_bytes, as_column
from dragoman.recipe.schema.duplicates import Duplicates, MinHash, RepeatedLines

ROWS = 1 << 32  # of a shard, at most


def document_numbers(shard: int, first: int, count: int) -> Places:
    """The numbers of `count` documents of a shard, from its row `first` on; both are counted from 0."""
    if not 0 <= shard < ROWS // 2 or not 0 <= first <= first + count <= ROWS:
        raise ValueError(f"no document has the number ({shard}, {first + count})")
    return np.arange(first, first + count, dtype=np.int64) + shard * ROWS


def shard_and_row(numbers: Places) -> tuple[Places, Places]:
    """The way back from `document_numbers`."""
    return numbers // ROWS, numbers % ROWS


def key_schema(settings: Duplicates) -> pa.Schema:
    """The columns of `keys_of`."""
    columns = [pa.field("document", pa.int64(), nullable=False)]
    if settings.exact:
        columns.append(pa.field("exact", pa.uint64(), nullable=False))
    if settings.minhash:
        count = settings.minhash.bands * settings.minhash.rows
        columns.append(pa.field("bands", pa.binary(4 * settings.minhash.bands)))
        columns.append(pa.field("signature", pa.binary(count)))
    if settings.lines:
        columns.append(pa.field("lines", pa.large_list(pa.field("item", pa.uint64(), nullable=False)), nullable=False))
    return pa.schema(columns)


def keys_of(table: pa.Table, settings: Duplicates) -> pa.Table:
    """The keys of a batch: a row for each of its documents.

    table: columns `text` (no nulls) and `document` (see `document_numbers`). Documents too short for a group of words
    have null `bands`.
    """
    texts = pc.utf8_lower(as_column(table["text"]))
    columns: dict[str, pa.Array] = {"document": table["document"].combine_chunks().cast(pa.int64())}
    if settings.exact:
        columns["exact"] = pa.array(_text_hashes(texts))
    if settings.minhash:
        columns["bands"], columns["signature"] = _minhash(texts, settings.minhash)
    if settings.lines:
        columns["lines"] = _line_lists(texts, settings.lines)
    return pa.table(columns, schema=key_schema(settings))


def _text_hashes(texts: pa.Array) -> Hashes:
    """BLAKE2b of each text without its white space: two of a hundred million share one with probability 3e-4."""
    data, offsets = as_bytes(texts)
    whole = data.tobytes()
    digests = [
        hashlib.blake2b(whole[begin:end].translate(None, b" \t\n\r"), digest_size=8).digest()
        for begin, end in pairwise(offsets.tolist())
    ]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def _minhash(texts: pa.Array, settings: MinHash) -> tuple[pa.Array, pa.Array]:
    hashes, bounds = groups(*as_bytes(texts), settings.ngram)
    least = signatures(hashes, bounds, settings.bands * settings.rows)
    filled = bounds[1:] > bounds[:-1]
    return _rows(band_hashes(least, settings.bands).astype("<u4").view(np.uint8), filled), _rows(
        shortened(least), filled
    )


def _rows(values: NDArray[np.uint8], valid: NDArray[np.bool_]) -> pa.Array:
    """Rows of bytes (D, width) as one column."""
    bits = pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.Array.from_buffers(
        pa.binary(values.shape[1]), len(values), [bits, pa.py_buffer(np.ascontiguousarray(values))]
    )


def _line_lists(texts: pa.Array, settings: RepeatedLines) -> pa.Array:
    """The different lines of each text, as hashes."""
    lines = Lines.of(texts)
    chosen = counted(lines, settings) & ~lines.repeated
    totals = np.concatenate(([0], np.cumsum(chosen)))
    return pa.LargeListArray.from_arrays(totals[lines.bounds], lines.hashes[chosen])


def counted(lines: Lines, settings: RepeatedLines) -> Mask:
    """Which lines are long enough to count (L,). Empty ones never are."""
    return lines.characters >= max(1, settings.characters)
