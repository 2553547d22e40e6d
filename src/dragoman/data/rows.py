"""What flows through this room: a row as it stands in a file, a row of no use, and an example to learn from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

CONTENT_LIMIT = 500  # characters of a bad row that are kept to recognise it by


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row stands: the file, and the 1-based data row (a header is not counted).

    In files of lines it is the line, in a spreadsheet the row's number there.
    """

    file: str
    row: int

    def __str__(self) -> str:
        return f"{self.file}:{self.row}"


class Unreadable:
    """A value that Python cannot hold, such as a date beyond the year 9999."""

    def __str__(self) -> str:
        return "(unreadable)"


UNREADABLE = Unreadable()


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its columns by name. Values are text in text formats; JSON Lines and Parquet keep types and nesting."""

    columns: dict[str, Any]
    origin: Origin


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used.

    reason: the same words for the same kind of fault, so that rows can be counted by it ("not UTF-8").
    detail: what is particular to this row ("byte 0xe4 at offset 1712"). content: the start of the row, to recognise it.
    """

    origin: Origin
    reason: str
    content: str | None = None
    detail: str | None = None

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. role: "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Example:
    """A source and its target, ready for an objective. level: the group that it is also scored in, such as "B1".

    messages: the whole conversation, where it is one; target is then the last answer in it, and source what the user
    said last before that (empty where nothing was said).
    """

    source: str
    target: str
    origin: Origin
    level: str | None = None
    messages: tuple[Message, ...] | None = None

    @property
    def context(self) -> str:
        """All that the target answers, as one text: examples with equal ones belong on the same side of a split."""
        if self.messages is None:
            return self.source
        return "\n".join(f"{turn.role}: {turn.content}" for turn in before_last_answer(self.messages))


def before_last_answer(turns: tuple[Message, ...]) -> tuple[Message, ...]:
    """The turns before the last of the assistant's; all of them where it has none."""
    answers = [place for place, turn in enumerate(turns) if turn.role == "assistant"]
    return turns[: answers[-1]] if answers else turns


def excerpt(content: object) -> str:
    """The start of a row, as text that can be written to any file.

    Columns are shown as JSON; bytes that do not decode and halves of surrogate pairs become escapes.
    """
    if isinstance(content, bytes):
        text = content[: 4 * CONTENT_LIMIT].decode("utf-8", "backslashreplace").rstrip("\r\n")
    else:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, default=str)
        text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= CONTENT_LIMIT else text[: CONTENT_LIMIT - 1] + "…"
