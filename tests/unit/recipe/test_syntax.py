# ruff: noqa: E501  (messages are expected on one line, as they are printed)

from __future__ import annotations

import pytest
from ruamel.yaml.error import YAMLError

from dragoman.recipe.syntax import explain
from dragoman.recipe.tree import read_tree

CASES = {
    "tab as indentation": ("a:\n\tb: 1\n", (2, 1, "a tab: YAML is indented and spaced with spaces only")),
    "tab after the colon": ("a:\t1\n", (1, 3, "a tab: YAML is indented and spaced with spaces only")),
    "open quote": ("a: 'x\nb: 2\n", (1, 4, "this quote is never closed")),
    "open double quote": ('a: "x\nb: 2\n', (1, 4, "this quote is never closed")),
    "open list": ("a:\n  b: [1, 2\nc: 3\n", (2, 6, "this bracket is not closed: expected ',' or ']'")),
    "open mapping": ("a: {b: 1\nc: 3\n", (1, 4, "this bracket is not closed: expected ',' or '}'")),
    "stray bracket": ("a: ]\n", (1, 4, "an unexpected ']': put text that begins with it in quotes")),
    "two colons": (
        "a: b: c\n",
        (1, 5, "an unexpected ':': indent the line like its neighbours, or put text that holds ': ' in quotes"),
    ),
    "indented too far": (
        "a:\n  b: 1\n   c: 2\n",
        (3, 5, "an unexpected ':': indent the line like its neighbours, or put text that holds ': ' in quotes"),
    ),
    "indented too little": ("a:\n    b: 1\n  c: 2\n", (3, 3, "the indentation of this line matches no line above it")),
    "no colon": ("a: 1\nb\nc: 2\n", (2, 1, "a key needs ':' and a space after it")),
    "no space after the colon": ("a: 1\nb:2\nc: 3\n", (2, 1, "a key needs ':' and a space after it")),
    "item among keys": ("a: 1\n- b\n", (2, 1, "a list item where a key should be: indent the list under its key")),
    "key among items": (
        "a:\n  - b: 1\n  c: 2\n",
        (3, 3, "a key where a list item should be: check its indentation"),
    ),
    "item on the key's line": ("a: - b\n", (1, 4, "a list item ('- ') begins on a line of its own")),
    "text after a brace": (
        "a: {de}: x\n",
        (1, 8, "an unexpected ':': indent the line like its neighbours, or put text that holds ': ' in quotes"),
    ),
    "template without quotes": (
        "a: {de} x\n",
        (1, 9, "unexpected text after a closing quote or bracket: put the whole value in quotes"),
    ),
    "quote in a quote": (
        "a: 'it's'\n",
        (1, 8, "unexpected text after a closing quote or bracket: put the whole value in quotes"),
    ),
    "star": ("a: *.tsv\n", (1, 4, "'*.tsv' refers to an anchor that is not above: put text that begins with '*' in quotes")),
    "star alone": ("a: *\n", (1, 4, "text that begins with '*' or '&' needs quotes")),
    "at": ("a: @x\n", (1, 4, "text cannot begin with '@': put it in quotes")),
    "percent": ("a: %x\n", (1, 4, "text cannot begin with '%': put it in quotes")),
    "pipe": ("a: |x\n", (1, 4, "text that begins with '|' or '>' needs quotes")),
    "windows path": ('a: "C:\\data"\n', (1, 8, "'\\d' means nothing in double quotes: use single quotes")),
    "two documents": ("a: 1\n---\nb: 2\n", (2, 1, "a second document ('---'): a recipe is one document")),
    "control character": ("a: 1\nb: x\x01y\n", (2, 5, "a control character (U+0001)")),
    "unheard of": ("a: !<x\n", (1, 7, "not valid YAML: expected '>' but found '\\n'")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_no_yaml_is_explained(name: str) -> None:
    text, expected = CASES[name]
    with pytest.raises(YAMLError) as error:
        read_tree(text, "f")
    assert explain(error.value, text) == expected
