import random
from pathlib import Path

import pytest

from dragoman.tokenizer.tokenizer import Tokenizer
from dragoman.tokenizer.unigram import train_unigram

CONSONANTS = ["b", "d", "f", "g", "h", "k", "l", "m", "n", "r", "s", "t", "w", "sch", "st", "th", "tr"]
VOWELS = ["a", "e", "i", "o", "u", "ä", "ö", "ü", "ei", "au"]
ENDINGS = ["", "", "n", "s", "ß", "en", "ung", "ing"]


def made_up_lines(n: int) -> list[str]:
    """Sentences of words built from syllables: few common, many rare, with endings, digits and punctuation."""
    draw = random.Random(1)

    def word() -> str:
        syllables = [draw.choice(CONSONANTS) + draw.choice(VOWELS) for _ in range(draw.randint(1, 3))]
        return "".join(syllables) + draw.choice(ENDINGS)

    words = [word() for _ in range(1500)]
    weights = [1 / (rank + 5) for rank in range(len(words))]

    def sentence() -> str:
        first, *rest = draw.choices(words, weights, k=draw.randint(3, 9))
        return f"{first.capitalize()} {' '.join(rest)} {draw.randint(0, 99)}{draw.choice('.!?')}"

    return [sentence() for _ in range(n)]


@pytest.fixture(scope="session")
def lines() -> list[str]:
    return made_up_lines(1500)


@pytest.fixture(scope="session")
def folder(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained tokenizer folder of 700 pieces."""
    folder = tmp_path_factory.mktemp("tokenizer") / "trained"
    train_unigram(iter(lines), folder, vocabulary_size=700, character_coverage=0.9995)
    return folder


@pytest.fixture(scope="session")
def tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer.load(folder)
