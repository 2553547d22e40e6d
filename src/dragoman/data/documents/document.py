"""Documents on their way into Arrow tables: what a reader finds, one by one, becomes batches.

A document that no table can hold, or that no model should read, is bad; it is counted and costs nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from dragoman.data.rows import excerpt

MOST_BAD = 1000  # bad documents of a batch

SCHEMA = pa.schema([("text", pa.large_string()), ("row", pa.int64())])

EMPTY, TOO_LONG, DAMAGED = "empty", "too long", "damaged from here on"


class DamagedError(Exception):
    """The rest of a file cannot be read; the message says why."""


class Found(NamedTuple):
    """A document as a reader finds it. row: 1-based in the file: a line, or the document's number."""

    row: int
    text: str


@dataclass(frozen=True)
class BadDocument:
    """A document that cannot be used. reason: the same words for the same kind of fault."""

    row: int
    reason: str
    content: str = ""  # its beginning, to recognise it by


class Documents(NamedTuple):
    """A batch. table: text (large_string) and row (int64), in the order of the file."""

    table: pa.Table
    bad: list[BadDocument]


def batched(found: Iterable[Found | BadDocument], batch_bytes: int, limit: int) -> Iterator[Documents]:
    """Batches of about `batch_bytes`, a single long document more. limit: bytes of the longest document."""
    texts: list[str] = []
    rows: list[int] = []
    bad: list[BadDocument] = []
    size = 0
    for one in found:
        if isinstance(one, BadDocument):
            bad.append(one)
        elif (reason := _fault(one.text, limit)) is not None:
            bad.append(BadDocument(one.row, reason, excerpt(one.text[:1000])))
        else:
            texts.append(one.text)
            rows.append(one.row)
            size += len(one.text)
        if size >= batch_bytes or len(bad) >= MOST_BAD:
            yield _documents(texts, rows, bad)
            texts, rows, bad, size = [], [], [], 0
    if texts or bad:
        yield _documents(texts, rows, bad)


def _fault(text: str, limit: int) -> str | None:
    """What is wrong with a text, as far as that shows without writing it out."""
    if not text or text.isspace():
        return EMPTY
    if "\0" in text:
        return "NUL characters"
    if 4 * len(text) > limit and (len(text) > limit or len(text.encode("utf-8", "surrogatepass")) > limit):
        return TOO_LONG
    return None


def _documents(texts: list[str], rows: list[int], bad: list[BadDocument]) -> Documents:
    try:
        return Documents(pa.table([pa.array(texts, pa.large_string()), pa.array(rows, pa.int64())], SCHEMA), bad)
    except UnicodeEncodeError:  # JSON's escapes can bring in half of a surrogate pair
        sound = []
        for text, row in zip(texts, rows, strict=True):
            try:
                text.encode()
            except UnicodeEncodeError:
                bad.append(BadDocument(row, "not Unicode text", excerpt(text[:1000])))
            else:
                sound.append((text, row))
        return _documents([text for text, _ in sound], [row for _, row in sound], bad)
