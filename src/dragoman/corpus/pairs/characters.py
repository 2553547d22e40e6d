"""What kind of character each one of a text is, as a text of the same length: `kinds("Ja, 3.") == "LL. 0."`.

Letters have a mark for their script, decimal digits are "0", white space is a space, what combines with any letter is
"~" and everything else is ".". Counting a kind is then `str.count`, which is fast.

Scripts are told by blocks of Unicode, which is exact for letters of running text. Marks that belong to one script, such
as the vowel signs of Devanagari, count as its letters.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right

SPACE, DIGIT, COMBINING, OTHER, UNKNOWN = " ", "0", "~", ".", "?"

# script: its mark, and its blocks (first and last code point)
_BLOCKS: dict[str, tuple[str, list[tuple[int, int]]]] = {
    "Latin": ("L", [(0x41, 0x24F), (0x250, 0x2AF), (0x1D00, 0x1DBF), (0x1E00, 0x1EFF), (0x2C60, 0x2C7F),
                    (0xA720, 0xA7FF), (0xAB30, 0xAB6F), (0xFB00, 0xFB06), (0xFF21, 0xFF5A)]),
    "Greek": ("G", [(0x370, 0x3FF), (0x1F00, 0x1FFF)]),
    "Cyrillic": ("C", [(0x400, 0x52F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F)]),
    "Armenian": ("A", [(0x530, 0x58F), (0xFB13, 0xFB17)]),
    "Hebrew": ("H", [(0x590, 0x5FF), (0xFB1D, 0xFB4F)]),
    "Arabic": ("R", [(0x600, 0x6FF), (0x750, 0x77F), (0x870, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)]),
    "Thaana": ("V", [(0x780, 0x7BF)]),
    "Devanagari": ("D", [(0x900, 0x97F), (0xA8E0, 0xA8FF)]),
    "Bengali": ("B", [(0x980, 0x9FF)]),
    "Gurmukhi": ("P", [(0xA00, 0xA7F)]),
    "Gujarati": ("U", [(0xA80, 0xAFF)]),
    "Oriya": ("O", [(0xB00, 0xB7F)]),
    "Tamil": ("T", [(0xB80, 0xBFF)]),
    "Telugu": ("E", [(0xC00, 0xC7F)]),
    "Kannada": ("N", [(0xC80, 0xCFF)]),
    "Malayalam": ("M", [(0xD00, 0xD7F)]),
    "Sinhala": ("S", [(0xD80, 0xDFF)]),
    "Thai": ("t", [(0xE00, 0xE7F)]),
    "Lao": ("l", [(0xE80, 0xEFF)]),
    "Tibetan": ("b", [(0xF00, 0xFFF)]),
    "Myanmar": ("m", [(0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F)]),
    "Georgian": ("g", [(0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F)]),
    "Hangul": ("k", [(0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF)]),
    "Ethiopic": ("e", [(0x1200, 0x139F), (0x2D80, 0x2DDF), (0xAB00, 0xAB2F)]),
    "Khmer": ("h", [(0x1780, 0x17FF)]),
    "Mongolian": ("o", [(0x1800, 0x18AF)]),
    "Kana": ("j", [(0x3040, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)]),
    "Han": ("c", [(0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF),
                  (0x20000, 0x3FFFF)]),
}  # fmt: skip
MARKS = {script: mark for script, (mark, _) in _BLOCKS.items()}
SCRIPTS = {mark: script for script, mark in MARKS.items()}
_LETTERS = frozenset({*SCRIPTS, UNKNOWN})
_STARTS = sorted((first, last, mark) for mark, blocks in _BLOCKS.values() for first, last in blocks)
_FIRSTS = [first for first, _, _ in _STARTS]

UNSPACED = "".join(MARKS[script] for script in ("Thai", "Lao", "Tibetan", "Myanmar", "Khmer", "Kana", "Han"))
WIDE = {MARKS["Han"]: 2, MARKS["Kana"]: 1, MARKS["Hangul"]: 1}  # what a character of it says more than a letter does


def kind_of(character: str) -> str:
    """The kind of one character."""
    category = unicodedata.category(character)
    if character.isspace():
        return SPACE
    if category == "Nd":
        return DIGIT
    if category[0] not in "LM":
        return OTHER
    code = ord(character)
    place = bisect_right(_FIRSTS, code) - 1
    if place >= 0 and code <= _STARTS[place][1]:
        return _STARTS[place][2]
    return COMBINING if category[0] == "M" else UNKNOWN


class _Kinds(dict[int, str]):
    """Filled with the characters that come."""

    def __missing__(self, code: int) -> str:
        kind = self[code] = kind_of(chr(code))
        return kind


_KINDS = _Kinds()


def kinds(text: str) -> str:
    """The kind of each character, as a text of the same length."""
    return text.translate(_KINDS)


def count_letters(kinds: str) -> int:
    """How many letters, of any script."""
    return len(kinds) - sum(map(kinds.count, (SPACE, DIGIT, COMBINING, OTHER)))


def count_of(kinds: str, marks: str) -> int:
    """How many characters of these scripts."""
    return sum(map(kinds.count, marks))


def has_spaces(kinds: str) -> bool:
    """Whether the text is in scripts that set spaces between words, by the most of its letters."""
    unspaced = count_of(kinds, UNSPACED)
    return not unspaced or 2 * unspaced < count_letters(kinds)


def letters_worth(kinds: str) -> int:
    """The text's length in letters of an alphabet: an ideograph says about as much as three, a syllable as two."""
    return len(kinds) + sum(more * kinds.count(mark) for mark, more in WIDE.items())
