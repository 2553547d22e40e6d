"""Texts that look like language, for tests of the engine: always the same ones."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

WORDS = """
der die das und in zu den von mit ist des auf für im nicht ein eine als auch es an werden aus er hat dass sie nach wird
bei Haus Baum Garten Straße laufen Kinder Regierung Vertrag Zeitung Montag grün schnell Brücke Fenster
""".split()  # noqa: SIM905


def documents(count: int, seed: int = 1, words: tuple[int, int] = (60, 200)) -> list[str]:
    """Different texts of sentences and lines."""
    dice = random.Random(seed)
    texts = []
    for _ in range(count):
        parts: list[str] = []
        for _ in range(dice.randint(*words) // 10):
            sentence = " ".join(dice.choices(WORDS, k=10)).capitalize()
            parts.append(sentence + dice.choice([". ", "? ", ".\n"]))
        texts.append("".join(parts).strip())
    return texts


def write_json(path: Path, texts: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts), encoding="utf-8")
