"""How a row's columns become an example: `{name}` stands for a column, `{a.b}` for a nested one, `{{` for a brace."""

from __future__ import annotations

import datetime
import decimal
import math
import re
import sys
from collections.abc import Mapping
from typing import Any

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.data.rows import BadRow, Example, Row, Unreadable, excerpt
from dragoman.recipe import schema

MISSING = object()
PIECE = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|[^{}]+")  # an escaped brace, a column, or plain text
SCALARS = (int, float, decimal.Decimal, datetime.date, datetime.time)
KINDS = {dict: "an object", list: "a list", bytes: "bytes", Unreadable: "a value that cannot be read"}

# What leaves nothing to read: every white space, and marks without width (zero-width space and joiners, word joiner,
# byte order mark, soft hyphen).
BLANK = "".join(c for c in map(chr, range(sys.maxunicode + 1)) if c.isspace()) + "\u200b\u200c\u200d\u2060\ufeff\u00ad"


class Template:
    """The settings' templates, ready to be filled. Raises RequestError for one that cannot be read.

    columns: the names that source and target need. defaults: values where such a column is missing or empty. An empty
    default is refused where it would leave a side with nothing to read: no empty text is ever learnt.
    """

    def __init__(self, settings: schema.Template):
        self._source = _parse(settings.source, "data.template.source")
        self._target = _parse(settings.target, "data.template.target")
        self.source_columns = list(dict.fromkeys(name for is_column, name in self._source if is_column))
        self.target_columns = list(dict.fromkeys(name for is_column, name in self._target if is_column))
        self.columns = {*self.source_columns, *self.target_columns}
        self.defaults = dict(settings.defaults)
        self.level = settings.level
        for name in self.defaults:
            if name not in self.columns:
                raise RequestError(
                    f"has a value for '{name}', which no template names",
                    where="data.template.defaults",
                    hint=did_you_mean(name, self.columns),
                )
        for side, pieces in (("source", self._source), ("target", self._target)):
            if not any(as_text(self.defaults.get(text, text) if is_column else text) for is_column, text in pieces):
                raise RequestError(
                    f"would make an empty {side}", where="data.template.defaults",
                    hint="give text, or leave it out: rows without a text are then put aside",
                )  # fmt: skip

    def render(self, row: Row) -> Example | BadRow:
        """The row's example; a BadRow where a column without a default is missing, empty or no text.

        The level is None where the row has none: it groups scores and is never needed.
        """
        source = self.render_source(row)
        if isinstance(source, BadRow):
            return source
        target = self._fill(self._target, row)
        if isinstance(target, BadRow):
            return target
        level = None if self.level is None else as_text(look_up(row.columns, self.level))
        return Example(source, target, row.origin, level or None)

    def render_source(self, row: Row) -> str | BadRow:
        """The model's input alone, for a row that has no target."""
        return self._fill(self._source, row)

    def _fill(self, pieces: list[tuple[bool, str]], row: Row) -> str | BadRow:
        filled = []
        for is_column, text in pieces:
            if not is_column:
                filled.append(text)
                continue
            value = look_up(row.columns, text)
            shown = as_text(value)
            if shown and "\0" in shown:
                return BadRow(row.origin, f"column '{text}' holds a NUL character", excerpt(row.columns))
            if not shown:
                if shown is not None and text in self.defaults:
                    shown = self.defaults[text]
                else:
                    return BadRow(row.origin, _fault(text, value), excerpt(row.columns))
            filled.append(shown)
        return "".join(filled)


def _parse(template: str, where: str) -> list[tuple[bool, str]]:
    """The template as pieces (is it a column?, its name or the plain text)."""
    pieces, at = [], 0
    for match in PIECE.finditer(template):
        if match.start() != at or (match[1] and not match[1].strip()):
            break
        at = match.end()
        pieces.append((True, match[1].strip()) if match[1] else (False, {"{{": "{", "}}": "}"}.get(match[0], match[0])))
    if at != len(template):
        raise RequestError(
            f"a brace that belongs to no column at character {at + 1} of '{template}'",
            where=where,
            hint="write {name} for a column, {{ and }} for the braces themselves",
        )
    if not any(is_column for is_column, _ in pieces):
        raise RequestError(f"'{template}' names no column", where=where, hint="write {name} for a column")
    return pieces


def look_up(columns: Mapping[str, Any], name: str) -> Any:
    """The value of a column: under its plain name, or one level down for each dot. MISSING where there is none."""
    if name in columns:
        return columns[name]
    value: Any = columns
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return MISSING
        value = value[part]
    return value


def as_text(value: Any) -> str | None:
    """A value as text, "" where there is nothing to read, None where it cannot be text."""
    if isinstance(value, str):
        return value if value.strip(BLANK) else ""
    if value is MISSING or value is None or (isinstance(value, float) and math.isnan(value)):
        return ""  # tables that passed through pandas hold NaN for nothing
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, SCALARS) else None


def _fault(name: str, value: Any) -> str:
    if value is MISSING:
        return f"column '{name}' is missing"
    if as_text(value) == "":
        return f"column '{name}' is empty"
    kind = next((word for kind, word in KINDS.items() if isinstance(value, kind)), f"a {type(value).__name__}")
    return f"column '{name}' holds {kind}, not text"
