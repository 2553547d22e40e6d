"""JSON Lines: an object a line, whose text is in one of its keys. Blank lines are passed over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from dragoman.data.documents.document import TOO_LONG, BadDocument, Found
from dragoman.data.documents.piece import Piece
from dragoman.data.documents.streams import read_blocks, read_lines, without_mark
from dragoman.data.readers.json_lines import KINDS
from dragoman.data.rows import excerpt
from dragoman.recipe.schema import TextSource

OVERHEAD = 3  # bytes of a line for a byte of text, as of an escaped letter; other keys count too


def read_json(piece: Piece, source: TextSource, limit: int) -> Iterator[Found | BadDocument]:
    """The documents of a piece. limit: bytes of the longest one."""
    with closing(read_blocks(piece.file, piece.start, piece.stop)) as blocks:
        raw: Iterator[bytes] = without_mark(blocks) if piece.start == 0 else blocks
        for row, line in enumerate(read_lines(raw, OVERHEAD * limit), start=piece.first_row):
            if line is None:
                yield BadDocument(row, TOO_LONG)
            elif line := line.strip():
                yield _parsed(row, line, source.column)


def _parsed(row: int, line: bytes, column: str) -> Found | BadDocument:
    try:
        value: Any = json.loads(line.decode())
    except UnicodeDecodeError:
        return BadDocument(row, "not UTF-8", excerpt(line))
    except (ValueError, RecursionError):  # also numbers of thousands of digits, and thousands of brackets
        return BadDocument(row, "broken JSON", excerpt(line))
    if not isinstance(value, dict):
        return BadDocument(row, "not a JSON object", excerpt(line))
    text = column_value(value, column)
    if isinstance(text, str):
        return Found(row, text)
    reason = f"no text in '{column}'" if text is None else f"'{column}' is {KINDS.get(type(text), 'an object')}"
    return BadDocument(row, reason, excerpt(line))


def column_value(value: dict[str, Any], column: str) -> Any:
    """What a key holds; "a.b" is b within a, unless a key is called so. None where there is none."""
    if column in value:
        return value[column]
    found: Any = value
    for name in column.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found
