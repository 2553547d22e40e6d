"""The scores of a set and of the levels in it, each with the signature that makes it repeatable.

Scores are computed from sums over rows (see `metrics`): they are not the mean of sentence scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sacrebleu.metrics import CHRF

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.evaluation.metrics import METRICS, Array, Row

__all__ = ["METRICS", "LevelScores", "Score", "SetScores", "check_known", "lacks", "row_statistics", "score_set",
           "sentence_chrf"]  # fmt: skip


@dataclass(frozen=True)
class Score:
    """A value (of BLEU, chrF, TER and the shares: in hundredths) and its signature, where sacreBLEU's, the full one."""

    value: float
    signature: str


@dataclass(frozen=True)
class LevelScores:
    """The scores of the rows of one level, on the same metrics as the whole set."""

    rows: int
    scores: dict[str, float]


@dataclass(frozen=True)
class SetScores:
    """The scores of a set, and those of its levels in sorted order. Rows without a level belong to none."""

    scores: dict[str, Score]
    levels: dict[str, LevelScores]


def row_statistics(rows: Sequence[Row], metrics: Sequence[str]) -> dict[str, Array]:
    """(rows, k) statistics of each metric, which add up over rows.

    rows: as in outputs.jsonl: `target` and `output`; `nats`, `labels` and `bytes` for the metrics of the loss.
    Raises RequestError for an unknown metric, no rows at all, or rows that lack what a metric needs.
    """
    check_known(metrics)
    if not rows:
        raise RequestError("there is nothing to score: no outputs and no references")
    for name in metrics:
        if lacking := lacks(rows, name):
            raise RequestError(f"{METRICS[name].label} needs '{lacking}' of every row, and there is a row without it")
    counted = {way: way(rows) for way in {METRICS[name].statistics for name in metrics}}  # f1 and recall share theirs
    return {name: counted[METRICS[name].statistics] for name in metrics}


def check_known(metrics: Sequence[str]) -> None:
    """Raise RequestError for a metric that there is none of."""
    for name in metrics:
        if name not in METRICS:
            hint = did_you_mean(name, METRICS) or f"known: {', '.join(METRICS)}"
            raise RequestError(f"unknown metric '{name}'", where="evaluation.metrics", hint=hint)


def lacks(rows: Sequence[Row], metric: str) -> str | None:
    """The field that the metric needs and some row lacks."""
    return next((field for field in METRICS[metric].fields if any(row.get(field) is None for row in rows)), None)


def score_set(rows: Sequence[Row], metrics: Sequence[str]) -> SetScores:
    """Score rows, and the rows of each `level` by themselves. Raises RequestError as `row_statistics`."""
    statistics = row_statistics(rows, metrics)
    scores = {
        name: Score(METRICS[name].value(own.sum(axis=0)), METRICS[name].signature()) for name, own in statistics.items()
    }
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        if row.get("level") is not None:
            places.setdefault(str(row["level"]), []).append(place)
    return SetScores(scores, {level: _level(statistics, places[level]) for level in sorted(places)})


def _level(statistics: Mapping[str, Array], places: list[int]) -> LevelScores:
    values = {name: METRICS[name].value(own[places].sum(axis=0)) for name, own in statistics.items()}
    return LevelScores(len(places), values)


def sentence_chrf(output: str, reference: str) -> float:
    """chrF of one sentence, 0 to 100: what ranks rows in the sample table. Two empty texts score 0."""
    return float(CHRF().sentence_score(output, [reference]).score)
