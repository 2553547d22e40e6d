"""Answers of every model for each level of a set, as a table: from the easiest rows to the hardest."""

from __future__ import annotations

from dragoman.evaluation.comparison import RowIndex
from dragoman.evaluation.samples import Sample, pick_by_level
from dragoman.report.html import Child, Html, join, table, tag
from dragoman.report.layout import text
from dragoman.report.method import MethodRun
from dragoman.report.numbers import MISSING, decimal
from dragoman.report.run import Run

EACH = 2  # rows of a level
LEVELS_SHOWN = 8  # a column with more values than this is no level
TEXT_SHOWN = 400  # characters of one text


def answers_by_level(run: Run, set_name: str) -> Html | None:
    """None where nothing of the set is answered. Which rows: spread by sentence chrF of the best method's answers."""
    methods = [method for method in run.methods if any(row.get("set") == set_name for row in method.answers)]
    if not methods:
        return None
    chosen = run.best if run.best in methods else methods[0]
    samples = pick_by_level([row for row in chosen.answers if row.get("set") == set_name], EACH)
    if not 0 < len({sample.level for sample in samples}) <= LEVELS_SHOWN:
        return None
    said = {method.name: _said(method, set_name) for method in methods}
    head: list[Child] = ["Level", "Source", "Reference", *(text(method.name) for method in methods)]
    rows: list[list[Child]] = []
    for sample in samples:
        answers = [_answer(said[method.name], sample) for method in methods]
        rows.append([sample.level, _shown(sample.source), _shown(sample.target), *answers])
    return join(tag("h3", "Answers by level"), table(head, rows, text=len(head)))


def _said(method: MethodRun, set_name: str) -> RowIndex:
    return RowIndex(row for row in method.answers if row.get("set") == set_name)


def _answer(said: RowIndex, sample: Sample) -> Child:
    row = said.find(vars(sample))
    if row is None:
        return MISSING
    chrf = row.get("chrf")
    below = tag("small", f"{decimal(chrf)} chrF", class_="below") if isinstance(chrf, int | float) else None
    return join(_shown(str(row["output"])) or MISSING, below)


def _shown(value: str) -> Html:
    return text(value if len(value) <= TEXT_SHOWN else f"{value[:TEXT_SHOWN]}…")
