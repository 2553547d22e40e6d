"""Several systems on the same rows: each one's scores with intervals, and whether any two of them really differ.

Rows are the same where file (without its folder), row and target are, and one source contains the other: two recipes
may put the same row into different prompts. Only the rows that every system has answered are compared.

Of each set, `compare` gives
- `rows`: how many were compared, and `left_out`: by system, how many of its rows were not;
- `scores`: metric -> system -> `value`, `low`, `high`;
- `pairs`: metric -> a list of `one`, `other`, `difference` (one less other), `low`, `high`, `p`, `verdict` (about one);
- `not_compared`: metric -> why.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from dragoman.base.progress import Bar, progress
from dragoman.evaluation.metrics import METRICS, Array, Row
from dragoman.evaluation.scores import check_known, lacks, row_statistics
from dragoman.evaluation.significance import CONFIDENCE, RESAMPLES, SEED, interval, p_value, resampled_values

BASE = "base"  # the pseudo-method that answers with the untouched weights
BETTER, WORSE, EQUAL, UNCLEAR = "better", "worse", "equal", "may be chance"
SIGNIFICANT = 0.05  # a p-value below this is a difference


def compare(
    systems: Mapping[str, Iterable[Row]], metrics: Sequence[str], *, resamples: int = RESAMPLES, seed: int = SEED
) -> dict[str, Any]:
    """Compare the outputs of several systems, set by set, as described above: a structure for JSON.

    systems: rows of outputs.jsonl by name: set, file, row, source, target, output; nats, labels and bytes where known.
    One system is compared with none, but has its intervals. Raises RequestError for an unknown metric.
    """
    check_known(metrics)
    sets: dict[str, dict[str, list[Row]]] = {}
    for name, rows in systems.items():
        for row in rows:
            sets.setdefault(str(row["set"]), {}).setdefault(name, []).append(row)
    with progress("comparing", sum(map(len, sets.values())), unit="outputs") as bar:
        found = {name: _compare_set(own, metrics, resamples, seed, bar) for name, own in sets.items()}
    return {"confidence": CONFIDENCE, "resamples": resamples, "seed": seed, "sets": found}


class RowIndex:
    """Rows of one set, to be found by the same row of another system."""

    def __init__(self, rows: Iterable[Row]):
        self._rows: dict[tuple[str, int, str], list[Row]] = {}
        for row in rows:
            self._rows.setdefault(_key(row), []).append(row)

    def find(self, row: Row) -> Row | None:
        """The same row; of several, as two folders may have files of one name, that of the same file or source."""
        own = str(row["source"])
        found = [one for one in self._rows.get(_key(row), []) if own in str(one["source"]) or str(one["source"]) in own]
        return max(found, key=lambda one: (one.get("file") == row.get("file"), str(one["source"]) == own), default=None)


def shared_rows(systems: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    """The rows that all systems have, of each system in the order of the first one's."""
    (first, rows), *others = systems.items()
    shared: dict[str, list[Row]] = {name: [] for name in systems}
    indexes = {name: RowIndex(own) for name, own in others}
    for row in rows:
        partners = {name: index.find(row) for name, index in indexes.items()}
        found = {name: partner for name, partner in partners.items() if partner is not None}
        if len(found) == len(indexes):
            for name, one in {first: row, **found}.items():
                shared[name].append(one)
    return shared


def _key(row: Row) -> tuple[str, int, str]:
    """What the same rows of different systems have in common: file without its folder, row and target."""
    return PurePath(str(row.get("file", ""))).name, int(row.get("row", 0)), str(row.get("target", ""))


def _compare_set(
    systems: Mapping[str, list[Row]], metrics: Sequence[str], resamples: int, seed: int, bar: Bar
) -> dict[str, Any]:
    shared = shared_rows(systems)
    rows = len(next(iter(shared.values())))
    left_out = {name: len(own) - rows for name, own in systems.items() if len(own) > rows}
    found: dict[str, Any] = {"rows": rows, "left_out": left_out, "scores": {}, "pairs": {}, "not_compared": {}}
    if not rows:
        return found
    able = {name: [metric for metric in metrics if lacks(own, metric) is None] for name, own in shared.items()}
    statistics: dict[str, dict[str, Array]] = {}
    for name, own in shared.items():
        statistics[name] = row_statistics(own, able[name])
        bar.advance()
    for metric in metrics:
        known = {name: statistics[name][metric] for name in shared if metric in statistics[name]}
        if why := _incomparable(metric, {name: shared[name] for name in known}):
            found["not_compared"][metric] = why
        else:
            found["scores"][metric], found["pairs"][metric] = _compare_metric(metric, known, resamples, seed)
    return found


def _incomparable(metric: str, systems: Mapping[str, list[Row]]) -> str | None:
    """Why the values of these systems say nothing beside each other."""
    fields = METRICS[metric].fields
    if not systems:
        return f"no system's rows hold {' and '.join(fields)}"
    if "labels" in fields and len({tuple(row["labels"] for row in rows) for rows in systems.values()}) > 1:
        return "the systems cut the rows into tokens differently; bits per byte does compare"
    return None


def _compare_metric(
    metric: str, statistics: Mapping[str, Array], resamples: int, seed: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The scores of all systems, and every pair of them."""
    known = METRICS[metric]
    values = {name: known.value(own.sum(axis=0)) for name, own in statistics.items()}
    resampled = {name: resampled_values(known, own, resamples=resamples, seed=seed) for name, own in statistics.items()}
    scores = {name: {"value": _finite(values[name]), **_bounds(resampled[name])} for name in statistics}
    pairs = [
        {"one": one, "other": other, **_pair(metric, values[one] - values[other], resampled[one] - resampled[other])}
        for one, other in itertools.combinations(statistics, 2)
        if math.isfinite(values[one]) and math.isfinite(values[other])
    ]
    return scores, pairs


def _pair(metric: str, difference: float, resampled: Array) -> dict[str, Any]:
    p = p_value(difference, resampled)
    if p < SIGNIFICANT:
        verdict = BETTER if (difference > 0) == METRICS[metric].higher_is_better else WORSE
    else:
        verdict = EQUAL if p == 1.0 else UNCLEAR
    return {"difference": difference, **_bounds(resampled), "p": p, "verdict": verdict}


def _bounds(values: Array) -> dict[str, float | None]:
    low, high = interval(values)
    return {"low": _finite(low), "high": _finite(high)}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
