"""Files of keys: one Arrow file a shard, written whole or not at all, read some documents at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dragoman.base.files import atomic_file
from dragoman.corpus.duplicates.keys import key_schema
from dragoman.recipe.schema.duplicates import Duplicates

READ = 1 << 16  # documents at a time


def write_keys(path: Path, tables: Iterable[pa.Table], settings: Duplicates) -> int:
    """Write the tables of `keys_of` for one shard, their documents ascending. Returns how many documents there are."""
    count = 0
    with atomic_file(path, "wb") as file, pa.ipc.new_file(file, key_schema(settings)) as writer:
        for table in tables:
            writer.write_table(table)
            count += table.num_rows
    return count


def in_order(files: Sequence[Path]) -> list[Path]:
    """The files with documents in them, by their first document."""
    batches = [(path, next(_batches(path), None)) for path in files]
    firsts = [(int(batch["document"][0].as_py()), path) for path, batch in batches if batch is not None]
    return [path for _, path in sorted(firsts)]


def read_keys(files: Sequence[Path], columns: list[str]) -> Iterator[pa.Table]:
    """The rows of all files in order, about READ at a time."""
    waiting: list[pa.RecordBatch] = []
    for path in files:
        for batch in _batches(path):
            waiting.append(batch.select(columns))
            if sum(each.num_rows for each in waiting) >= READ:
                yield pa.Table.from_batches(waiting)
                waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def count_rows(files: Sequence[Path]) -> int:
    return sum(batch.num_rows for path in files for batch in _batches(path))


def count_lines(files: Sequence[Path]) -> int:
    return sum(len(batch["lines"].flatten()) for path in files for batch in _batches(path))


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The batches that are not empty, mapped and not read."""
    reader = pa.ipc.open_file(pa.memory_map(str(path)))
    for i in range(reader.num_record_batches):
        batch = reader.get_batch(i)
        if batch.num_rows:
            yield batch


def numbers(column: pa.ChunkedArray) -> NDArray[Any]:
    """A column of numbers without nulls."""
    return column.combine_chunks().to_numpy()


def matrix(column: pa.ChunkedArray, kind: str) -> NDArray[Any]:
    """A column of rows of bytes, each row as numbers of a kind: (D, width)."""
    whole = column.combine_chunks()
    width = whole.type.byte_width
    content = np.frombuffer(whole.buffers()[1], np.uint8)[whole.offset * width : (whole.offset + len(whole)) * width]
    return content.view(kind).reshape(len(whole), -1)


def is_among(ascending: NDArray[Any], values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of the values are in an ascending array."""
    if not len(ascending):
        return np.zeros(len(values), bool)
    return ascending[np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)] == values
