"""The sample table: a few rows that show what the scores mean, from the best to the worst.

Half of the rows go to the levels, where the data has levels; the rest is shared by the best, the typical (around the
median) and the worst rows by sentence chrF. The choice is a function of the rows alone: no randomness.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dragoman.evaluation.scores import sentence_chrf


@dataclass(frozen=True)
class Sample:
    """A row of the table. kind: "best", "typical", "worst" or "level B1". chrf: of this sentence, 0 to 100."""

    kind: str
    source: str
    target: str
    output: str
    chrf: float
    level: str | None
    file: str
    row: int


def pick_samples(rows: Iterable[Mapping[str, Any]], count: int) -> list[Sample]:
    """Pick at most `count` rows of outputs: best first, then typical, worst, and each level from worse to better.

    rows: mappings with source, target, output, file, row and, if known, level and chrf, as in outputs.jsonl.
    A source is picked once, however many rows have it.
    """
    ranked = _ranked(rows)
    levels = sorted({sample.level for sample in ranked if sample.level is not None})
    for_levels = count // 2 if levels else 0
    third = (count - for_levels) // 3

    picked: dict[str, Sample] = {}  # by source

    def take(kind: str, candidates: Iterable[Sample], wanted: int) -> None:
        fresh = [sample for sample in candidates if sample.source not in picked]
        for sample in fresh[:wanted]:
            picked[sample.source] = replace(sample, kind=kind)

    middle = sorted(range(len(ranked)), key=lambda place: (abs(2 * place - len(ranked) + 1), place))
    take("best", reversed(ranked), third)
    take("worst", ranked, third)
    take("typical", (ranked[place] for place in middle), count - for_levels - 2 * third)
    for number, level in enumerate(levels):
        wanted = for_levels * (number + 1) // len(levels) - for_levels * number // len(levels)
        own = [sample for sample in ranked if sample.level == level and sample.source not in picked]
        take(f"level {level}", _spread(own, wanted), wanted)

    order = ["best", "typical", "worst", *(f"level {level}" for level in levels)]
    return sorted(picked.values(), key=lambda sample: order.index(sample.kind))


def pick_by_level(rows: Iterable[Mapping[str, Any]], each: int) -> list[Sample]:
    """At most `each` rows of every level, spread from worse to better; levels in sorted order. Rows without a level
    belong to none. rows: as for `pick_samples`.
    """
    ranked = [sample for sample in _ranked(rows) if sample.level is not None]
    levels = sorted({sample.level for sample in ranked if sample.level is not None})
    chosen = [_spread([sample for sample in ranked if sample.level == level], each) for level in levels]
    return [replace(sample, kind=f"level {sample.level}") for some in chosen for sample in some]


def _ranked(rows: Iterable[Mapping[str, Any]]) -> list[Sample]:
    """One sample without a kind for each source, its first row, the worst first; among equals the longer is better."""
    samples: dict[str, Sample] = {}
    for row in sorted(rows, key=_origin):
        if row["source"] not in samples:
            known, level = row.get("chrf"), row.get("level")
            chrf = sentence_chrf(row["output"], row["target"]) if known is None else float(known)
            texts = row["source"], row["target"], row["output"]
            samples[row["source"]] = Sample("", *texts, chrf, None if level is None else str(level), *_origin(row))
    return sorted(samples.values(), key=lambda sample: (sample.chrf, len(sample.source), sample.file, sample.row))


def _origin(row: Mapping[str, Any]) -> tuple[str, int]:
    return str(row.get("file", "")), int(row.get("row", 0))


def _spread(samples: Sequence[Sample], wanted: int) -> list[Sample]:
    """`wanted` samples at even distances, the middle one for 1; all where there are no more."""
    if wanted >= len(samples):
        return list(samples)
    return [samples[(2 * number + 1) * len(samples) // (2 * wanted)] for number in range(wanted)]
