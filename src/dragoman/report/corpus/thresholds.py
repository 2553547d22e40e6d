"""How each measure is spread over the documents, with the least and the most that its rule keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dragoman.corpus.engine.histogram import BELOW_ONE, bin_edges
from dragoman.report.corpus.run import CorpusRun
from dragoman.report.html import Html, tag
from dragoman.report.layout import figure, grid, legend_key, section
from dragoman.report.numbers import count
from dragoman.report.plots import histogram

MARGIN = 2  # bins beyond the last document or threshold


def thresholds_section(run: CorpusRun) -> Html | None:
    """A figure a measure that any document had."""
    figures = [_figure(one) for one in run.measures if sum(one["histogram"])]
    if not figures:
        return None
    keys = tag("p", legend_key("documents", 0, "block"), legend_key("threshold", 5, "dashed"), class_="legend")
    intro = (
        "All documents that came as far as the rule. Measures of repetition are worked out to the last digit only "
        "where the verdict hangs on that; elsewhere they may be a little less than shown."
    )
    return section("thresholds", "Thresholds", keys, grid(*figures, columns=3), intro=intro)


def _figure(measure: dict[str, Any]) -> Html:
    counts = np.asarray(measure["histogram"])
    limits = sorted({limit for bounds in measure["thresholds"].values() for limit in bounds if limit is not None})
    edges, shown, log = _scaled(counts, limits)
    name = measure["measure"].replace("_", " ").removeprefix("patterns.")
    plot = histogram(edges, [shown], f"{name}: documents", limits=[x for x in limits if x >= edges[0]], log=log)
    return figure(name, plot, note=f"{measure['description']} Keeps {_kept(measure['thresholds'])}.")


def _scaled(counts: np.ndarray, limits: Sequence[float]) -> tuple[list[float], list[int], bool]:
    """Edges and counts as far as there is something to see. True: beyond 1, in powers of ten; shares in equal bins."""
    edges = bin_edges()
    last = int(np.flatnonzero(counts)[-1])
    last = max([last, *(int(np.searchsorted(edges, limit, "right")) - 1 for limit in limits)]) + MARGIN
    last = min(last, len(counts))
    if last <= BELOW_ONE + MARGIN + 1:
        return edges[: last + 1].tolist(), counts[:last].tolist(), False
    above = counts[BELOW_ONE:last].tolist()
    below = int(counts[:BELOW_ONE].sum())
    return [edges[BELOW_ONE] * 10**-0.1, *edges[BELOW_ONE : last + 1].tolist()], [below, *above], True


def _kept(thresholds: dict[str, list[float | None]]) -> str:
    """The thresholds in words: "0.1 to 3; de: at most 2"."""
    parts = [f"{code}: {between(*bounds)}" if code else between(*bounds) for code, bounds in thresholds.items()]
    return "; ".join(parts)


def between(low: float | None, high: float | None) -> str:
    """What lies between two limits, in words."""
    if low is None and high is None:
        return "everything"
    if low is None:
        return f"at most {_number(high)}"
    return f"at least {_number(low)}" if high is None else f"{_number(low)} to {_number(high)}"


def _number(value: float | None) -> str:
    return count(value) if value is not None and value >= 1000 else f"{value:g}"
