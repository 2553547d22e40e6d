"""Texts in a column of Arrow tables: of Parquet files, by row groups, and of data sets on the hub."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.data.documents.document import BadDocument, DamagedError, Found
from dragoman.data.documents.piece import Piece
from dragoman.data.readers.parquet import open_parquet
from dragoman.data.rows import excerpt
from dragoman.recipe.schema import TextSource

if TYPE_CHECKING:
    import pyarrow.parquet as pq

BATCH_BYTES = 1 << 20
MOST_ROWS = 1024  # of a batch


def read_parquet_texts(piece: Piece, source: TextSource) -> Iterator[Found | BadDocument]:
    """The documents of some row groups. Memory: about BATCH_BYTES, and a page of the column."""
    try:
        file = open_parquet(piece.file)
    except RequestError as error:
        raise DamagedError(error.message) from None
    with file:
        column_type(file.schema_arrow, source.column, str(piece.file))
        stop = file.num_row_groups if piece.stop is None else piece.stop
        groups = list(range(piece.start, stop))
        rows = sum(file.metadata.row_group(group).num_rows for group in groups)
        size = sum(file.metadata.row_group(group).total_byte_size for group in groups)
        batch_rows = max(1, min(MOST_ROWS, BATCH_BYTES * rows // max(1, size)))
        row = piece.first_row
        try:
            for batch in file.iter_batches(batch_size=batch_rows, row_groups=groups, columns=[source.column]):
                yield from column_texts(batch, source.column, row)
                row += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise DamagedError(str(error).split("\n")[0]) from None


def column_spans(piece: Piece, column: str) -> list[tuple[int, int]]:
    """Where the column's bytes of some row groups stand in the file: begin and length of each."""
    with open_parquet(piece.file) as file:
        found = []
        for group in range(piece.start, file.num_row_groups if piece.stop is None else piece.stop):
            metadata = file.metadata.row_group(group)
            for number in range(metadata.num_columns):
                chunk = metadata.column(number)
                if chunk.path_in_schema == column:
                    pages = (chunk.dictionary_page_offset, chunk.data_page_offset)
                    found.append((min(page for page in pages if page is not None), chunk.total_compressed_size))
        return found


def column_texts(batch: pa.RecordBatch | pa.Table, column: str, row: int) -> Iterator[Found | BadDocument]:
    """The texts of a column, the first of them in row `row`. Arrow does not check that they are UTF-8."""
    for chunk in _chunks(batch, column):
        for raw in chunk.cast(pa.large_binary()).to_pylist():
            if raw is None:
                yield BadDocument(row, f"no text in '{column}'")
            else:
                try:
                    yield Found(row, raw.decode())
                except UnicodeDecodeError:
                    yield BadDocument(row, "not UTF-8", excerpt(raw))
            row += 1


def _chunks(batch: pa.RecordBatch | pa.Table, column: str) -> Iterator[pa.Array]:
    name, path = (column, []) if column in batch.schema.names else (column.split(".")[0], column.split(".")[1:])
    found = batch.column(name)
    for chunk in found.chunks if isinstance(found, pa.ChunkedArray) else [found]:
        if path:
            chunk = pc.struct_field(chunk, path)
        if pa.types.is_dictionary(chunk.type):
            chunk = chunk.dictionary_decode()
        yield chunk


def column_type(schema: pa.Schema, column: str, where: str) -> pa.DataType:
    """The type of a column, "a.b" for a nested one. Raises RequestError where there is none, or it holds no text."""
    names = [name for field in schema for name in _leaves(field, "")]
    if column not in names:
        hint = did_you_mean(column, names) or f"its columns: {', '.join(names[:10])}"
        raise RequestError(f"has no column '{column}'", where=where, hint=f"{hint}; name it with the key column")
    field: pa.Field = schema.field(column if column in schema.names else column.split(".")[0])
    for name in [] if column in schema.names else column.split(".")[1:]:
        field = field.type.field(name)
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if not any(check(kind) for check in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)):
        raise RequestError(f"column '{column}' holds {kind}, no text", where=where, hint="name another with column")
    return field.type


def _leaves(field: pa.Field, prefix: str) -> Iterator[str]:
    if pa.types.is_struct(field.type):
        for inner in field.type:
            yield from _leaves(inner, f"{prefix}{field.name}.")
    else:
        yield prefix + field.name


def parquet_pieces(number: int, file: pq.ParquetFile, piece: Piece, piece_bytes: int) -> Iterator[Piece]:
    """Row groups that lie side by side, about `piece_bytes` together. piece: the whole file."""
    start, size, row, first = 0, 0, 1, 1
    count = file.num_row_groups
    for group in range(count):
        metadata = file.metadata.row_group(group)
        size += metadata.total_byte_size
        row += metadata.num_rows
        if size >= piece_bytes or group == count - 1:
            yield Piece(number, piece.file, start, group + 1, first_row=first, size=size)
            start, size, first = group + 1, 0, row
