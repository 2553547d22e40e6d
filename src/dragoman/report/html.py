"""Markup that cannot be injected into: every text is escaped unless it is `Html` already.

tag("p", "5 < 6", tag("b", name), class_="note", dir="auto")
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

# what may not stand in a page: control characters but tab and newline, lone surrogates, non-characters
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_VOID = {"meta", "br"}


class Html(str):
    """Text that is markup. Made by `tag`, `join` and `trusted` alone."""

    __slots__ = ()


Child = Html | str | int | float | None | Iterable["Child"]


def printable(text: str) -> str:
    """The text with what no page may hold shown as a replacement character."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def join(*children: Child) -> Html:
    """Children one after the other: texts escaped, None left out, iterables flattened."""
    parts = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, Html):
            parts.append(str(child))
        elif isinstance(child, str | int | float):
            parts.append(html.escape(printable(str(child))))
        else:
            parts.append(join(*child))
    return Html("".join(parts))


def trusted(markup: str) -> Html:
    """Take markup of our own making as it is: the style sheet, a plot."""
    return Html(markup)


def tag(name: str, /, *children: Child, **attributes: str | int | float | bool | None) -> Html:
    """An element. `class_` is written class, `aria_label` aria-label; an attribute that is None or False is not."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{join(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{written}>" if name in _VOID else f"<{name}{written}>{join(*children)}</{name}>")


def table(head: Iterable[Child], rows: Iterable[Iterable[Child]], *, caption: str | None = None, text: int = 1) -> Html:
    """A table whose first `text` columns are words, and the others numbers, which are set flush right.

    It scrolls by itself where the page is too narrow for it. A cell may be a whole td or th element.
    """

    def cells(name: str, row: Iterable[Child]) -> Iterable[Html]:
        for number, cell in enumerate(row):
            if isinstance(cell, Html) and cell.startswith(("<td", "<th")):
                yield cell
            else:
                heading = name == "td" and number == 0
                yield tag(
                    "th" if heading else name,
                    cell,
                    scope="row" if heading else "col" if name == "th" else None,
                    class_=None if number < text else "number",
                )

    body = tag(
        "table",
        tag("caption", caption) if caption else None,
        tag("thead", tag("tr", cells("th", head))),
        tag("tbody", [tag("tr", cells("td", row)) for row in rows]),
    )
    return tag("div", body, class_="scroll")
