"""How training went: loss, scores, learning rate and gradients over the steps, the methods laid over each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dragoman.evaluation.comparison import BASE
from dragoman.evaluation.metrics import METRICS
from dragoman.report.html import Child, Html
from dragoman.report.layout import absent, figure, grid, legend_key, section
from dragoman.report.method import MethodRun
from dragoman.report.numbers import count
from dragoman.report.plots import Line, curves, smooth
from dragoman.report.run import BASE_COLOUR, Run

TALLER = 2.5  # the base model's line may make a figure so many times as tall as the curves need, and no more
WIDE = 10.0  # perplexities whose highest is so many times the lowest are drawn by their powers of ten
Begun = list[tuple[int, MethodRun]]  # methods that have metrics, each with its colour


def curves_section(run: Run) -> Html | None:
    """All four figures, as far as there is something in them."""
    begun = [(run.colour(method), method) for method in run.methods if method.metrics]
    if not begun:
        return (
            section("training", "Training", absent("No training step has been written down yet."))
            if run.methods
            else None
        )
    figures = [
        _loss(run, begun),
        _scores(run, begun),
        _steps(begun, "learning_rate", "Learning rate"),
        _gradients(begun),
    ]
    return section(
        "training", "Training", grid(*figures), *_resumed(begun), intro="All curves are over optimizer steps."
    )


def _loss(run: Run, begun: Begun) -> Html | None:
    lines, legend = list[Line](), list[Child]()
    alone = len(begun) == 1
    for colour, method in begun:
        steps, losses = method.series("step", "loss")
        if len(steps):
            lines += [Line(steps, losses, colour, "faint"), Line(steps, smooth(losses), colour)]
            legend.append(legend_key("training" if alone else method.name, colour))
        steps, losses = method.series("validation", "loss")
        if len(steps):
            own = colour + 1 if alone else colour
            lines.append(Line(steps, losses, own, "solid" if alone else "dashed", dots=True, best=method.best_step))
            if alone:
                legend.append(legend_key("validation", own))
    if not lines:
        return None
    if not alone:
        legend.append(legend_key("validation", begun[0][0], "dashed"))
    note = "Faint: each step; strong: its moving average. The ring marks the best validation."
    if smoothing := (run.recipe.get("training") or {}).get("label_smoothing"):
        note += f" Label smoothing ({smoothing}) is part of the training loss alone."
    return figure("Loss", curves(lines, "Training and validation loss over steps"), legend, note)


def _scores(run: Run, begun: Begun) -> Html | None:
    """The main metric of every method, or all metrics of its kind of the only one; and where the base model stands."""
    main, known = run.main_metric, METRICS[run.main_metric]
    alone = len(begun) == 1
    shown = [main, *(m for m in METRICS if m != main and known.percent and METRICS[m].percent)] if alone else [main]
    lines, legend = list[Line](), list[Child]()
    for colour, method in begun:
        for number, metric in enumerate(shown):
            steps, values = method.series("validation", metric)
            if len(steps):
                best = method.best_step if metric == main else None
                lines.append(Line(steps, values, colour + number, dots=True, best=best))
                legend.append(legend_key(METRICS[metric].label if alone else method.name, colour + number))
    if not lines:
        return None
    low, high = _range(lines)
    log = not known.percent and 0 < WIDE * low < high
    note = _add_base(run, lines, legend, log=log)
    title = "Validation scores" if len(shown) > 1 else f"Validation {known.label}"
    return figure(title, curves(lines, f"{title} over steps", label=known.shown, log=log), legend, note)


def _range(lines: Sequence[Line]) -> tuple[float, float]:
    every = np.concatenate([np.asarray(line.y, float) for line in lines])
    return float(every.min()), float(every.max())


def _add_base(run: Run, lines: list[Line], legend: list[Child], *, log: bool) -> str | None:
    """The untouched base model as a level line; where it is too far from the curves, only in words."""
    value = run.base.score("validation", run.main_metric) if run.base else None
    if value is None:
        return None
    low, high = _range(lines)
    if not log and max(high, value) - min(low, value) > TALLER * (high - low):
        return f"The base model, without training: {METRICS[run.main_metric].in_words(value)}, outside the frame."
    last = max(float(np.max(line.x)) for line in lines)
    lines.append(Line([0.0, last], [value, value], BASE_COLOUR, "dashed"))
    legend.append(legend_key(BASE, BASE_COLOUR, "dashed"))
    return None


def _steps(begun: Begun, key: str, title: str) -> Html | None:
    series = [(colour, method, *method.series("step", key)) for colour, method in begun]
    lines = [Line(steps, values, colour) for colour, _, steps, values in series if len(steps)]
    return figure(title, curves(lines, f"{title} over steps"), _names(begun)) if lines else None


def _gradients(begun: Begun) -> Html | None:
    lines = list[Line]()
    for colour, method in begun:
        steps, values = method.series("step", "gradient_norm")
        if len(steps):
            lines += [Line(steps, values, colour, "faint"), Line(steps, smooth(values), colour)]
    return figure("Gradient norm", curves(lines, "Gradient norm over steps"), _names(begun)) if lines else None


def _names(begun: Begun) -> list[Child]:
    return [legend_key(method.name, colour) for colour, method in begun] if len(begun) > 1 else []


def _resumed(begun: Begun) -> list[Html]:
    said = []
    for _, method in begun:
        steps = [count(event.get("step")) for event in method.events("resumed")]
        if steps:
            which = "Training" if len(begun) == 1 else f"Training {method.name}"
            said.append(absent(f"{which} was interrupted and went on from step {', '.join(steps)}."))
    return said
