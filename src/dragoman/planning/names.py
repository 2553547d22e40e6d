"""Many module names as few patterns: `encoder.block.{0..7}.layer.0.SelfAttention.{q,v}`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

Pattern = tuple[tuple[str, ...], ...]  # for each part of a name, the choices


def compress_names(names: Iterable[str]) -> list[str]:
    """Patterns that stand for exactly these names: `{a,b}` for one or the other, `{0..3,7}` for numbers."""
    patterns: set[Pattern] = {tuple((part,) for part in name.split(".")) for name in names}
    longest = max(map(len, patterns), default=0)
    count = len(patterns) + 1
    while len(patterns) < count:
        count = len(patterns)
        for place in reversed(range(longest)):
            patterns = _merge(patterns, place)
    return sorted((".".join(map(_write, pattern)) for pattern in patterns), key=_in_order)


def _merge(patterns: Iterable[Pattern], place: int) -> set[Pattern]:
    """One pattern of those that differ at this place only."""
    choices: dict[tuple[Pattern, Pattern], set[str]] = defaultdict(set)
    merged = set()
    for pattern in patterns:
        if place < len(pattern):
            choices[pattern[:place], pattern[place + 1 :]].update(pattern[place])
        else:
            merged.add(pattern)
    for (before, after), parts in choices.items():
        merged.add((*before, tuple(sorted(parts, key=_in_order)), *after))
    return merged


def _write(choices: Sequence[str]) -> str:
    if len(choices) == 1:
        return choices[0]
    numbers = all(choice.isdecimal() for choice in choices)
    return "{" + ",".join(_runs([int(choice) for choice in choices]) if numbers else choices) + "}"


def _runs(numbers: Sequence[int]) -> Iterator[str]:
    """Rising numbers, neighbours as `first..last`."""
    first = last = numbers[0]
    for number in (*numbers[1:], None):
        if number == last + 1:
            last = number
            continue
        yield str(first) if first == last else f"{first},{last}" if last == first + 1 else f"{first}..{last}"
        if number is not None:
            first = last = number


def _in_order(text: str) -> list[tuple[int, int, str]]:
    """A key that sorts block.10 after block.9."""
    pieces = re.split(r"(\d+)", text)
    return [(0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece]
