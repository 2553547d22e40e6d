"""Where an output and its reference differ, word by word: for sample tables.

Words are runs without white space; punctuation stands alone, and so does each Chinese or Japanese character, as
there are no spaces to part them. (`\\w` would not do: it breaks Devanagari at its vowel signs.)
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

_PUNCTUATION = r".,!?;:()\[\]{}\"“”„‚‘«»‹›…–—।॥،؛؟。、！？"
_ALONE = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(rf"\s+|[{_PUNCTUATION}{_ALONE}]|[^\s{_PUNCTUATION}{_ALONE}]+")


class Piece(NamedTuple):
    """A stretch of one of the two texts; `differs` where the other text has nothing equal to it."""

    text: str
    differs: bool


def word_differences(reference: str, output: str) -> tuple[list[Piece], list[Piece]]:
    """The pieces of the reference and those of the output. Joined, each side's pieces are its text again.

    Words are compared with their case; white space differs only between two words that do.
    """
    sides = [_TOKEN.findall(reference), _TOKEN.findall(output)]
    words: list[list[str]] = [[token for token in side if not token.isspace()] for side in sides]
    differs = [[True] * len(side) for side in words]
    for a, b, size in SequenceMatcher(a=words[0], b=words[1], autojunk=False).get_matching_blocks():
        differs[0][a : a + size] = differs[1][b : b + size] = [False] * size
    return _pieces(sides[0], differs[0]), _pieces(sides[1], differs[1])


def _pieces(tokens: list[str], differs: list[bool]) -> list[Piece]:
    """Neighbours of one kind, joined. `differs` counts words, not tokens."""
    words = iter(differs)
    flags = [None if token.isspace() else next(words) for token in tokens]
    pieces: list[Piece] = []
    for before, token, flag, after in zip([False, *flags], tokens, flags, [*flags[1:], False], strict=False):
        changed = bool(before and after) if flag is None else flag
        if pieces and pieces[-1].differs == changed:
            pieces[-1] = Piece(pieces[-1].text + token, changed)
        else:
            pieces.append(Piece(token, changed))
    return pieces
