"""What became of the pairs: how many each rule saw and removed, how its numbers were distributed, and samples."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus.pairs.batch import Bools, Floats
from dragoman.corpus.pairs.memory import DESCRIPTIONS, Memory
from dragoman.corpus.pairs.rule import Limits, Measured, PairRule, Verdict
from dragoman.data.rows import Example

SAMPLES = 6  # pairs a rule
BINS = 40


class Histogram:
    """Counts between equal steps of a scale; what lies beyond an end counts into the last step there."""

    def __init__(self, scale: tuple[float, float]):
        self.edges = np.linspace(*scale, BINS + 1)
        self.counts: NDArray[np.int64] = np.zeros(BINS, np.int64)

    def add(self, values: Floats) -> None:
        """NaN is left out: the rule was not asked."""
        asked = values[~np.isnan(values)]
        self.counts += np.histogram(np.clip(asked, self.edges[0], self.edges[-1]), self.edges)[0]

    def to_json(self) -> dict[str, Any]:
        return {"edges": [round(float(edge), 4) for edge in self.edges], "counts": self.counts.tolist()}


class Sample:
    """Some pairs, the same ones whenever the same pairs come: those whose origins have the lowest hashes."""

    def __init__(self, name: str):
        self.name = name
        self._chosen: list[tuple[int, int, Example, Verdict]] = []  # a heap with the highest hash on top
        self._number = count()  # tells pairs with equal hashes apart

    def add(self, example: Example, verdict: Verdict) -> None:
        origin = f"{self.name}\0{Path(example.origin.file).name}\0{example.origin.row}"
        rank = -int.from_bytes(hashlib.blake2b(origin.encode(), digest_size=8).digest(), "big")
        entry = (rank, -next(self._number), example, verdict)
        if len(self._chosen) < SAMPLES:
            heapq.heappush(self._chosen, entry)
        elif rank > self._chosen[0][0]:
            heapq.heapreplace(self._chosen, entry)

    def to_json(self) -> list[dict[str, Any]]:
        """As a file has them: in the order of hashes, the lowest first."""
        chosen = sorted(self._chosen, key=lambda entry: entry[:2], reverse=True)
        return [record(example, verdict) for _, _, example, verdict in chosen]


def record(example: Example, verdict: Verdict) -> dict[str, Any]:
    """A pair and its verdict, as JSON."""
    return {
        "file": example.origin.file,
        "row": example.origin.row,
        **({} if verdict.kept else {"rule": verdict.rule, "measured": verdict.measured}),
        "source": example.source,
        "target": example.target,
    }


@dataclass
class RuleTally:
    """One rule's share. limits: its thresholds, by the name of the number."""

    name: str
    description: str
    limits: dict[str, Limits] = field(default_factory=dict)
    histograms: dict[str, Histogram] = field(default_factory=dict)
    seen: int = 0
    removed: int = 0

    def __post_init__(self) -> None:
        self.sample = Sample(self.name)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "description": self.description,
            "limits": {name: list(limits) for name, limits in self.limits.items()},
            "seen": self.seen,
            "removed": self.removed,
            "histograms": {name: own.to_json() for name, own in self.histograms.items()},
            "samples": self.sample.to_json(),
        }


class Tally:
    """Every rule's counts; `see` is what a gate's `watch` wants."""

    def __init__(self, rules: Sequence[PairRule], memory: Memory):
        self.rules = {rule.name: _tally_of(rule) for rule in rules}
        self.rules |= {name: RuleTally(name, DESCRIPTIONS[name]) for name in memory.names}
        self.kept, self._kept_sample = 0, Sample("kept")
        self._remembering = memory.names

    def see(self, rule: PairRule, measured: Measured, kept: Bools) -> None:
        own = self.rules[rule.name]
        own.seen += len(kept)
        for name, histogram in own.histograms.items():
            histogram.add(measured[name])

    def add(self, example: Example, verdict: Verdict) -> None:
        """A pair with its verdict, in the order of reading."""
        reached = len(self._remembering)
        if verdict.rule is None:
            self.kept += 1
            self._kept_sample.add(example, verdict)
        else:
            own = self.rules[verdict.rule]
            own.removed += 1
            own.sample.add(example, verdict)
            reached = self._remembering.index(verdict.rule) + 1 if verdict.rule in self._remembering else 0
        for name in self._remembering[:reached]:
            self.rules[name].seen += 1

    @property
    def removed(self) -> int:
        return sum(rule.removed for rule in self.rules.values())

    def to_json(self) -> dict[str, Any]:
        return {
            "kept": self.kept,
            "removed": self.removed,
            "rules": [rule.to_json() for rule in self.rules.values()],
            "kept_samples": self._kept_sample.to_json(),
        }


def _tally_of(rule: PairRule) -> RuleTally:
    scaled = rule.limits() if rule.scale is not None else {}
    histograms = {name: Histogram(rule.scale) for name in scaled if rule.scale is not None}
    return RuleTally(rule.name, rule.description, rule.limits(), histograms)
