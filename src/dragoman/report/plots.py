"""Plots as inline SVG that takes its colours and fonts from the page, so that it follows light, dark and print.

matplotlib draws with stand-in colours; they are then replaced by the page's CSS variables. Text stays text, ids that
nothing refers to and everything that names an address go, coordinates are cut to a hundredth of a point.
Words that come from a run stand in the page's own legends, except for the names of groups under bars.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from dragoman.report.html import Html, join, printable, trusted

COLOURS = 6  # --series-1 ... --series-6 of the style sheet
_STEPS = [1, 2, 2.5, 5, 10]  # between ticks
INK, GRID = "#0a0b01", "#0a0b02"
_VARIABLES = {INK: "--muted", GRID: "--hairline"} | {f"#0a0c{n:02x}": f"--series-{n + 1}" for n in range(COLOURS)}
_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none", "text.parse_math": False, "font.size": 10.0,
    "font.family": "DejaVu Sans", "text.color": INK, "axes.edgecolor": GRID, "axes.linewidth": 1.0,
    "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False, "axes.axisbelow": True,
    "axes.labelcolor": INK, "axes.labelsize": 10.0, "xtick.color": INK, "ytick.color": INK, "xtick.major.size": 0.0,
    "ytick.major.size": 0.0, "xtick.major.pad": 6.0, "ytick.major.pad": 5.0, "axes.grid": True, "axes.grid.axis": "y",
    "grid.color": GRID, "grid.linewidth": 0.8, "lines.solid_capstyle": "round", "axes.xmargin": 0.015,
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A curve. colour: an index that wraps around. best: the x of the point to ring and label with its value."""

    x: ArrayLike
    y: ArrayLike
    colour: int = 0
    style: Literal["solid", "dashed", "faint"] = "solid"
    dots: bool = False
    best: float | None = None


@dataclass(frozen=True)
class Bars:
    """One bar a group, in one colour; NaN for none."""

    values: Sequence[float]
    colour: int = 0


def curves(
    lines: Sequence[Line], describe: str, *, label: Callable[[float], str] | None = None, log: bool = False
) -> Html:
    """Curves over training steps. label: how the ringed best value is written. log: powers of ten at even distances."""

    def draw(axes: Axes) -> None:
        for line in lines:
            x, y = thin(np.asarray(line.x, float), np.asarray(line.y, float))
            colour = _colour(line.colour)
            if line.style == "faint":
                axes.plot(x, y, color=colour, linewidth=0.8, alpha=0.3, zorder=1)
                continue
            dashes = "-" if line.style == "solid" else (0, (5, 2))
            many = line.dots and len(x) <= 40
            axes.plot(
                x, y, color=colour, linewidth=1.7, linestyle=dashes, zorder=3,
                marker="o" if many or len(x) == 1 else None, markersize=3.2, markeredgewidth=0,
            )  # fmt: skip
            if line.best is not None and (at := np.flatnonzero(x == line.best)).size:
                _ring(axes, x[at[0]], y[at[0]], colour, label)
        _limit(axes, lines)
        axes.set_xlim(-0.015 * axes.get_xlim()[1], None)  # from step 0, so that the figures line up
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=_STEPS, integer=True))
        axes.xaxis.set_major_formatter(
            FuncFormatter(lambda step, _: f"{step:,.0f}" if step < 1e5 else f"{step / 1000:,.0f}k")
        )
        if log:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
            axes.yaxis.set_minor_locator(NullLocator())
            return
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=_STEPS))
        if max((float(np.max(line.y)) for line in lines if np.size(line.y)), default=1.0) < 0.01:
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}"))

    return _svg(draw, describe, 460, 240)


def grouped_bars(
    groups: Sequence[str],
    bars: Sequence[Bars],
    describe: str,
    *,
    top: float | None = None,
    label: Callable[[float], str] = "{:.1f}".format,
) -> Html:
    """Bars beside one another for each group, each with its value on it, as `label` writes it, where there is room."""

    def draw(axes: Axes) -> None:
        width = (0.5 if len(bars) == 1 else 0.76) / len(bars)
        for number, one in enumerate(bars):
            places = np.arange(len(groups)) + (number - (len(bars) - 1) / 2) * width
            values = np.asarray(one.values, float)
            axes.bar(places, values, width * 0.9, color=_colour(one.colour), linewidth=0)
            for place, value in zip(places, values, strict=True):
                if np.isfinite(value) and len(groups) * len(bars) <= 18:
                    axes.annotate(
                        label(float(value)), (place, value), (0, 3), textcoords="offset points", ha="center", fontsize=9
                    )
        axes.set_xticks(range(len(groups)), [clip(group, 14) for group in groups])
        axes.set_xlim(-0.6, len(groups) - 0.4)
        axes.set_ylim(0, top)
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=_STEPS))

    return _svg(draw, describe, 460, 240)


def histogram(
    edges: Sequence[float],
    counts: Sequence[Sequence[float]],
    describe: str,
    *,
    limits: Sequence[float] = (),
    log: bool = False,
) -> Html:
    """Distributions over the same bins, each as shares of its own total, so that sets of any size compare.

    limits: values that are marked by a line. log: powers of ten at even distances.
    """

    def draw(axes: Axes) -> None:
        for number, one in enumerate(counts):
            total = sum(one) or 1
            shares = np.array([100 * value / total for value in one])
            colour = _colour(number)
            axes.stairs(shares, edges[: len(shares) + 1], fill=True, color=colour, alpha=0.13, linewidth=0)
            axes.stairs(shares, edges[: len(shares) + 1], color=colour, linewidth=1.5, baseline=None)
        for limit in limits:
            axes.axvline(limit, color=_colour(5), linewidth=1.3, linestyle=(0, (3, 2)))
        axes.set_ylim(0, None)
        if log:
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator(numticks=6))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
            axes.xaxis.set_minor_locator(NullLocator())
        else:
            whole = all(float(edge).is_integer() for edge in edges)
            axes.xaxis.set_major_locator(MaxNLocator(6, steps=_STEPS, integer=whole))
        axes.yaxis.set_major_locator(MaxNLocator(4, steps=_STEPS))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}\N{NARROW NO-BREAK SPACE}%"))

    return _svg(draw, describe, 310, 165)


def smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A moving average over a thirtieth of the curve: centred, narrower at its steep start, one-sided at its end."""
    places = np.arange(len(values))
    back = np.minimum(len(values) // 60, places)
    ahead = np.minimum(back, len(values) - 1 - places)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return (sums[places + ahead + 1] - sums[places - back]) / (back + ahead + 1)


def thin(
    x: NDArray[np.float64], y: NDArray[np.float64], most: int = 500
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At most `most` points at even distances, both ends among them: more cannot be seen."""
    if len(x) <= most:
        return x, y
    kept = np.linspace(0, len(x) - 1, most).round().astype(int)
    return x[kept], y[kept]


def clip(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _colour(index: int) -> str:
    return f"#0a0c{index % COLOURS:02x}"


def _ring(axes: Axes, x: float, y: float, colour: str, label: Callable[[float], str] | None) -> None:
    axes.plot(
        [x], [y], "o", markersize=7, markerfacecolor="none", markeredgecolor=colour, markeredgewidth=1.4, zorder=4
    )
    if label:
        axes.annotate(
            label(y), (x, y), (0, 8), textcoords="offset points", ha="center", color=colour, fontweight="bold", zorder=5
        )


def _limit(axes: Axes, lines: Sequence[Line]) -> None:
    """Leave the first moments of a training, far above everything after, outside the frame."""
    values = [np.asarray(line.y, float) for line in lines if np.size(line.y)]
    long = [own for own in values if len(own) > 20]
    low, high = axes.get_ylim()
    if long:
        floor, usual = min(own.min() for own in values), np.quantile(np.concatenate(long), 0.98)
        ceiling = usual + 0.25 * (usual - floor)
        if floor < ceiling < high:
            axes.set_ylim(max(low, floor - 0.05 * (ceiling - floor)), ceiling)


def _svg(draw: Callable[[Axes], None], describe: str, width: int, height: int) -> Html:
    with matplotlib.rc_context(_SETTINGS | {"svg.hashsalt": describe}):  # salt: ids are unique on the page
        figure = Figure(figsize=(width / 72, height / 72))
        FigureCanvasSVG(figure)
        left, right, below, above = 40, 6, 22, 12  # fixed margins in points: axes of neighbours line up
        draw(figure.add_axes((left / width, below / height, 1 - (left + right) / width, 1 - (below + above) / height)))
        file = io.BytesIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return trusted(_inline(printable(file.getvalue().decode()), describe))


def _inline(svg: str, describe: str) -> str:
    """Turn matplotlib's file into an element of the page."""
    svg = re.sub(
        r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", "", svg[svg.index("<svg") :], flags=re.DOTALL
    )
    box = re.search(r'viewBox="[^"]*"', svg)
    assert box is not None
    svg = re.sub(r"<svg[^>]*>", lambda _: f'<svg {box[0]} role="img" aria-label="{join(describe)}">', svg, count=1)
    svg = svg.replace("xlink:href", "href")
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    svg = svg.replace("font-family: 'DejaVu Sans'; ", "")
    svg = re.sub(r' transform="rotate\(-0 [^"]*"', "", svg)
    used = set(re.findall(r'(?:href="|url\()#([^")]*)', svg))
    svg = re.sub(r' id="([^"]*)"', lambda match: match[0] if match[1] in used else "", svg)
    svg = re.sub(r'(?<= d=")[^"]*', lambda match: re.sub(r"(\.\d\d)\d+", r"\1", " ".join(match[0].split())), svg)
    return re.sub(r"\n\s*", "\n", svg.replace("<g/>", "").replace("<defs>\n</defs>", "")).strip()
