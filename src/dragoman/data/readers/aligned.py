"""Two text files that belong together line by line, as the columns `source` and `target`. Row number = line number."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from dragoman.base.errors import RequestError
from dragoman.data.readers.lines import lines, not_utf8
from dragoman.data.rows import BadRow, Origin, Row

COLUMNS = ["source", "target"]


def read_aligned(source_path: Path, target_path: Path) -> Iterator[Row | BadRow]:
    """Rows with the source file's name as their origin. Memory: one line of each.

    Raises RequestError at the end of the shorter file where the numbers of lines differ.
    """
    pairs = enumerate(zip_longest(lines(source_path), lines(target_path)), start=1)
    for number, (source, target) in pairs:
        if source is None or target is None:
            longer = 1 + sum(1 for _ in pairs) + number - 1
            counts = (number - 1, longer) if source is None else (longer, number - 1)
            raise RequestError(
                f"has {counts[0]:,} lines, but {target_path} has {counts[1]:,}",
                where=str(source_path),
                hint="line N of one file must be the translation of line N of the other",
            )
        origin = Origin(str(source_path), number)
        columns, bad = {}, None
        for name, path, (offset, line) in zip(COLUMNS, (source_path, target_path), (source, target), strict=True):
            try:
                columns[name] = line.decode("utf-8")
            except UnicodeDecodeError:
                bad = not_utf8(line, offset, Origin(str(path), number))
        yield bad or Row(columns, origin)
