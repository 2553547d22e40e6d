"""Entities as text: words and tags become `entity: TYPE | entity: TYPE`, and such text becomes entities again.

- A text's words stand with single spaces between them. A sentence without entities has a word of its own for that.
- Nothing is lost: a bar that belongs to an entity is doubled, and an entity ends at the last `: ` of its part, so that
  it may hold colons; a type may not hold `: `. White space counts as a single space.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from dragoman.base.errors import RequestError
from dragoman.data.rows import BadRow, Row, excerpt
from dragoman.data.tags import Scheme, Span, TagsError, detect_scheme, read_spans
from dragoman.data.values import fault, look_up
from dragoman.recipe import schema

DERIVED = ("tokens", "entities")  # the columns that a row gets
FIRST_ROWS = 1000  # that tell the scheme
BAR = re.compile(r"(?<!\|)\|(?!\|)")  # a single one


class Entity(NamedTuple):
    text: str
    type: str


class Parsed(NamedTuple):
    """The entities that a text names, in order, and how many of its parts are none."""

    entities: list[Entity]
    malformed: int


def format_entities(entities: Iterable[tuple[str, str]], none: str = "None") -> str:
    """The text that stands for entities. `parse_entities` reads it back."""
    return " | ".join(f"{_escaped(text)}: {_escaped(kind)}" for text, kind in entities) or none


def parse_entities(text: str, none: str = "None") -> Parsed:
    """What a text names, be it from `format_entities` or from a model. An empty text is a malformed part."""
    if _squashed(text) == _squashed(none):
        return Parsed([], 0)
    entities, malformed = [], 0
    for part in BAR.split(text):
        name, colon, kind = _squashed(part).rpartition(": ")
        if colon and name.strip():
            entities.append(Entity(name.strip().replace("||", "|"), kind.replace("||", "|")))
        else:
            malformed += 1
    return Parsed(entities, malformed)


def entities_of(words: Sequence[str], spans: Iterable[Span]) -> list[Entity]:
    """The text and the type of each span of the words."""
    return [Entity(_squashed(joined_words(words[span.start : span.end])), span.type) for span in spans]


def check_none(none: str) -> None:
    """Raise RequestError for a word that cannot stand for "no entities"."""
    if not none.strip() or parse_entities(none, none="").entities:
        what = "is empty" if not none.strip() else f"'{none}' reads like an entity"
        raise RequestError(what, where="data.entities.none", hint="choose a word such as None")


def entity_rows(rows: Iterable[Row | BadRow], settings: schema.Entities) -> Iterator[Row | BadRow]:
    """The rows of a source with the columns `tokens` and `entities` as text; bad ones where these cannot be made.

    Memory: FIRST_ROWS rows, where the scheme is to be told from them.
    """
    check_none(settings.none)
    rows = iter(rows)
    if settings.scheme == "auto":
        first = list(islice(rows, FIRST_ROWS))
        rows, scheme = chain(first, rows), detect_scheme(_tags(first, settings.tags))
    else:
        scheme = settings.scheme
    for row in rows:
        yield row if isinstance(row, BadRow) else _derive(row, settings, scheme)


def joined_words(words: Sequence[str]) -> str:
    """The text of a sentence, as models see it."""
    return " ".join(words)


def _tags(rows: Iterable[Row | BadRow], column: str) -> Iterator[list[str]]:
    for row in rows:
        tags = look_up(row.columns, column) if isinstance(row, Row) else None
        if isinstance(tags, list):
            yield [tag for tag in tags if isinstance(tag, str)]


def _derive(row: Row, settings: schema.Entities, scheme: Scheme) -> Row | BadRow:
    words, tags = look_up(row.columns, settings.tokens), look_up(row.columns, settings.tags)
    for name, value in ((settings.tokens, words), (settings.tags, tags)):
        if not isinstance(value, list):
            return _bad(row, fault(name, value, "a list"))
        if not all(isinstance(one, str) for one in value):
            return _bad(row, f"column '{name}' holds a list with something that is no text", _first_odd(value))
    if len(words) != len(tags):
        return _bad(row, "different numbers of words and tags", f"{len(words)} and {len(tags)}")
    try:
        entities = entities_of(words, read_spans(tags, scheme))
    except TagsError as broken:
        return _bad(row, broken.reason, broken.detail)
    for text, kind in entities:
        if not text:
            return _bad(row, "an entity has no text", kind)
        if ": " in _squashed(kind):
            return _bad(row, "an entity's type holds a colon and a space", kind)
    made = {"tokens": joined_words(words), "entities": format_entities(entities, settings.none)}
    return Row({**row.columns, **made}, row.origin)


def _bad(row: Row, reason: str, detail: str | None = None) -> BadRow:
    return BadRow(row.origin, reason, excerpt(row.columns), detail)


def _first_odd(values: list[Any]) -> str:
    place, value = next((place, value) for place, value in enumerate(values, start=1) if not isinstance(value, str))
    return f"{value!r} in place {place}"


def _squashed(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    return _squashed(text).replace("|", "||")
