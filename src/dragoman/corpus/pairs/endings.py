"""How a text ends: as a statement, as a question, or in a way that says that it goes on."""

from __future__ import annotations

import unicodedata

from dragoman.corpus.pairs.characters import MARKS, count_letters, count_of

QUESTION = "?\N{FULLWIDTH QUESTION MARK}\N{ARABIC QUESTION MARK}\N{GREEK QUESTION MARK}⁇⁈⁉‽"
STATEMENT = ".!…。！．｡।॥۔։။።"
GOING_ON = ",;:\N{EN DASH}\N{EM DASH}-、，；：،؛"
CLOSING = "\"'`*_“«" + "‘"  # an opening quotation mark of one language closes in another
CLOSING_CATEGORIES = {"Pe", "Pf", "Zs", "Cf"}
WITHOUT_MARKS = "".join(MARKS[script] for script in ("Thai", "Lao", "Khmer", "Myanmar", "Tibetan"))  # no question mark


def ending(text: str) -> str | None:
    """ "statement", "question" or "going on"; None where the text has no mark at its end."""
    bare = _without_closing(text)
    last = bare[-1:]
    if not last:
        return None
    if last in QUESTION or (last in STATEMENT and bare[-2:-1] and bare[-2] in QUESTION):  # "?!"
        return "question"
    if last in STATEMENT:
        asks = bare[-2:-1] == "か" or "\N{ARMENIAN QUESTION MARK}" in bare
        return "question" if asks else "statement"
    if last == ";" and any("\u0370" <= character <= "\u03ff" for character in bare):
        return "question"  # the Greek question mark, as it is typed
    return "going on" if last in GOING_ON else None


def differ(source: str, target: str) -> bool:
    """Whether one text ends as a question, or goes on, and the other does not. A statement may lack its mark."""
    first, second = ending(source), ending(target)
    return first != second and not {first, second} <= {"statement", None}


def has_marks(kinds: str) -> bool:
    """Whether the text is in a script that marks the end of a question, by the most of its letters (see `kinds`)."""
    return 2 * count_of(kinds, WITHOUT_MARKS) <= count_letters(kinds)


def _without_closing(text: str) -> str:
    """The text less the quotation marks, brackets and spaces that may stand after its last mark."""
    end = len(text)
    while end and _closes(text[end - 1]):
        end -= 1
    return text[:end]


def _closes(character: str) -> bool:
    return character in CLOSING or character.isspace() or unicodedata.category(character) in CLOSING_CATEGORIES
