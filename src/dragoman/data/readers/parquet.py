"""Parquet files, read batch by batch. Structs become nested columns.

Parquet can hold what Python cannot: nanoseconds, dates beyond the year 9999, times in unknown zones. Such a value is
UNREADABLE and harms nobody who does not need its column.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dragoman.base.errors import RequestError
from dragoman.data.readers.delimited import refuse_twins
from dragoman.data.rows import UNREADABLE, BadRow, Origin, Row

BATCH_ROWS = 1024
NOT_UTF8 = object()
UNCONVERTIBLE = (ValueError, OverflowError, KeyError, pa.ArrowException)  # UnicodeDecodeError is a ValueError
BUFFER_BYTES = 2**20  # with a buffer, a column of a row group is read piece by piece and not as a whole


def open_parquet(path: Path) -> pq.ParquetFile:
    """Raises RequestError where the file is no Parquet, or two columns share a name."""
    try:
        file = pq.ParquetFile(path, buffer_size=BUFFER_BYTES)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from None
    refuse_twins(file.schema_arrow.names, path)
    return file


def parquet_columns(path: Path) -> list[str]:
    """Column names, a struct's as "outer.inner"."""
    with open_parquet(path) as file:
        return [name for field in file.schema_arrow for name in _dotted(field, "")]


def parquet_rows(path: Path) -> int:
    """How many rows the file says it has."""
    with open_parquet(path) as file:
        return int(file.metadata.num_rows)


def read_parquet(path: Path) -> Iterator[Row | BadRow]:
    """Memory: a batch of rows, and a buffer a column."""
    with open_parquet(path) as file:
        number = 0
        try:
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                for value in row_values(batch):
                    number += 1
                    origin = Origin(str(path), number)
                    if value is None:
                        yield BadRow(origin, "not UTF-8")
                    else:
                        yield Row(value, origin)
        except (pa.ArrowException, OSError) as error:
            raise _damaged(path, error) from None


def row_values(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | None]:
    """The batch's rows; None for one whose text is not UTF-8, which Parquet does not check."""
    names = batch.schema.names
    for cells in zip(*(_cells(column) for column in batch.columns), strict=True):
        yield None if NOT_UTF8 in cells else dict(zip(names, cells, strict=True))


def _cells(column: pa.Array) -> list[Any]:
    try:
        return column.to_pylist()
    except UNCONVERTIBLE:
        return [_cell(cell) for cell in column]


def _cell(cell: pa.Scalar) -> Any:
    try:
        return _value(cell)
    except UnicodeDecodeError:
        return NOT_UTF8


def _value(cell: pa.Scalar) -> Any:
    if isinstance(cell, pa.StructScalar) and cell.is_valid:
        return {name: _value(inner) for name, inner in cell.items()}
    try:
        return cell.as_py()
    except UnicodeDecodeError:
        raise
    except UNCONVERTIBLE:
        return UNREADABLE


def _dotted(field: pa.Field, prefix: str) -> list[str]:
    if not pa.types.is_struct(field.type):
        return [prefix + field.name]
    return [name for inner in field.type for name in _dotted(inner, f"{prefix}{field.name}.")]


def _damaged(path: Path, error: Exception) -> RequestError:
    reason = str(error).split("\n")[0]
    return RequestError(
        f"cannot be read as Parquet: {reason}", where=str(path), hint="it may be cut short: copy it again"
    )
