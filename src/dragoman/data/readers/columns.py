"""Which columns a source has, found without reading all of it. Nested columns are named "outer.inner"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from dragoman.data.readers import aligned, conll
from dragoman.data.readers.delimited import csv_records, read_header, tsv_records
from dragoman.data.readers.sources import file_format, read_source, source_files
from dragoman.data.rows import Row
from dragoman.recipe import schema

PEEK_ROWS = 1000  # in JSON Lines each row may have other columns


def column_names(source: schema.Source, folder: Path) -> list[str]:
    """The columns: of the header or schema where there is one, else of the first rows. Raises like read_source."""
    if source.hub is not None:
        from dragoman.data.readers.hub import hub_columns

        return hub_columns(source, folder)
    if source.source_path is not None:
        source_files(source, folder)
        return list(aligned.COLUMNS)
    if source.path is not None:
        path = source_files(source, folder)[0]
        match file_format(source, path):
            case "tsv":
                return [name for name in read_header(path, tsv_records(path)) if name]
            case "csv":
                return [name for name in read_header(path, csv_records(path)) if name]
            case "conll":
                return list(conll.COLUMNS)
            case "parquet":
                from dragoman.data.readers.parquet import parquet_columns

                return parquet_columns(path)
            case "xlsx":
                from dragoman.data.readers.excel import excel_columns

                return excel_columns(path, source.sheet)
    found: dict[str, None] = {}  # a set that remembers its order
    for row in islice(read_source(source, folder), PEEK_ROWS):
        if isinstance(row, Row):
            found.update(dict.fromkeys(dotted_names(row.columns)))
    return list(found)


def has_column(source: schema.Source, folder: Path, name: str) -> bool:
    """Whether any row has the column. Only for JSON Lines does this read on, until a row has it."""
    if name in column_names(source, folder):
        return True
    if source.path is None or file_format(source, source_files(source, folder)[0]) != "jsonl":
        return False
    rows = read_source(source, folder)
    return any(isinstance(row, Row) and name in dotted_names(row.columns) for row in rows)


def dotted_names(columns: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """The names under which a template can address the values: {"a": {"b": 1}} -> "a.b"."""
    for name, value in columns.items():
        if isinstance(value, dict) and value:
            yield from dotted_names(value, f"{prefix}{name}.")
        else:
            yield prefix + name
