"""The patterns of each level, weighted, and the drawing of one sentence."""

from __future__ import annotations

from collections.abc import Callable

from dragoman.data.phrasebook import level_a1, level_a2, level_b1, level_b2, level_c1
from dragoman.data.phrasebook.people import Dice
from dragoman.data.phrasebook.sentences import Sentence

Pattern = Callable[[Dice], Sentence]


def _spread(weighted: tuple[tuple[int, Pattern], ...]) -> tuple[Pattern, ...]:
    """Each pattern as often as its weight, so that one even draw does."""
    return tuple(pattern for weight, pattern in weighted for _ in range(weight))


LEVELS: dict[str, tuple[Pattern, ...]] = {
    "A1": _spread(level_a1.PATTERNS),
    "A2": _spread(level_a2.PATTERNS),
    "B1": _spread(level_b1.PATTERNS),
    "B2": _spread(level_b2.PATTERNS),
    "C1": _spread(level_c1.PATTERNS),
}


def draw(level: str, dice: Dice) -> Sentence:
    """One sentence of a level."""
    return dice.pick(LEVELS[level])(dice)
