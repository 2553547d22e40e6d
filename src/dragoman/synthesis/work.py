"""What both ways of making pairs offer: orders in rounds, their words, and pairs out of an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from dragoman.synthesis.asks import Ask

Side = Literal["source", "target"]
SIDES: tuple[Side, Side] = ("source", "target")
Order = dict[str, Any]  # one request before it is put into words; all of it fits JSON, and the ledger keeps it


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair that a model has written, before the gates. fault: what is wrong with it already, in a few words.

    written: the side that was there first; the other is its translation. place: where the pair belongs (its cell, or
    the text that it came from), for people and for quotas.
    """

    source: str
    target: str
    written: Side
    place: dict[str, Any]
    fault: str | None = None


_NO_TEXT = re.compile("[\x00-\x1f\x7f\ufffd]")


class SchemaError(ValueError):
    """An answer that is not what was asked for, as a whole."""


class Progress(Protocol):
    """What the gates have let pass so far."""

    kept: int

    def kept_in(self, place: dict[str, Any]) -> int:
        """How many pairs of a cell."""
        ...

    def examples(self, place: dict[str, Any]) -> Sequence[str]:
        """Some of their sentences, on the side that was written first."""
        ...


class Work(Protocol):
    """One way of making pairs. Everything here is a pure function of the recipe, its files and its arguments."""

    version: str  # of the prompt

    def first(self) -> Iterator[Order]:
        """The orders of the first round."""
        ...

    def refill(self, round: int, progress: Progress, unusable: Sequence[Order]) -> Iterator[Order]:
        """The orders of a later round (from 2 on), for what is still missing. unusable: orders of the round before of
        which nothing could be used as a whole.
        """
        ...

    def size(self, order: Order) -> int:
        """How many pairs it asks for."""
        ...

    def halves(self, order: Order) -> list[Order]:
        """The same in two orders, for an answer that was cut off; none where it asks for one thing alone."""
        ...

    def ask(self, order: Order) -> Ask: ...

    def read(self, order: Order, text: str) -> list[Candidate]:
        """The pairs in an answer. Raises SchemaError."""
        ...

    def quota(self, place: dict[str, Any]) -> int | None:
        """How many pairs of this place are wanted at most."""
        ...

    def counts(self) -> dict[str, int]:
        """What was passed over before it was asked for, by reason."""
        ...


def read_list(text: str, key: str) -> list[Any]:
    """The list that an answer's JSON holds under `key`. Raises SchemaError."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise SchemaError("no JSON") from None
    found = value.get(key) if isinstance(value, dict) else None
    if not isinstance(found, list):
        raise SchemaError(f"no list '{key}'")
    return found


def sound(value: Any) -> str | None:
    """Text in one line, or None for what is none: empty, or with characters that no text holds."""
    if not isinstance(value, str) or not (text := " ".join(value.split())):
        return None
    try:
        text.encode()
    except UnicodeEncodeError:  # JSON's escapes can bring in half of a surrogate pair
        return None
    return None if _NO_TEXT.search(text) else text


def dump(order: Order) -> str:
    return json.dumps(order, ensure_ascii=False, separators=(",", ":"))
