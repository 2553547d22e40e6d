"""What pretraining brought: a method that starts from it beside one that starts from random weights or a base model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dragoman.evaluation.metrics import METRICS
from dragoman.recipe.merging import PRETRAINED
from dragoman.report.comparison import Pair
from dragoman.report.method import MethodRun
from dragoman.report.note import Note
from dragoman.report.numbers import decimal, plural, signed
from dragoman.report.run import Run, set_label

RANDOM = "random"


@dataclass(frozen=True)
class Gain:
    """Two methods that differ in their start; where no two differ in nothing else, alike is false.

    start: what the other one starts from, "random" or "base".
    """

    run: Run
    pretrained: MethodRun
    other: MethodRun
    start: str
    alike: bool

    @property
    def metric(self) -> str:
        """The main score where training was measured by it, else the loss."""
        main = self.run.main_metric
        return main if len(self.other.series("validation", main)[0]) else "loss"

    def first_loss(self, method: MethodRun) -> float | None:
        """Of the first training step."""
        return _first(method, "step", "loss")

    def first_validation(self, method: MethodRun) -> float | None:
        return _first(method, "validation", self.metric)

    def best(self, method: MethodRun) -> tuple[int, float] | None:
        """The step of the best validation, and its value."""
        steps, values = method.series("validation", self.metric)
        if not len(steps):
            return None
        place = int(np.argmax(values) if self._higher else np.argmin(values))
        return int(steps[place]), float(values[place])

    @property
    def reached(self) -> int | None:
        """The step of the first validation at which the pretrained one was as good as the other ever was."""
        best = self.best(self.other)
        steps, values = self.pretrained.series("validation", self.metric)
        if best is None:
            return None
        there = values >= best[1] if self._higher else values <= best[1]
        return int(steps[np.argmax(there)]) if there.any() else None

    @property
    def pair(self) -> Pair | None:
        """The pretrained one against the other by the main score, on the set whose score stands in large."""
        run = self.run
        return run.comparison.pair(run.headline_set, run.main_metric, self.pretrained.name, self.other.name)

    @property
    def difference(self) -> str | None:
        """The pair's in words, with its 95 % interval: "+5.1 (95 % interval +4.0 to +6.2)"."""
        pair, places = self.pair, METRICS[self.run.main_metric].decimals
        if pair is None:
            return None
        value, low, high = (signed(number, places) for number in (pair.difference, pair.low, pair.high))
        return f"{value} (95 % interval {low} to {high})"

    @property
    def _higher(self) -> bool:
        return self.metric in METRICS and METRICS[self.metric].higher_is_better

    def shown(self, value: float | None) -> str:
        """A value of the metric that training was measured by."""
        known = METRICS.get(self.metric)
        return decimal(value, 3) if known is None else known.shown(value)


def find_gain(run: Run) -> Gain | None:
    """The first pretrained method that has been trained, and the one without that is most like it."""
    starts = {method.name: _start(run, method) for method in run.trained}
    others = [method for method in run.trained if starts[method.name] != PRETRAINED and method.metrics]
    for method in run.trained:
        if starts[method.name] == PRETRAINED and method.metrics and others:
            alike = [other for other in others if _settings(run, other) == _settings(run, method)]
            other = (alike or others)[0]
            return Gain(run, method, other, starts[other.name], bool(alike))
    return None


def gain_notes(run: Run) -> list[Note]:
    """What pretraining brought, in sentences."""
    gain = find_gain(run)
    if gain is None:
        return []
    return [Note(" ".join(sentence for sentence in (_start_in_words(gain), _way(gain), _end(gain)) if sentence))]


def _start_in_words(gain: Gain) -> str:
    first, other = (gain.first_loss(method) for method in (gain.pretrained, gain.other))
    if first is None or other is None:
        return "Pretraining came first."
    return f"After pretraining the loss began at {decimal(first, 2)} instead of {decimal(other, 2)}."


def _way(gain: Gain) -> str:
    best, reached = gain.best(gain.other), gain.reached
    if best is None:
        return ""
    step, value = best
    label = METRICS[gain.metric].label if gain.metric in METRICS else gain.metric
    whole = f"The best {label} on validation of {gain.other.name}, {gain.shown(value)} after {plural(step, 'step')},"
    if reached is None:
        return f"{whole} was not reached."
    return f"{whole} was reached within {plural(reached, 'step')}."


def _end(gain: Gain) -> str:
    run, name = gain.run, gain.run.headline_set
    metric = METRICS[run.main_metric]
    values = [run.value(name, run.main_metric, method) for method in (gain.pretrained, gain.other)]
    if values[0] is None or values[1] is None:
        return ""
    tested = "" if gain.difference is None else f", {gain.difference}"
    first, other = metric.in_words(values[0]), metric.shown(values[1])
    unlike = "" if gain.alike else " The two differ in more than their start."
    return f"On the {set_label(name)} it stands at {first} against {other}{tested}.{unlike}"


def _first(method: MethodRun, kind: str, key: str) -> float | None:
    values = method.series(kind, key)[1]
    return float(values[0]) if len(values) else None


def _start(run: Run, method: MethodRun) -> str:
    """What the method starts from, as the recipe says or means it."""
    own = _own(run, method)
    if own.get("start"):
        return str(own["start"])
    if run.recipe.get("pretraining") and own.get("tuning", "full") == "full":
        return PRETRAINED
    return "base" if (run.recipe.get("model") or {}).get("pretrained") else RANDOM


def _settings(run: Run, method: MethodRun) -> dict[str, Any]:
    """All that the recipe says of a method but its start."""
    return {name: value for name, value in _own(run, method).items() if name != "start"}


def _own(run: Run, method: MethodRun) -> dict[str, Any]:
    return (run.recipe.get("methods") or {}).get(method.name) or {}
