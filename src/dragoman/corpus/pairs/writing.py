"""The pairs that are kept, as a Parquet or TSV file: two columns of text, and where each pair came from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from dragoman.base.files import atomic_file
from dragoman.data.rows import Example
from dragoman.recipe import schema

GROUP_ROWS = 1 << 14  # of a Parquet file: what is held before it is written
BREAKS = re.compile(r"[\t\r\n]+")


def output_columns(languages: schema.PairLanguages | None) -> list[str]:
    """The languages' codes, or source and target; and the origin."""
    codes = [languages.source, languages.target] if languages else []
    sides = codes if len(set(codes)) == 2 else ["source", "target"]
    return [*sides, "file", "row"]


@contextmanager
def pair_file(folder: Path, pairs: schema.Pairs) -> Iterator[TsvFile | ParquetFile]:
    """pairs.parquet or pairs.tsv in `folder`, open for pairs; whole when the block ends. Memory: a group of rows."""
    columns = output_columns(pairs.languages)
    if pairs.output == "tsv":
        with atomic_file(folder / "pairs.tsv") as file:
            yield TsvFile(file, columns)
        return
    with atomic_file(folder / "pairs.parquet", "wb") as file, closing(ParquetFile(file, columns)) as written:
        yield written


class TsvFile:
    def __init__(self, file: IO[str], columns: list[str]):
        self._file = file
        file.write("\t".join(columns) + "\n")

    def add(self, example: Example) -> None:
        cells = (example.source, example.target, example.origin.file, str(example.origin.row))
        self._file.write("\t".join(BREAKS.sub(" ", cell) for cell in cells) + "\n")


class ParquetFile:
    def __init__(self, file: IO[bytes], columns: list[str]):
        import pyarrow as pa
        import pyarrow.parquet as pq

        types = [pa.large_string(), pa.large_string(), pa.string(), pa.int64()]
        self._schema = pa.schema(list(zip(columns, types, strict=True)))
        self._parquet = pq.ParquetWriter(file, self._schema, compression="zstd")
        self._waiting: list[tuple[str, str, str, int]] = []

    def add(self, example: Example) -> None:
        self._waiting.append((example.source, example.target, example.origin.file, example.origin.row))
        if len(self._waiting) >= GROUP_ROWS:
            self._write()

    def close(self) -> None:
        if self._waiting:
            self._write()
        self._parquet.close()

    def _write(self) -> None:
        import pyarrow as pa

        columns = [
            pa.array(own, field.type) for own, field in zip(zip(*self._waiting, strict=True), self._schema, strict=True)
        ]
        self._parquet.write_table(pa.table(columns, schema=self._schema))
        self._waiting.clear()
