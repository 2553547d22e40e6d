"""Cutting a text that is too long for a model, at the least harmful places.

Sentence by sentence, since that is what translation models learn from. A sentence that is itself too long is cut after
commas and the like, else between words, else anywhere, each time into as few pieces as fit. Nothing is lost: the pieces
put together are the text.

A full stop ends a sentence only where nothing speaks against it: a missed end makes one input longer, a wrong one tears
a sentence apart. So abbreviations, initials, "3. Oktober" and stops before a small letter end nothing.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

CLOSING = "\"'”’“‘»«›‹)\\]}"  # what may stand between a sentence's mark and the space
OPENING = "\"'“„‚«»‹›([{¿¡–—-"  # what may stand before a sentence's first letter
MARK = ".!?…।؟۔"  # ends a sentence where a space follows
WIDE = "。！？｡"  # ends one always

# The look-behind starts a match only where a run of marks does: a line of dots takes linear time.
END = re.compile(rf"(?<![{MARK}])[{MARK}]++[{CLOSING}]*+\s+|[{WIDE}]+[”’」』）》]*\s*")
CLAUSE = re.compile(r"[,;:،؛–—][\"'”’“‘»«)]*\s+|[，；：、]\s*")
DOTTED = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]|\d{1,2}")  # initials, "z.B" and "e.g"; "3." as in "3. Oktober"

GERMAN = """
    abb abs allg anm aufl bd bes betr bspw bzgl bzw ca chr dgl dipl dr ebd einschl erg evtl exkl ff fn frl geb gebr gegr
    gem gest ggf ggü hl hr hrsg ing inkl insb jh jhd jhdt kap lfd mind mio mrd mwst nr prof rd rel sog std str tel teilw
    urspr usf usw verh vgl vllt zit ztr zus zzgl jan feb apr aug sept okt nov dez
"""
ENGLISH = """
    al approx apt assoc ave blvd capt cf co col corp cpl dept ed eds eq est etc fig figs ft gen gov govt hon ibid inc jr
    lt ltd maj messrs mr mrs ms mt oct dec pp pres rep rev sen sgt sr st viz vol vols vs
"""
ABBREVIATIONS = frozenset(GERMAN.split() + ENGLISH.split())


def split(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Cut a text into pieces that fit; `"".join(split(text, fits)) == text`. Only one character alone may not fit."""
    return [piece for sentence in sentences(text) for piece in _shorten(sentence, fits, (clauses, words, characters))]


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with the white space behind it."""
    return _cut(text, (match.end() for match in END.finditer(text) if _ends_sentence(match)))


def clauses(text: str) -> list[str]:
    """The parts of a text up to and with each comma, semicolon, colon or dash."""
    return _cut(text, (match.end() for match in CLAUSE.finditer(text)))


def words(text: str) -> list[str]:
    """The words of a text, each with the white space behind it."""
    return _cut(text, (match.end() for match in re.finditer(r"\s+", text)))


def characters(text: str) -> list[str]:
    """The characters of a text, marks with the letter that they belong to."""
    return _cut(text, (i for i, c in enumerate(text) if not (unicodedata.combining(c) or c == "\u200d")))


def _cut(text: str, places: Iterable[int]) -> list[str]:
    edges = [0, *(place for place in places if 0 < place < len(text)), len(text)]
    return [text[start:end] for start, end in pairwise(edges) if start < end]


def _ends_sentence(match: re.Match[str]) -> bool:
    text, mark = match.string, match[0].rstrip()
    if mark[0] in WIDE:
        return True
    following = text[match.end() : match.end() + 8].lstrip(OPENING)
    if following[:1].islower():
        return False
    if mark[:2].strip(CLOSING) != ".":
        return True
    before = text[max(0, match.start() - 32) : match.start()].split(" ")[-1].lstrip(OPENING)
    return not (DOTTED.fullmatch(before) or before.casefold() in ABBREVIATIONS)


def _shorten(text: str, fits: Callable[[str], bool], ways: tuple[Callable[[str], list[str]], ...]) -> list[str]:
    """Cut what is too long in the first of the ways that cuts it at all, and what still is in the next ones."""
    if not ways or fits(text):
        return [text]
    for number, way in enumerate(ways, start=1):
        parts = way(text)
        if len(parts) > 1:
            return [piece for part in _pack(parts, fits) for piece in _shorten(part, fits, ways[number:])]
    return [text]


def _pack(parts: list[str], fits: Callable[[str], bool]) -> Iterator[str]:
    """Join neighbours as long as they fit together. A part that does not fit stands alone.

    How many do is looked for near the number of the piece before, in growing steps: most pieces are found in two or
    three tries, and a long text is never tried as a whole.
    """
    start, guess = 0, 2
    while start < len(parts):

        def too_long(count: int, start: int = start) -> bool:
            return not fits("".join(parts[start : start + count]))

        most, least, step = 1, len(parts) - start + 1, 1  # the most parts known to fit, the least known not to
        while most < guess < least:
            if too_long(guess):
                least, guess = guess, guess - step
            else:
                most, guess = guess, guess + step
            step *= 2
        count = most + bisect_left(range(most + 1, least), True, key=too_long)
        yield "".join(parts[start : start + count])
        start, guess = start + count, max(count, 2)
