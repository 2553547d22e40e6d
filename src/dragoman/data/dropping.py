"""The recipe's `data.drop_if`: rows that are left out because a column matches a regular expression."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from dragoman.base.errors import RequestError
from dragoman.data.rows import Row
from dragoman.data.values import as_text, look_up

KEY = "data.drop_if"


class DropRules:
    """Columns, each with the expression that is searched for in it. Raises RequestError for one that cannot be read."""

    def __init__(self, rules: Mapping[str, str]):
        self._rules = [
            (column, _compile(column, regex), f"{column} matches '{regex}'") for column, regex in rules.items()
        ]

    @property
    def columns(self) -> list[str]:
        return [column for column, _, _ in self._rules]

    def reason(self, row: Row) -> str | None:
        """Why the row is dropped, the same words for the same rule; None where it stays."""
        for column, regex, reason in self._rules:
            if regex.search(_shown(look_up(row.columns, column))):
                return reason
        return None


NO_RULES = DropRules({})


def _compile(column: str, regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex)
    except (re.error, OverflowError, RecursionError) as error:
        raise RequestError(
            f"'{regex}', for the column '{column}', is no regular expression: {error}", where=KEY,
            hint=r"put a backslash before a mark that stands for itself, as in \( or \?",
        ) from None  # fmt: skip


def _shown(value: Any) -> str:
    """The text that is searched: white space as it stands, nothing for no value, JSON for lists and objects."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return as_text(value) or ""
