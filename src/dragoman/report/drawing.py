"""Shapes and words of a drawing in SVG. No word is wider than the room it is given, in any usual typeface.

Words are measured in DejaVu Sans, which is wider than what browsers use. Colours are classes of the drawing's style.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal

from dragoman.report.html import Child, Html, tag, trusted

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]


def drawing(width: float, height: float, title: str, shapes: Iterable[Child]) -> Html:
    """A whole picture, complete in itself: on a page or as a file."""
    style = resources.files("dragoman.report").joinpath("architecture.css").read_text(encoding="utf-8")
    return tag(
        "svg", tag("title", title), tag("style", trusted(style)), *shapes, xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_number(width)} {_number(height)}", class_="architecture", role="img", aria_label=title,
    )  # fmt: skip


def box(x: float, y: float, width: float, height: float, class_: str, radius: float = 6) -> Html:
    return tag("rect", **_numbers(x=x, y=y, width=width, height=height, rx=radius), class_=class_)


def line(points: Sequence[Point], class_: str) -> Html:
    """Straight from point to point."""
    return tag("path", d="M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in points), class_=class_)


def arrow_head(x: float, y: float, class_: str, *, right: bool = False) -> Html:
    """A triangle whose tip is at (x, y), pointing down or right."""
    back = [(x - 7, y - 4), (x - 7, y + 4)] if right else [(x - 4, y - 7), (x + 4, y - 7)]
    return tag("path", d="M" + "L".join(f"{_number(a)} {_number(b)}" for a, b in [(x, y), *back]) + "Z", class_=class_)


def snowflake(x: float, y: float, class_: str) -> Html:
    """Ten units wide, around (x, y)."""
    arm = "M0 0V-5M-1.8 -4.6L0 -3L1.8 -4.6"
    arms = [tag("path", d=arm, transform=f"rotate({60 * turn})") for turn in range(6)]
    return tag("g", arms, transform=f"translate({_number(x)} {_number(y)})", class_=class_)


def words(
    x: float, y: float, text: str, room: float, *, size: float = 12, class_: str = "ink", anchor: Anchor = "start",
    bold: bool = False,
) -> Html:  # fmt: skip
    """A line of text on the base line y, cut with an ellipsis where it is wider than `room`."""
    return tag(
        "text", fit(text, room, size, bold=bold), **_numbers(x=x, y=y, font_size=size), class_=class_,
        text_anchor=None if anchor == "start" else anchor, font_weight=600 if bold else None,
    )  # fmt: skip


def fit(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """The text, or as much of its beginning as there is room for."""
    if text_width(text, size, bold=bold) <= room:
        return text
    kept = len(text)
    while kept and text_width(text[:kept].rstrip() + "…", size, bold=bold) > room:
        kept -= 1
    return text[:kept].rstrip() + "…" if kept else ""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """In the units of `size`."""
    font = _font(bold)
    font.set_text(text, 0.0)
    return font.get_width_height()[0] / 64 * size / 100


@cache
def _font(bold: bool) -> Any:
    from matplotlib.font_manager import FontProperties, findfont  # takes a second
    from matplotlib.ft2font import FT2Font

    font = FT2Font(findfont(FontProperties("DejaVu Sans", weight="bold" if bold else "normal")))
    font.set_size(100, 72)
    return font


def _numbers(**values: float) -> dict[str, Any]:
    return {name: _number(value) for name, value in values.items()}


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
