"""The task entities: the F1 of each type of entity, for every method."""

from __future__ import annotations

from dragoman.evaluation.entities import TypeScores, entity_scores
from dragoman.evaluation.metrics import METRICS, none_word
from dragoman.report.html import Child, Html, table
from dragoman.report.layout import section, text
from dragoman.report.method import MethodRun
from dragoman.report.numbers import MISSING, count
from dragoman.report.run import Run, set_label


def types_section(run: Run) -> Html | None:
    """A row a type, the most frequent first; None for other tasks, and where nothing has been answered."""
    if run.task != "entities":
        return None
    found = {method.name: scores for method in run.methods if (scores := _by_type(run, method))}
    if not found:
        return None
    targets = {kind: own.targets for scores in found.values() for kind, own in scores.items() if own.targets}
    rows: list[list[Child]] = []
    for kind in sorted(targets, key=lambda kind: (-targets[kind], kind)):
        values = [METRICS["f1"].shown(own[kind].f1) if kind in own else MISSING for own in found.values()]
        rows.append([text(kind), count(targets[kind]), *values])
    head: list[Child] = ["Type", "Entities", *(text(name) for name in found)]
    return section("types", "By type", table(head, rows), intro=f"F1 on the {set_label(run.headline_set)}.")


def _by_type(run: Run, method: MethodRun) -> dict[str, TypeScores]:
    rows = [row for row in method.answers if row.get("set") == run.headline_set]
    if not rows:
        return {}
    outputs, targets = [str(row["output"]) for row in rows], [str(row["target"]) for row in rows]
    return entity_scores(outputs, targets, none_word(rows)).by_type
