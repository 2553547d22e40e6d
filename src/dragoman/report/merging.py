"""Methods of one or more runs as one run, so that all that shows a run can show them side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dragoman.base.errors import RequestError
from dragoman.evaluation.comparison import compare
from dragoman.evaluation.metrics import METRICS
from dragoman.report.comparison import Comparison
from dragoman.report.method import MethodRun
from dragoman.report.run import Run


@dataclass(frozen=True)
class Chosen:
    """A method of a run. label: what it is to be called."""

    label: str
    run: Run
    method: MethodRun


def merged(chosen: Sequence[Chosen]) -> Run:
    """One run of these methods with their comparison: on the sets that all of them were scored on, and the rows that
    all have answered; by the metrics of any.

    Raises RequestError where they have no set, no row or no metric in common.
    """
    methods = [replace(one.method, name=one.label) for one in chosen]
    for method in methods:
        if not method.outputs:
            raise RequestError("has no outputs to compare", where=str(method.folder), hint="dragoman run makes them")
    counts = Counter(name for method in methods for name in {row.get("set") for row in method.outputs})
    shared = [name for name in chosen[0].run.sets if counts[name] == len(methods)]
    wanted = {name for one in chosen for name in one.run.metrics}
    rows = {method.name: [row for row in method.outputs if row.get("set") in shared] for method in methods}
    found = compare(rows, [name for name in METRICS if name in wanted])
    found["sets"] = {name: found["sets"][name] for name in shared if found["sets"][name]["rows"]}
    if not found["sets"]:
        listed = "; ".join(f"{one.label} was scored on {', '.join(one.run.sets)}" for one in chosen)
        why = "no row is in the outputs of all of them" if shared else "they were scored on no set of the same name"
        raise RequestError(f"nothing can be compared: {why}", hint=listed)
    first, tasks = chosen[0].run, {one.run.task for one in chosen}
    languages = {one.run.languages for one in chosen}
    named = dict(zip(("source", "target"), first.languages or (), strict=False)) if len(languages) == 1 else {}
    return Run(
        name=_title(chosen),
        recipe={
            "task": first.task if len(tasks) == 1 else "text-to-text",
            "data": {"languages": named},
            "evaluation": {"main": _main(found["sets"], first.main_metric, methods), "samples": first.samples_wanted},
        },
        recipe_text="", receipt={}, machine={}, stages=[],
        methods=[_only(method, list(found["sets"])) for method in methods],
        absent=[],
        comparison=Comparison(found),
    )  # fmt: skip


def _title(chosen: Sequence[Chosen]) -> str:
    """The run's name where all methods are of one; else theirs, as far as they are few."""
    if len({one.run.name for one in chosen}) == 1:
        return chosen[0].run.name
    few = len(chosen) <= 3
    return " against ".join(one.label for one in chosen) if few else f"{len(chosen)} methods"


def _main(sets: Mapping[str, Any], main: str, methods: Sequence[MethodRun]) -> str:
    """The main metric; where not every method has it on every set, the first that they have."""
    for name in [main, *METRICS]:
        if all(len(own["scores"].get(name, {})) == len(methods) for own in sets.values()):
            return name
    raise RequestError("nothing can be compared: there is no metric that all of them were measured by")


def _only(method: MethodRun, sets: Sequence[str]) -> MethodRun:
    return replace(method, scores={**method.scores, "sets": {name: method.on(name) for name in sets}})
