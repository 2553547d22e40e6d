"""Documents on disk: zstd Parquet, written whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dragoman.base.files import atomic_file

GROUP_BYTES = 8 << 20  # of text in a row group
SCHEMA = pa.schema([("text", pa.large_string()), ("language", pa.string()), ("file", pa.string()), ("row", pa.int64())])


class _Groups:
    """Gathers batches to row groups, always the same ones."""

    def __init__(self, writer: pq.ParquetWriter):
        self.writer, self.waiting, self.size = writer, list[pa.Table](), 0

    def add(self, table: pa.Table) -> None:
        if table.num_rows:
            self.waiting.append(table)
            self.size += table.nbytes
        if self.size >= GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        if self.waiting:
            self.writer.write_table(pa.concat_tables(self.waiting))
        self.waiting, self.size = [], 0


@contextmanager
def document_writer(path: Path) -> Iterator[Any]:
    """What takes tables of SCHEMA with `add`. The file takes its name when the block ends well."""
    with atomic_file(path, "wb") as file, pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        groups = _Groups(writer)
        yield groups
        groups.flush()


def link_file(file: Path, name: Path) -> None:
    """Give a file that is never changed another name, or copy it where the file system has no such links."""
    name.parent.mkdir(parents=True, exist_ok=True)
    name.unlink(missing_ok=True)
    try:
        os.link(file, name)
    except OSError:
        with open(file, "rb") as source, atomic_file(name, "wb") as target:
            shutil.copyfileobj(source, target)


def read_groups(path: Path, columns: list[str] | None = None) -> Iterator[pa.Table]:
    """The row groups of a file one by one."""
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            yield file.read_row_group(number, columns=columns, use_threads=False)
