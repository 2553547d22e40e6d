"""What is wrong with a text that is no YAML, in plain words."""

from __future__ import annotations

import re
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError


class _Rule(NamedTuple):
    """A complaint of the parser's (a pattern over "context: problem") and how to say it.

    at_start: point at where the broken construct begins, not at where the parser gave up.
    """

    pattern: str
    words: str
    at_start: bool = False


_RULES = (
    _Rule(r"'\\t'|tab character", "a tab: YAML is indented and spaced with spaces only"),
    _Rule(r"quoted scalar: found unexpected", "this quote is never closed", at_start=True),
    _Rule(r"unknown escape character '(.*)'", r"'\\\1' means nothing in double quotes: use single quotes"),
    _Rule(
        r"mapping values are not allowed",
        "an unexpected ':': indent the line like its neighbours, or put text that holds ': ' in quotes",
    ),
    _Rule(r"could not find expected ':'", "a key needs ':' and a space after it", at_start=True),
    _Rule(r"found '<block (mapping|sequence) start>'", "the indentation of this line matches no line above it"),
    _Rule(
        r"block mapping: .*found '<scalar>'",
        "unexpected text after a closing quote or bracket: put the whole value in quotes",
    ),
    _Rule(r"block mapping: .*found '-'", "a list item where a key should be: indent the list under its key"),
    _Rule(r"block collection: .*found", "a key where a list item should be: check its indentation"),
    _Rule(r"expected ',' or '([]}])'", r"this bracket is not closed: expected ',' or '\1'", at_start=True),
    _Rule(r"expected the node content, but found '(.)'", r"an unexpected '\1': put text that begins with it in quotes"),
    _Rule(r"expected the node content", "a value is missing here"),
    _Rule(r"sequence entries are not allowed", "a list item ('- ') begins on a line of its own"),
    _Rule(
        r"undefined alias '(.*)'",
        r"'*\1' refers to an anchor that is not above: put text that begins with '*' in quotes",
    ),
    _Rule(r"found another document", "a second document ('---'): a recipe is one document"),
    _Rule(r"expected alphabetic or numeric", "text that begins with '*' or '&' needs quotes", at_start=True),
    _Rule(r"block scalar: expected", "text that begins with '|' or '>' needs quotes", at_start=True),
    _Rule(r"character '(.)' that cannot start", r"text cannot begin with '\1': put it in quotes"),
)


def explain(error: YAMLError, text: str) -> tuple[int, int, str]:
    """(line, column, what is wrong); lines and columns are counted from 1."""
    if isinstance(error, ReaderError):
        before = text[: error.position]
        code = ord(error.character) if isinstance(error.character, str) else error.character
        return before.count("\n") + 1, len(before) - before.rfind("\n"), f"a control character (U+{code:04X})"
    if not isinstance(error, MarkedYAMLError):
        return 1, 1, f"not valid YAML: {error}"
    complaint = f"{error.context}: {error.problem}"
    mark = error.problem_mark or error.context_mark
    words = f"not valid YAML: {error.problem}"
    for rule in _RULES:
        if found := re.search(rule.pattern, complaint):
            words = found.expand(rule.words)
            mark = error.context_mark if rule.at_start and error.context_mark else mark
            break
    return (mark.line + 1, mark.column + 1, words) if mark else (1, 1, words)
