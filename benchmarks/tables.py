"""Results as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column is text, the others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def middle(values: Sequence[float], form: str = ",.0f") -> str:
    """The median, and between which values it lies: "2,410 (2,380-2,455)"."""
    if len(values) == 1:
        return format(values[0], form)
    return f"{median(values):{form}} ({min(values):{form}}-{max(values):{form}})"


def ratio(a: Sequence[float], b: Sequence[float]) -> str:
    """How many times b fits into a, round by round."""
    return f"{middle([x / y for x, y in zip(a, b, strict=True)], '.2f')}x"
