"""The files of a text source: a file, all of a folder, or what a pattern finds; and their formats."""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.data.documents.streams import COMPRESSIONS
from dragoman.recipe.paths import resolve_path
from dragoman.recipe.schema import TextSource

FORMATS = {
    ".txt": "text", ".text": "text", ".md": "text", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".parquet": "parquet", ".wet": "wet", ".warc": "warc",
}  # fmt: skip
PATTERN = re.compile(r"[*?\[]")
HINT = "paths start from the recipe's folder"


def text_files(source: TextSource, folder: Path) -> list[Path]:
    """The files of a `path` source, in the order of their names. folder: the recipe's.

    Raises RequestError for what is not there or may not be read, for a folder or pattern without a readable file, for
    a format that no name and no key says, and for an unknown encoding.
    """
    assert source.path is not None
    _check_encoding(source.encoding)
    path = resolve_path(source.path, folder)
    if path.is_dir():
        files = _inside(path, source)
    elif not path.exists() and PATTERN.search(source.path):
        files = _matching(source, folder)
    else:
        files = [path]
        if not path.is_file():
            raise RequestError("does not exist", where=str(path), hint=_beside(path))
    for file in files:
        file_format(source, file)
        if not os.access(file, os.R_OK):
            raise RequestError("may not be read", where=str(file), hint="change its permissions")
    return files


def file_format(source: TextSource, path: Path) -> str:
    """text, jsonl, parquet, wet or warc. Raises RequestError where neither the recipe nor the name says it."""
    found = source.format or _format_by_name(path)
    if found is None:
        hint = f"set format, or use one of the endings {', '.join(FORMATS)}, which .gz or .zst may follow"
        raise RequestError("has no ending that says its format", where=str(path), hint=hint)
    return found


def _format_by_name(path: Path) -> str | None:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSIONS:
        suffixes.pop()
    return FORMATS.get(suffixes[-1]) if suffixes else None


def _inside(path: Path, source: TextSource) -> list[Path]:
    """All files below a folder that have a format, less hidden ones."""
    files = sorted(file for file in path.rglob("*") if file.is_file() and not _hidden(file, path))
    known = [file for file in files if source.format is not None or _format_by_name(file) is not None]
    if not known:
        hint = f"readable are {', '.join(FORMATS)}, with .gz or .zst too; or set format"
        raise RequestError("is a folder without a readable file", where=str(path), hint=hint)
    return known


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _matching(source: TextSource, folder: Path) -> list[Path]:
    pattern = str(resolve_path(str(source.path), folder))
    first = PATTERN.search(pattern)
    root = Path(pattern[: first.start() if first else len(pattern)].rpartition("/")[0] or "/")
    rest = str(Path(pattern).relative_to(root))
    try:
        files = sorted(file for file in root.glob(rest) if file.is_file() and not _hidden(file, root))
    except (ValueError, NotImplementedError) as error:
        hint = "such as texts/*.jsonl.zst"
        raise RequestError(f"is no pattern: {error}", where=str(source.path), hint=hint) from None
    if not files:
        raise RequestError("matches no file", where=pattern, hint=HINT)
    return files


def _beside(path: Path) -> str:
    if not path.parent.is_dir():
        return f"the folder {path.parent} does not exist either; {HINT}"
    return did_you_mean(path.name, [file.name for file in path.parent.iterdir()]) or HINT


def _check_encoding(encoding: str) -> None:
    try:
        "\n".encode(encoding)
        codecs.lookup(encoding)
    except (LookupError, ValueError):
        hint = "utf-8, latin-1, cp1252 and utf-16 are some that there are"
        raise RequestError(f"there is no encoding '{encoding}'", hint=hint) from None
