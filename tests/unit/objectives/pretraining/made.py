"""Text to test with."""

from __future__ import annotations

import random

WORDS = [
    "the", "old", "bridge", "has", "been", "repaired", "and", "people", "walk", "over", "it", "again", "every",
    "morning", "while", "children", "play", "near", "water", "nobody", "knows", "why", "this", "house", "was", "built",
    "so", "far", "from", "road", "but", "its", "garden", "is", "famous", "for", "roses",
]  # fmt: skip


def sentences(count: int, seed: int = 0) -> list[str]:
    """Different ones, of 4 to 30 words."""
    draw = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found[" ".join(draw.choices(WORDS, k=draw.randint(4, 30)))] = None
    return list(found)
