"""Tags of words to entities: where each begins and ends. The schemes differ in how a tag says so.

- IOB1: `I-` for every word of an entity; `B-` only where one begins right after another of its type (Ramshaw and
  Marcus 1995). IOB2: `B-` for the first word of every entity.
- BIOES: besides, `E-` for the last word and `S-` for an entity of one word; BILOU's `L-` and `U-` mean the same.
- The rule of IOB1 reads IOB2 too, and files in which the two are mixed, as the CoNLL evaluation does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Scheme = Literal["iob1", "iob2", "bioes"]

OUTSIDE = "O"
MARKS = {"B": "B", "I": "I", "E": "E", "L": "E", "S": "S", "U": "S"}


class Span(NamedTuple):
    """An entity: its words are start to end - 1."""

    start: int
    end: int
    type: str


class TagsError(ValueError):
    """What is wrong with a sentence's tags, in words that are the same for the same fault. detail: of this one."""

    def __init__(self, reason: str, detail: str):
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def detect_scheme(sentences: Iterable[Sequence[str]]) -> Scheme:
    """The scheme to read tags by: bioes where last words have marks of their own, else iob1, which reads iob2 too."""
    marked = (tag[:2] in ("E-", "S-", "L-", "U-") for tags in sentences for tag in tags)
    return "bioes" if any(marked) else "iob1"


def read_spans(tags: Sequence[str], scheme: Scheme) -> list[Span]:
    """The entities in the order of the words.

    Raises TagsError for a tag that is none, and for one that the scheme does not allow there.
    """
    spans: list[Span] = []
    open_type: str | None = None  # of the entity that the last word belongs to, and that may go on
    start = 0
    for place, tag in enumerate(tags):
        mark, kind = _parts(tag, place)
        goes_on = mark in ("I", "E") and kind == open_type
        _check(mark, goes_on, open_type is not None, scheme, tag, place)
        if open_type is not None and not goes_on:
            spans.append(Span(start, place, open_type))
        if mark == OUTSIDE:
            open_type = None
            continue
        if not goes_on:
            start = place
        open_type = kind
        if mark in ("E", "S"):
            spans.append(Span(start, place + 1, kind))
            open_type = None
    if open_type is not None:
        if scheme == "bioes":
            raise TagsError("the tags break the scheme bioes", f"the entity of word {len(tags)} does not end")
        spans.append(Span(start, len(tags), open_type))
    return spans


def _parts(tag: str, place: int) -> tuple[str, str]:
    """The mark, with BILOU's as BIOES has them, and the entity's type."""
    if tag == OUTSIDE:
        return OUTSIDE, ""
    mark, dash, kind = tag.partition("-")
    if mark not in MARKS or not dash or not kind.strip():
        raise TagsError("a tag is neither O nor a mark with a type, such as B-PER", f"'{tag}' of word {place + 1}")
    return MARKS[mark], kind


def _check(mark: str, goes_on: bool, is_open: bool, scheme: Scheme, tag: str, place: int) -> None:
    """Raise TagsError where the scheme does not allow this mark here. iob1 allows every begin and end."""
    if scheme != "bioes" and mark in ("E", "S"):
        raise TagsError(f"a tag that {scheme} does not have", f"'{tag}' of word {place + 1}")
    begins_wrongly = scheme != "iob1" and mark in ("I", "E") and not goes_on
    ends_wrongly = scheme == "bioes" and is_open and not goes_on
    if begins_wrongly or ends_wrongly:
        what = "begins an entity" if begins_wrongly else "comes before the entity has ended"
        raise TagsError(f"the tags break the scheme {scheme}", f"{tag} of word {place + 1} {what}")
