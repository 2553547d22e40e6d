"""Conversations as data sets write them: lists of `{role, content}`, or of `{from, value}` as ShareGPT has it.

The first turn may be the system's; then user and assistant speak in any order, several turns in a row too. Every turn
has text and one answer at least is the assistant's: else the conversation is of no use, and why is said in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dragoman.data.rows import Message
from dragoman.data.values import as_text

ROLES = {"system": "system", "user": "user", "human": "user", "assistant": "assistant", "gpt": "assistant"}


class ConversationError(ValueError):
    """What is wrong with a conversation, in words that are the same for the same fault. detail: of this one."""

    def __init__(self, reason: str, detail: str | None = None):
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def read_turns(value: Sequence[object], *, answered: bool = True) -> list[Message]:
    """The turns in a column's value. Raises ConversationError, also where the assistant says nothing, if answered."""
    turns = [_turn(turn, number) for number, turn in enumerate(value, start=1)]
    if answered and not any(turn.role == "assistant" for turn in turns):
        raise ConversationError("a conversation without an answer of the assistant")
    return turns


def with_system(system: str | None, turns: list[Message]) -> tuple[Message, ...]:
    """The turns with a system message before them; a conversation's own one follows it in the same turn."""
    if system is None:
        return tuple(turns)
    own = [turns[0].content] if turns and turns[0].role == "system" else []
    return (Message("system", "\n\n".join([system, *own])), *turns[len(own) :])


def _turn(turn: Any, number: int) -> Message:
    where = f"turn {number}"
    if not isinstance(turn, Mapping):
        raise ConversationError("a turn is no object with a role and a content", where)
    given, content = (_first(turn, *names) for names in (("role", "from"), ("content", "value")))
    role = ROLES.get(given) if isinstance(given, str) else None
    if role is None:
        raise ConversationError("a turn has no role that is known", f"{where}: {given!r}")
    if role == "system" and number > 1:
        raise ConversationError("a system turn after the first turn", where)
    if not isinstance(content, str):
        raise ConversationError("a turn holds no text", where)
    if not as_text(content):
        raise ConversationError("a turn is empty", where)
    if "\0" in content:
        raise ConversationError("a turn holds a NUL character", where)
    return Message(role, content)


def _first(turn: Mapping[str, Any], *names: str) -> Any:
    """The first of these keys that has a value: tables write None for keys that other rows have."""
    return next((turn[name] for name in names if turn.get(name) is not None), None)
