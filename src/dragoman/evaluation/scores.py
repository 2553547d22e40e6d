"""BLEU, chrF and TER of a whole corpus, as sacreBLEU computes them, with the signature that makes a score repeatable.

- BLEU: 13a tokenisation, cased, exponential smoothing (Post 2018, "A Call for Clarity in Reporting BLEU Scores").
- chrF: characters up to 6-grams, beta 2 (Popović 2015). TER: tercom's edits, as a percentage (Snover et al. 2006).
- Scores of a corpus are computed from summed counts: they are not the mean of sentence scores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.metrics.base import Metric as SacreMetric

from dragoman.base.errors import RequestError, did_you_mean


@dataclass(frozen=True)
class Metric:
    """What a metric is called for people, and which way is better."""

    label: str
    higher_is_better: bool
    build: Callable[[], SacreMetric]


# force: no warning about tokenised text on every validation; it changes neither score nor signature
METRICS: dict[str, Metric] = {
    "bleu": Metric("BLEU", True, lambda: BLEU(force=True)),
    "chrf": Metric("chrF", True, CHRF),
    "ter": Metric("TER", False, TER),
}


@dataclass(frozen=True)
class Score:
    """A value between 0 and 100 (TER may exceed 100) and sacreBLEU's full signature."""

    value: float
    signature: str


@dataclass(frozen=True)
class LevelScores:
    """The scores of the rows of one level, on the same metrics as the whole set."""

    rows: int
    scores: dict[str, float]


def score(outputs: Sequence[str], references: Sequence[str], metrics: Sequence[str]) -> dict[str, Score]:
    """Score outputs against one reference each, line by line.

    Raises RequestError for an unknown metric, no rows at all, or lists of different lengths.
    """
    _check(metrics, outputs=outputs, references=references)
    result = {}
    for name in metrics:
        metric = METRICS[name].build()
        value = metric.corpus_score(list(outputs), [list(references)]).score
        result[name] = Score(float(value), str(metric.get_signature()))
    return result


def score_by_level(
    outputs: Sequence[str], references: Sequence[str], levels: Sequence[str | None], metrics: Sequence[str]
) -> dict[str, LevelScores]:
    """Score the rows of each level by themselves, levels in sorted order. Rows without a level belong to none.

    Raises RequestError as `score` does.
    """
    _check(metrics, outputs=outputs, references=references, levels=levels)
    result = {}
    for level in sorted({level for level in levels if level is not None}):
        rows = [row for row, own in enumerate(levels) if own == level]
        values = score([outputs[row] for row in rows], [references[row] for row in rows], metrics)
        result[level] = LevelScores(len(rows), {name: one.value for name, one in values.items()})
    return result


def sentence_chrf(output: str, reference: str) -> float:
    """chrF of one sentence, 0 to 100: what ranks rows in the sample table. Two empty texts score 0."""
    return float(CHRF().sentence_score(output, [reference]).score)


def _check(metrics: Sequence[str], **columns: Sequence[str | None]) -> None:
    for name in metrics:
        if name not in METRICS:
            hint = did_you_mean(name, METRICS) or f"known: {', '.join(METRICS)}"
            raise RequestError(f"unknown metric '{name}'", where="evaluation.metrics", hint=hint)
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{length:,} {name}" for name, length in lengths.items())
        raise RequestError(f"scores compare line by line, but there are {counts}")
    if not lengths["outputs"]:
        raise RequestError("there is nothing to score: no outputs and no references")
