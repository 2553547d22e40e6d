"""How good the answers are: scores with their signatures, and scores by level."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from dragoman.evaluation.metrics import METRICS
from dragoman.report.html import Child, Html, join, table, tag
from dragoman.report.layout import absent, breakable, details, facts, figure, grid, legend_key, section, text
from dragoman.report.level_answers import answers_by_level
from dragoman.report.methods import score_cell
from dragoman.report.numbers import count, duration
from dragoman.report.plots import Bars, clip, grouped_bars
from dragoman.report.run import Run, set_label

LEVELS_SHOWN = 12  # a column with more values than this is no level: the largest are shown
_OF_SAMPLING = {"sample", "temperature", "top_k", "top_p", "seed", "n_best"}  # settings without effect on a search


def scores_section(run: Run) -> Html | None:
    """Every set, method and metric; the signatures in full; how the answers were searched for."""
    if not run.metrics:
        return section("scores", "Scores", absent("Nothing has been scored yet.")) if run.methods else None
    several = len(run.methods) > 1
    labels = [METRICS[name].label for name in run.metrics]
    head = ["Set", *(["Method"] if several else []), "Rows", *labels, "Time", "Tokens/s"]
    rows: list[list[Child]] = []
    for name in run.sets:
        for method in run.methods:
            if own := method.on(name):
                who: list[Child] = [text(set_label(name)), text(method.name)]
                values = [score_cell(run, name, metric, method) for metric in run.metrics]
                cost = duration(own.get("seconds")), count(own.get("tokens_per_second"))
                rows.append([*who[: 1 + several], count(own.get("rows")), *values, *cost])
    pairs: list[tuple[str, Child]] = [(METRICS[name].label, _signatures(run, name)) for name in run.metrics]
    for settings in [method.scores["generation"] for method in run.methods if method.scores.get("generation")][:1]:
        shown = {key: value for key, value in settings.items() if settings.get("sample") or key not in _OF_SAMPLING}
        pairs.append(("Generation", ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in shown.items())))
    ways = [
        f"{METRICS[m].label}: {'higher' if METRICS[m].higher_is_better else 'lower'} is better" for m in run.metrics
    ]
    intro = f"Computed over each whole set from sums over its rows. {'; '.join(ways)}."
    return section("scores", "Scores", table(head, rows, text=1 + several), facts(pairs), intro=intro)


def _signatures(run: Run, metric: str) -> Html:
    """Each different signature once: scores compare only where they are equal."""
    scores = [method.on(name).get("scores", {}).get(metric, {}) for method in run.methods for name in run.sets]
    found = dict.fromkeys(str(one["signature"]) for one in scores if one.get("signature"))
    return join([tag("code", breakable(signature, "|")) for signature in found])


def levels_section(run: Run) -> Html | None:
    """Scores and answers by level, for each set whose rows have one: the first at once, the others behind a click."""
    parts = [(name, join(part, answers_by_level(run, name))) for name in run.sets if (part := _levels_of(run, name))]
    if not parts:
        return None
    (_, first), *others = parts
    behind = [details(f"By level, {set_label(name)}", part) for name, part in others]
    return section("levels", "By level", first, *behind)


def _levels_of(run: Run, name: str) -> Html | None:
    scored = [(run.colour(method), method, method.on(name).get("levels") or {}) for method in run.methods]
    scored = [(colour, method, own) for colour, method, own in scored if own]
    if not scored:
        return None
    sizes = Counter[str]()
    for _, _, own in scored:
        sizes |= Counter({level: scores.get("rows", 0) for level, scores in own.items()})
    shown = sorted(level for level, _ in sizes.most_common(LEVELS_SHOWN))
    several, main = len(scored) > 1, run.main_metric

    def value(own: dict[str, Any], level: str, metric: str) -> float:
        found = own.get(level, {}).get("scores", {}).get(metric)
        return math.nan if found is None else float(found)

    columns = [(METRICS[metric].label, scored[0][2], metric) for metric in run.metrics]
    if several:
        columns = [(method.name, own, main) for _, method, own in scored]
    rows = [
        [
            text(clip(level, 40)),
            count(sizes[level]),
            *[METRICS[metric].shown(value(own, level, metric)) for _, own, metric in columns],
        ]
        for level in shown
    ]
    figures = table(["Level", "Rows", *[heading for heading, _, _ in columns]], rows)
    left_out = len(sizes) - len(shown)
    note = absent(f"{count(left_out)} smaller groups are not shown.") if left_out else None

    known = METRICS[main]
    title = f"{known.label}, {set_label(name)}"
    bars = [Bars([value(own, level, main) for level in shown], colour) for colour, _, own in scored]
    top = 100 if known.percent and known.higher_is_better else None
    plot = grouped_bars(shown, bars, f"{title}, by level", top=top, label=known.shown)
    legend = [legend_key(method.name, colour, "block") for colour, method, _ in scored] if several else []
    return grid(figure(title, plot, legend), tag("div", figures, note, class_="beside"))
