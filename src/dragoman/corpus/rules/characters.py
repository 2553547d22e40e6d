"""What kind of character each byte of a text belongs to: one look-up for ASCII, decoded code points for the rest."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus.spans import Bytes, Places

SPACE, LETTER, MARK, DIGIT, SYMBOL, END, CLOSING, CONTINUED = (1 << bit for bit in range(8))

END_MARKS = frozenset(".!?…‼⁇⁈⁉。．！？｡।॥؟۔։።")
CODE_POINTS, PAGE = 0x110000, 0x100


def kind_of(character: str) -> int:
    """The bits that hold for a character.

    SPACE: as `str.split` sees it. LETTER: as `str.isalpha` does. MARK: a combining mark. DIGIT: a decimal digit of any
    script. SYMBOL: punctuation, symbols, control characters. END: ends a sentence. CLOSING: a quote or closing bracket.
    """
    category = unicodedata.category(character)
    space = character.isspace()
    kind = SPACE if space else 0
    kind |= LETTER if category[0] == "L" else 0
    kind |= MARK if category[0] == "M" else 0
    kind |= DIGIT if category == "Nd" else 0
    kind |= SYMBOL if category[0] in "PSC" and not space else 0
    kind |= END if character in END_MARKS else 0
    kind |= CLOSING if category in ("Pe", "Pi", "Pf") or character in "\"'" else 0
    return kind


def upper_of(character: str) -> int:
    """1 for an upper-case letter."""
    return int(character.isupper())


class CharacterTable:
    """A byte for each character there is, worked out page by page as texts need it."""

    def __init__(self, value_of: Callable[[str], int]):
        self.value_of = value_of
        self.ascii = bytes(value_of(chr(byte)) for byte in range(128)) + bytes(128)
        self.values = np.zeros(CODE_POINTS, np.uint8)
        self.known = np.zeros(CODE_POINTS // PAGE, bool)

    def of(self, characters: NDArray[np.int32]) -> Bytes:
        """The values (N,) of code points (N,)."""
        pages = np.bincount(characters >> 8, minlength=len(self.known)) > 0
        for page in np.flatnonzero(pages & ~self.known):
            points = range(page * PAGE, (page + 1) * PAGE)
            self.values[points.start : points.stop] = [self.value_of(chr(point)) for point in points]
            self.known[page] = True
        return self.values[characters]

    def look_up(self, data: Bytes, leads: Places, *, continued: int) -> Bytes:
        """A value for each byte (B,) of UTF-8 text: its character's, and `continued` besides from the second byte on.

        leads: where characters outside ASCII begin.
        """
        values = np.frombuffer(bytearray(data).translate(self.ascii), np.uint8)
        if not len(leads):
            return values
        lengths = lead_lengths(data[leads])
        found = self.of(code_points(data, leads, lengths))
        values[leads] = found
        found |= continued
        for place in (1, 2, 3):
            longer = lengths > place
            values[leads[longer] + place] = found[longer]
        return values


def lead_lengths(leads: Bytes) -> Bytes:
    """How many bytes (N,) the characters have that begin with these bytes of 0xC0 or more."""
    return 2 + (leads >= 0xE0).astype(np.uint8) + (leads >= 0xF0)


def code_points(data: Bytes, leads: Places, lengths: Bytes) -> NDArray[np.int32]:
    """The code points (N,) of the characters that begin at `leads`, each `lengths` bytes long."""
    points = (data[leads] & (0x7F >> lengths)).astype(np.int32)
    for place in (1, 2, 3):
        longer = np.flatnonzero(lengths > place)
        points[longer] = points[longer] << 6 | (data[leads[longer] + place] & 0x3F)
    return points


KINDS = CharacterTable(kind_of)
UPPER = CharacterTable(upper_of)
