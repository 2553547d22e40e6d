"""How many pieces to draft for a text, so that the tokenizer's trainer finds as many.

How many it finds cannot be told from counts: of a text that repeats itself it keeps little more than the characters.
So sizes are tried, on the sample.
"""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from dragoman.base.errors import RequestError
from dragoman.planning.sizes import Size, round_up
from dragoman.recipe.schema import Tokenizer
from dragoman.tokenizer.cleaning import clean
from dragoman.tokenizer.specials import SPACE
from dragoman.tokenizer.unigram import train_unigram

FIXED_PIECES = 359  # 256 bytes, 100 sentinels, 3 specials
TRIED = 500_000  # characters; a longer text has pieces enough, and trying would take seconds
COVERAGE: float = Tokenizer().character_coverage


def choose_vocabulary(texts: Sequence[str], rows: int, total: int, size: Size) -> int:
    """A vocabulary that the rows can fill. texts: both sides of `rows` sampled rows of `total`."""
    wanted = _wanted(texts, 1.0, size)
    possible = _possible(texts, wanted)
    return possible if possible < wanted else _wanted(texts, math.sqrt(max(1.0, total / max(1, rows))), size)


def _wanted(texts: Sequence[str], growth: float, size: Size) -> int:
    """The tier's size, or fewer pieces where the text has few words. growth: of its words, to those of all rows.

    Unigram finds about half as many pieces as there are different words; these grow with the root of the rows at least
    (Heaps' law). Every character needs a piece too. A tiny text has room for few more: nothing is rounded there.
    """
    words = len({word for text in texts for word in _words(text)}) * growth
    characters = len(set().union(*texts))
    wanted = max(min(size.vocabulary, FIXED_PIECES + 0.4 * words + characters), FIXED_PIECES + 1.2 * characters)
    return round_up(max(360, wanted), 1 if wanted < 600 else 100 if wanted < 2000 else 500)


def _words(text: str) -> list[str]:
    """The words of a text; where a "word" is as long as a sentence, its pairs of characters."""
    return [part for word in text.split() for part in ([word] if len(word) <= 24 else map("".join, pairwise(word)))]


def _possible(texts: Sequence[str], wanted: int) -> int:
    """The wanted size where these texts have so many pieces; else one that they have: at least their characters'."""
    if not texts or sum(map(len, texts)) > TRIED:
        return wanted
    least = max(360, FIXED_PIECES + _needed_characters(texts))
    while wanted > least and not _can_train(texts, wanted):
        wanted = (wanted + least) // 2
    return max(wanted, least)


def _needed_characters(texts: Sequence[str]) -> int:
    """How many characters get a piece of their own: the commonest, until they cover their share of the text."""
    counts = Counter(character for text in texts for character in f"{SPACE}{clean(text)}".replace(" ", SPACE))
    seen, needed = 0, 0
    for count in sorted(counts.values(), reverse=True):
        if seen >= COVERAGE * counts.total():
            break
        seen, needed = seen + count, needed + 1
    return needed


def _can_train(texts: Sequence[str], size: int) -> bool:
    with tempfile.TemporaryDirectory(prefix="dragoman-") as folder:
        try:
            train_unigram(texts, Path(folder) / "tokenizer", vocabulary_size=size, character_coverage=COVERAGE)
        except RequestError:
            return False
    return True
