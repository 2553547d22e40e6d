"""JSON Lines: one object a line, nested as it is. Row number = line number; blank lines at the end are ignored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dragoman.data.readers.lines import lines, not_utf8
from dragoman.data.rows import BadRow, Origin, Row, excerpt

KINDS = {list: "a list", str: "a text", int: "a number", float: "a number", bool: "a boolean", type(None): "null"}


def read_json_lines(path: Path) -> Iterator[Row | BadRow]:
    """Memory: one line."""
    blank: list[int] = []  # blank lines that wait to see whether something follows: the first and the last
    for number, (offset, line) in enumerate(lines(path), start=1):
        if not line.strip():
            blank = [blank[0] if blank else number, number]
            continue
        if blank:
            for skipped in range(blank[0], blank[1] + 1):
                yield BadRow(Origin(str(path), skipped), "blank line")
            blank = []
        yield _parse(line, offset, Origin(str(path), number))


def _parse(line: bytes, offset: int, origin: Origin) -> Row | BadRow:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return not_utf8(line, offset, origin)
    try:
        value: Any = json.loads(text)
    except json.JSONDecodeError as error:
        return BadRow(origin, "broken JSON", excerpt(text), f"{error.msg} at character {error.pos + 1}")
    except (ValueError, RecursionError):  # a number of thousands of digits; thousands of brackets
        return BadRow(origin, "broken JSON", excerpt(text), "a number is too long or the nesting too deep")
    if not isinstance(value, dict):
        return BadRow(origin, "not a JSON object", excerpt(text), f"the line is {KINDS[type(value)]}")
    if "\\u" in text and not _encodable(value):  # only an escape can bring in half of a surrogate pair
        return BadRow(origin, "not Unicode text", excerpt(text), "half of a surrogate pair")
    return Row(value, origin)


def _encodable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
