"""Documents with planted near duplicates, and their similarity worked out exactly."""

from __future__ import annotations

import random


def word(rng: random.Random) -> str:
    return f"{rng.choice(['haus', 'weg', 'blatt', 'über', 'kern', 'straße', 'mond'])}{rng.randrange(2000)}"


def document(rng: random.Random, length: int) -> list[str]:
    return [word(rng) for _ in range(length)]


def edited(rng: random.Random, words: list[str], share: float) -> list[str]:
    """The words with about this share of them replaced, left out or repeated."""
    result = []
    for each in words:
        if rng.random() >= share:
            result.append(each)
        elif (kind := rng.randrange(3)) == 0:
            result.append(word(rng))
        elif kind == 1:
            result += [each, each]
    return result


def jaccard(some: list[str], others: list[str], n: int) -> float:
    """The exact similarity of two texts' groups of n words."""
    a, b = ({tuple(words[i : i + n]) for i in range(len(words) - n + 1)} for words in (some, others))
    return len(a & b) / len(a | b) if a | b else 0.0
