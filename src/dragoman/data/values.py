"""The values of a row's columns: found by name, and as text."""

from __future__ import annotations

import datetime
import decimal
import math
import sys
from collections.abc import Mapping
from typing import Any

from dragoman.data.rows import Unreadable

MISSING = object()
SCALARS = (int, float, decimal.Decimal, datetime.date, datetime.time)
KINDS = {
    str: "text", int: "a number", float: "a number", dict: "an object", list: "a list", bytes: "bytes",
    Unreadable: "a value that cannot be read",
}  # fmt: skip

# What leaves nothing to read: every white space, and marks without width (zero-width space and joiners, word joiner,
# byte order mark, soft hyphen).
BLANK = "".join(c for c in map(chr, range(sys.maxunicode + 1)) if c.isspace()) + "\u200b\u200c\u200d\u2060\ufeff\u00ad"


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


def fault(name: str, value: Any, wanted: str = "text") -> str:
    """Why the value of a column cannot be used, where `wanted` is."""
    if value is MISSING:
        return f"column '{name}' is missing"
    if as_text(value) == "":
        return f"column '{name}' is empty"
    kind = next((word for kind, word in KINDS.items() if isinstance(value, kind)), f"a {type(value).__name__}")
    return f"column '{name}' holds {kind}, not {wanted}"
