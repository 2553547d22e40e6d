"""What became of documents, as numbers that add up: over batches, shards and passes, in any order.

read = kept + removed + poisoned         in documents; bad ones were never read
bytes read = kept + removed + what normalising and removed lines took away
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus.engine.histogram import BINS, count_bins
from dragoman.data.rows import excerpt

SAMPLES = 5  # removed documents that are kept to look at, for each rule
UNKNOWN = "unknown"  # the language of what was empty before it could be told

Amount = list[int]  # documents (or lines), and their bytes


def _nothing() -> Amount:
    return [0, 0]


def add(amount: Amount, number: int, size: int) -> None:
    amount[0] += int(number)
    amount[1] += int(size)


@dataclass
class Tally:
    """read: documents and bytes as they were read. bad: unreadable documents by reason. poisoned: by failure.

    changed: what normalising did: documents changed, bytes taken away (less than none where text grew).
    lines: lines removed, by step and reason. removed: documents by rule and language. kept: by language.
    histograms: of each measure, over all documents that were measured. samples: of the documents each rule removed, and
    of the lines each reason removed.
    """

    read: Amount = field(default_factory=_nothing)
    bad: dict[str, int] = field(default_factory=dict)
    poisoned: dict[str, Amount] = field(default_factory=dict)
    changed: Amount = field(default_factory=_nothing)
    lines: dict[str, dict[str, Amount]] = field(default_factory=dict)
    removed: dict[str, dict[str, Amount]] = field(default_factory=dict)
    kept: dict[str, Amount] = field(default_factory=dict)
    histograms: dict[str, list[int]] = field(default_factory=dict)
    samples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def remove(self, rule: str, languages: Sequence[str], sizes: Sequence[int]) -> None:
        """Documents that a rule removes, each with its language and bytes."""
        own = self.removed.setdefault(rule, {})
        for language, size in zip(languages, sizes, strict=True):
            add(own.setdefault(language or UNKNOWN, _nothing()), 1, size)

    def keep(self, languages: Sequence[str], sizes: Sequence[int]) -> None:
        for language, size in zip(languages, sizes, strict=True):
            add(self.kept.setdefault(language or UNKNOWN, _nothing()), 1, size)

    def remove_lines(self, step: str, counts: Mapping[str, tuple[int, int]]) -> None:
        """Lines that a step removes, by reason: how many, and their bytes."""
        for reason, (number, size) in counts.items():
            add(self.lines.setdefault(step, {}).setdefault(reason, _nothing()), number, size)

    def measure(self, name: str, values: NDArray[Any]) -> None:
        counts = count_bins(values)
        if name in self.histograms:
            counts += np.asarray(self.histograms[name])
        self.histograms[name] = counts.tolist()

    def wants_sample(self, rule: str, order: int) -> bool:
        """Whether a document of this order belongs to the rule's sample so far."""
        own = self.samples.get(rule, [])
        return len(own) < SAMPLES or order < own[-1]["order"]

    def sample(self, rule: str, order: int, text: str, **facts: Any) -> None:
        """Take a removed text, of which only the beginning is kept, into the rule's sample."""
        own = self.samples.setdefault(rule, [])
        own.append({"order": int(order), **facts, "text": excerpt(text[:1000])})
        own.sort(key=lambda one: one["order"])
        del own[SAMPLES:]

    def merge(self, other: Tally) -> None:
        """Add what another tally counted."""
        add(self.read, *other.read)
        add(self.changed, *other.changed)
        for reason, number in other.bad.items():
            self.bad[reason] = self.bad.get(reason, 0) + number
        for mine, others in ((self.poisoned, other.poisoned), (self.kept, other.kept)):
            _merge_amounts(mine, others)
        for mine_by, others_by in ((self.lines, other.lines), (self.removed, other.removed)):
            for name, amounts in others_by.items():
                _merge_amounts(mine_by.setdefault(name, {}), amounts)
        for name, counts in other.histograms.items():
            before = self.histograms.get(name, [0] * BINS)
            self.histograms[name] = [a + b for a, b in zip(before, counts, strict=True)]
        for rule, samples in other.samples.items():
            together = [*self.samples.get(rule, []), *samples]
            self.samples[rule] = sorted(together, key=lambda one: one["order"])[:SAMPLES]

    @property
    def balanced(self) -> bool:
        """Whether every document is accounted for, once."""
        removed = [amount for by_language in self.removed.values() for amount in by_language.values()]
        lines = [amount[1] for by_reason in self.lines.values() for amount in by_reason.values()]
        ended = [*removed, *self.kept.values(), *self.poisoned.values()]
        documents, size = (sum(amount[i] for amount in ended) for i in (0, 1))
        return self.read == [documents, size + self.changed[1] + sum(lines)]


def _merge_amounts(mine: dict[str, Amount], others: Mapping[str, Amount]) -> None:
    for name, amount in others.items():
        add(mine.setdefault(name, _nothing()), *amount)
