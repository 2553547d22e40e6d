"""From a recipe's `source` to its files and rows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.data.readers.aligned import read_aligned
from dragoman.data.readers.conll import read_conll
from dragoman.data.readers.delimited import csv_records, read_records, tsv_records
from dragoman.data.readers.json_lines import read_json_lines
from dragoman.data.rows import BadRow, Origin, Row
from dragoman.recipe import schema
from dragoman.recipe.paths import resolve_path

BINARY = {"parquet", "xlsx"}  # which no text file can be
FORMATS = {
    ".tsv": "tsv", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".xlsx": "xlsx",
    ".conll": "conll",
}  # fmt: skip


def read_source(source: schema.Source, folder: Path) -> Iterator[Row | BadRow]:
    """The rows of a source, in order, up to its `rows`. folder: the recipe's, which relative paths start from.

    Streams: memory does not grow with rows (an .xlsx sheet alone is held as a whole). Raises RequestError, at once, for
    files that cannot be read, and while reading for a damaged file, unequal line counts or a source without any row.
    """
    return islice(_all_rows(source, folder), source.rows)


def _all_rows(source: schema.Source, folder: Path) -> Iterator[Row | BadRow]:
    if source.phrasebook is not None:
        return _phrasebook_rows(source.phrasebook)
    if source.hub is not None:
        from dragoman.data.readers.hub import read_hub

        return _not_empty(f"{source.hub}/{source.split}", read_hub(source, folder))
    paths = source_files(source, folder)
    if source.path is None:
        return _not_empty(str(paths[0]), read_aligned(*paths))
    path = paths[0]
    return _not_empty(str(path), _rows(path, file_format(source, path), source.sheet))


def _rows(path: Path, format: str, sheet: str | None) -> Iterator[Row | BadRow]:
    match format:
        case "tsv":
            return read_records(path, tsv_records(path))
        case "csv":
            return read_records(path, csv_records(path))
        case "jsonl":
            return read_json_lines(path)
        case "conll":
            return read_conll(path)
        case "parquet":  # the libraries of the last two are imported where they are needed: they are slow to load
            from dragoman.data.readers.parquet import read_parquet

            return read_parquet(path)
        case _:
            from dragoman.data.readers.excel import read_excel

            return read_excel(path, sheet)


def _not_empty(name: str, rows: Iterator[Row | BadRow]) -> Iterator[Row | BadRow]:
    first = next(rows, None)
    if first is None:
        raise RequestError("has no rows", where=name, hint="name one with examples in it")
    yield from chain([first], rows)


def _phrasebook_rows(settings: schema.Phrasebook) -> Iterator[Row]:
    from dragoman.data import phrasebook

    file = f"phrasebook:{settings.split}"
    pairs = phrasebook.pairs(settings.rows, settings.split, list(settings.levels))
    return (Row(columns, Origin(file, number)) for number, columns in enumerate(pairs, start=1))


def file_format(source: schema.Source, path: Path) -> str:
    """The format of a single file, from the recipe or the name's ending.

    Raises RequestError for an unknown ending, and for keys that cannot be true of this file.
    """
    ending = FORMATS.get(path.suffix.lower())
    format = source.format or ending
    if ending is not None and format != ending and {format, ending} & BINARY:
        raise RequestError(f"is no {format} file by its ending", where=str(path), hint="remove the key format")
    if source.sheet is not None and format not in ("xlsx", None):
        raise RequestError(f"a {format} file has no sheets", where=str(path), hint="remove the key sheet")
    if format is None:
        known = ", ".join(FORMATS)
        raise RequestError(
            f"the ending '{path.suffix}' says no format" if path.suffix else "has no ending that says its format",
            where=str(path),
            hint=f"known endings are {known}; or set format: tsv, csv, jsonl, parquet, xlsx or conll",
        )
    return format


def source_files(source: schema.Source, folder: Path) -> list[Path]:
    """The files of a source, each checked to be a readable file.

    None for the phrasebook and for a data set on the hub, which is looked up there; of a local folder that is laid out
    like one, the folder. Raises RequestError for a missing file (with a similar name from its folder), a folder, one
    that may not be read, and for a data set that cannot be reached.
    """
    if source.hub is not None:
        from dragoman.data.readers.hub import local_folder, open_hub

        open_hub(source, folder)
        path = local_folder(source, folder)
        return [] if path is None else [path]
    named = [text for text in (source.path, source.source_path, source.target_path) if text is not None]
    paths = [resolve_path(text, folder) for text in named]
    for path in paths:
        _check_file(path)
    return paths


def _check_file(path: Path) -> None:
    if path.is_dir():
        inside = sorted(file.name for file in path.iterdir() if file.suffix.lower() in FORMATS)
        listed = f", such as {', '.join(inside[:3])}" if inside else ""
        raise RequestError("is a folder, not a file", where=str(path), hint=f"name a file in it{listed}")
    if not path.exists():
        if not path.parent.is_dir():
            hint = f"the folder {path.parent} does not exist either; paths start from the recipe's folder"
        else:
            beside = [file.name for file in path.parent.iterdir() if file.is_file() and file.suffix != ".yaml"]
            hint = did_you_mean(path.name, beside) or "paths start from the recipe's folder"
        raise RequestError("does not exist", where=str(path), hint=hint)
    if not os.access(path, os.R_OK):
        raise RequestError("may not be read", where=str(path), hint="change its permissions")


def describe_source(source: schema.Source) -> str:
    """A source in a few words, for tables and messages."""
    if source.phrasebook is not None:
        return f"phrasebook ({source.phrasebook.split}, {source.phrasebook.rows:,} rows)"
    if source.hub is not None:
        return f"{source.hub} ({source.config}, {source.split})" if source.config else f"{source.hub} ({source.split})"
    if source.path is None:
        return f"{source.source_path} + {source.target_path}"
    return f"{source.path} (sheet {source.sheet})" if source.sheet else source.path
