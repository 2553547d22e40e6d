"""Numbers as people read them: 6.2 M, 13 min 20 s, 25.1 MB."""

from __future__ import annotations

import math
from collections.abc import Sequence

MISSING = "–"
GAP = "\N{NO-BREAK SPACE}"  # between a number and its unit


def count(value: float | None) -> str:
    """1234567 -> 1,234,567."""
    return MISSING if not _known(value) else f"{value:,.0f}"


def short_count(value: float | None) -> str:
    """1234567 -> 1.23 M: three figures, for headlines."""
    return _scaled(value, 1000, ["", f"{GAP}k", f"{GAP}M", f"{GAP}B", f"{GAP}T"])


def size(value: float | None) -> str:
    """Bytes in decimal units: 25100000 -> 25.1 MB."""
    return _scaled(value, 1000, [f"{GAP}bytes", f"{GAP}kB", f"{GAP}MB", f"{GAP}GB", f"{GAP}TB"])


def decimal(value: float | None, places: int = 1) -> str:
    return MISSING if not _known(value) else f"{value:,.{places}f}"


def signed(value: float | None, places: int = 1) -> str:
    """1.25 -> +1.2, with a minus as wide as the plus; 0 has no sign."""
    text = decimal(value, places)
    if value is None or text == MISSING or not float(text.replace(",", "")):
        return text.removeprefix("-")
    return f"+{text}" if value > 0 else text.replace("-", "\N{MINUS SIGN}")


def listed(parts: Sequence[str]) -> str:
    """["a", "b", "c"] -> "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def share(part: float | None, whole: float | None) -> str:
    """A percentage; a part that is not zero is never shown as 0."""
    if not _known(part) or not _known(whole) or not whole:
        return MISSING
    percent = 100 * (part or 0) / whole
    return f"<{GAP}0.1{GAP}%" if 0 < percent < 0.1 else f"{percent:.1f}{GAP}%"


def duration(seconds: float | None) -> str:
    """4.25 -> 4.2 s; 800 -> 13 min 20 s; 7325 -> 2 h 2 min."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    if seconds < 59.5:
        return f"{seconds:.1f}{GAP}s" if seconds < 9.95 else f"{seconds:.0f}{GAP}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{GAP}min{GAP}{rest}{GAP}s" if rest else f"{minutes}{GAP}min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours:,}{GAP}h{GAP}{minutes}{GAP}min" if minutes else f"{hours:,}{GAP}h"


def plural(number: int, one: str, many: str | None = None) -> str:
    """1 -> "1 row", 1200 -> "1,200 rows"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _scaled(value: float | None, base: int, units: list[str]) -> str:
    if value is None or not math.isfinite(value):
        return MISSING
    power = 0
    while abs(value) >= base * 0.9995 and power < len(units) - 1:
        value, power = value / base, power + 1
    text = f"{value:.3g}" if power and abs(value) < 999.5 else f"{value:,.0f}"
    return text + units[power]
