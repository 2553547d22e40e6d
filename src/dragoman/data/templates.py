"""How a row's columns become an example: `{name}` stands for a column, `{a.b}` for a nested one, `{{` for a brace.

For the task chat a row is a conversation: one question and its answer, or a column that holds all of it.
"""

from __future__ import annotations

import re

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.data.conversations import ConversationError, read_turns, with_system
from dragoman.data.rows import BadRow, Example, Message, Row, before_last_answer, excerpt
from dragoman.data.values import MISSING, as_text, fault, look_up
from dragoman.recipe import schema

__all__ = ["MISSING", "Template", "as_text", "look_up"]

PIECE = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|[^{}]+")  # an escaped brace, a column, or plain text


class Template:
    """The settings' templates, ready to be filled. Raises RequestError for one that cannot be read.

    columns: the names that source and target need. defaults: values where such a column is missing or empty. An empty
    default is refused where it would leave a side with nothing to read: no empty text is ever learnt.
    conversation: the column that holds conversations, for the task chat where it is not made of source and target.
    key: where the settings stand in the recipe, for messages.
    """

    def __init__(self, settings: schema.Template, task: str = "translation", key: str = "data.template"):
        self.chat, self.key = task == "chat", key
        self.level, self.defaults = settings.level, dict(settings.defaults)
        self.conversation = settings.messages
        self.system = settings.system if as_text(settings.system) else None
        for name in ("messages", "system"):
            if getattr(settings, name) is not None and not self.chat:
                raise RequestError("goes with task: chat", where=f"data.template.{name}", hint="remove it")
        self._source: list[tuple[bool, str]] = []
        self._target: list[tuple[bool, str]] = []
        if self.conversation is None:
            self._source = _parse(settings.source, f"{key}.source")
            self._target = _parse(settings.target, f"{key}.target")
        self.source_columns = list(dict.fromkeys(name for is_column, name in self._source if is_column))
        self.target_columns = list(dict.fromkeys(name for is_column, name in self._target if is_column))
        self._check_defaults()
        if self.conversation is not None:
            self.source_columns = [self.conversation]
        self.columns = {*self.source_columns, *self.target_columns}

    def _check_defaults(self) -> None:
        known = {*self.source_columns, *self.target_columns}
        for name in self.defaults:
            if name not in known:
                raise RequestError(
                    f"has a value for '{name}', which no template names",
                    where="data.template.defaults",
                    hint=did_you_mean(name, known),
                )
        for side, pieces in (("source", self._source), ("target", self._target)):
            without_default = any(is_column and name not in self.defaults for is_column, name in pieces)
            shown = [self.defaults.get(text, "") if is_column else text for is_column, text in pieces]
            if pieces and not without_default and not any(as_text(text) for text in shown):
                raise RequestError(
                    f"would make an empty {side}", where="data.template.defaults",
                    hint="give text, or leave it out: rows without a text are then put aside",
                )  # fmt: skip

    def render(self, row: Row) -> Example | BadRow:
        """The row's example; a BadRow where a column without a default is missing, empty or no text.

        The level is None where the row has none: it groups scores and is never needed.
        """
        level = None if self.level is None else as_text(look_up(row.columns, self.level)) or None
        if self.conversation is not None:
            turns = self._turns(row, self.conversation)
            return turns if isinstance(turns, BadRow) else _chat_example(turns, row, level)
        source = self.render_source(row)
        if isinstance(source, BadRow):
            return source
        target = self._fill(self._target, row)
        if isinstance(target, BadRow):
            return target
        if self.chat:
            return _chat_example((*self.ask(source), Message("assistant", target)), row, level)
        return Example(source, target, row.origin, level)

    def render_question(self, row: Row) -> str | tuple[Message, ...] | BadRow:
        """What a row that may have no answer asks: a text; for the task chat, the turns before the answer."""
        if self.conversation is None:
            source = self.render_source(row)
            return self.ask(source) if self.chat and isinstance(source, str) else source
        turns = self._turns(row, self.conversation, answered=False)
        return before_last_answer(turns) if isinstance(turns, tuple) and turns[-1].role == "assistant" else turns

    def ask(self, text: str) -> tuple[Message, ...]:
        """A user's question as a conversation, after the system message where there is one."""
        return with_system(self.system, [Message("user", text)])

    def _turns(self, row: Row, column: str, *, answered: bool = True) -> tuple[Message, ...] | BadRow:
        value = look_up(row.columns, column)
        if not isinstance(value, list) or not value:
            reason = f"column '{column}' is empty" if value == [] else fault(column, value, "a list of turns")
            return BadRow(row.origin, reason, excerpt(row.columns))
        try:
            return with_system(self.system, read_turns(value, answered=answered))
        except ConversationError as broken:
            return BadRow(row.origin, broken.reason, excerpt(row.columns), broken.detail)

    def render_source(self, row: Row) -> str | BadRow:
        """The model's input alone, for a row that has no target."""
        return self._fill(self._source, row)

    def _fill(self, pieces: list[tuple[bool, str]], row: Row) -> str | BadRow:
        filled = []
        for is_column, text in pieces:
            if not is_column:
                filled.append(text)
                continue
            value = look_up(row.columns, text)
            shown = as_text(value)
            if shown and "\0" in shown:
                return BadRow(row.origin, f"column '{text}' holds a NUL character", excerpt(row.columns))
            if not shown:
                if shown is not None and text in self.defaults:
                    shown = self.defaults[text]
                else:
                    return BadRow(row.origin, fault(text, value), excerpt(row.columns))
            filled.append(shown)
        return "".join(filled)


def _parse(template: str, where: str) -> list[tuple[bool, str]]:
    """The template as pieces (is it a column?, its name or the plain text)."""
    pieces, at = [], 0
    for match in PIECE.finditer(template):
        if match.start() != at or (match[1] and not match[1].strip()):
            break
        at = match.end()
        pieces.append((True, match[1].strip()) if match[1] else (False, {"{{": "{", "}}": "}"}.get(match[0], match[0])))
    if at != len(template):
        raise RequestError(
            f"a brace that belongs to no column at character {at + 1} of '{template}'",
            where=where,
            hint="write {name} for a column, {{ and }} for the braces themselves",
        )
    if not any(is_column for is_column, _ in pieces):
        raise RequestError(f"'{template}' names no column", where=where, hint="write {name} for a column")
    return pieces


def _chat_example(turns: tuple[Message, ...], row: Row, level: str | None) -> Example:
    """An example of turns with an answer among them."""
    before = before_last_answer(turns)
    asked = next((turn.content for turn in reversed(before) if turn.role == "user"), "")
    return Example(asked, turns[len(before)].content, row.origin, level, turns)
