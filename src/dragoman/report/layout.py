"""The parts that sections are made of: headed sections, figures with legends, bars, notes."""

from __future__ import annotations

from collections.abc import Iterable

from dragoman.report.html import Child, Html, join, tag
from dragoman.report.plots import COLOURS


def section(anchor: str, title: str, *children: Child, intro: Child = None) -> Html:
    """A part of the page that the list at its top leads to."""
    lead = tag("p", intro, class_="intro") if intro else None
    return tag("section", tag("h2", title), lead, *children, id=anchor)


def grid(*children: Child, columns: int = 2) -> Html:
    return tag("div", *children, class_=f"grid columns-{columns}")


def figure(title: str, plot: Child, legend: Iterable[Child] = (), note: str | None = None) -> Html:
    """A plot under its title and legend, with a line below it that says what to look for."""
    head = tag("figcaption", tag("b", title), tag("span", legend, class_="legend"))
    return tag("figure", head, plot, tag("p", note, class_="note") if note else None)


def legend_key(name: str, colour: int = 0, style: str = "solid") -> Html:
    """An entry of a legend. style: solid, dashed or block."""
    return tag("span", tag("i", class_=f"{style} colour-{colour % COLOURS + 1}"), text(name), class_="key")


def bar(part: float, whole: float, colour: int = 0) -> Html:
    """A horizontal bar: `part` of the length that stands for `whole`."""
    percent = 100 * max(0.0, min(1.0, part / whole)) if whole else 0.0
    return tag(
        "span", tag("span", class_=f"colour-{colour % COLOURS + 1}", style=f"width:{percent:.2f}%"), class_="bar"
    )


def interval_bar(low: float, value: float, high: float, start: float, end: float, colour: int = 0) -> Html:
    """A value as a dot on its interval; start and end: of the scale that such bars of several rows share."""
    whole = (end - start) or 1.0
    left, at, right = (100 * max(0.0, min(1.0, (number - start) / whole)) for number in (low, value, high))
    band = tag("span", style=f"left:{left:.2f}%;width:{right - left:.2f}%")
    return tag("span", band, tag("i", style=f"left:{at:.2f}%"), class_=f"interval colour-{colour % COLOURS + 1}")


def stacked_bar(parts: Iterable[tuple[float, int]]) -> Html:
    """Parts of a whole side by side: (amount, colour)."""
    known = [(amount, colour) for amount, colour in parts if amount > 0]
    whole = sum(amount for amount, _ in known)
    pieces = [
        tag("span", class_=f"colour-{colour % COLOURS + 1}", style=f"width:{100 * amount / whole:.2f}%")
        for amount, colour in known
    ]
    return tag("span", pieces, class_="bar stacked")


def absent(text: str) -> Html:
    """In place of something that an unfinished run has not written."""
    return tag("p", text, class_="absent")


def facts(pairs: Iterable[tuple[str, Child]]) -> Html:
    """Names and values, one pair a line."""
    return tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in pairs], class_="facts")


def details(summary: str, *children: Child) -> Html:
    return tag("details", tag("summary", summary), *children)


def text(value: str, **attributes: str) -> Html:
    """Text of a data file: its own direction, whatever stands around it."""
    return tag("bdi", value, dir="auto", **attributes)


def breakable(value: str, at: str) -> Html:
    """A long word that may be broken after each `at`; copied, it is the word again."""
    first, *others = value.split(at)
    return join(first, [[at, Html("<wbr>"), other] for other in others])
