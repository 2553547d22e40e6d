"""The receipt: what became of every row, and why.

    read = kept + dropped + quarantined + held out        (trimmed rows are among the kept)

Who reads counts `read` and `quarantined`, who tokenises the rest: each row that was read ends in one of the four.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MAX_BINS = 20  # of a length histogram


@dataclass
class Lengths:
    """The lengths of one side's kept rows, in tokens with the end token. Memory: an entry for each different length."""

    counts: Counter[int] = field(default_factory=Counter)

    @property
    def tokens(self) -> int:
        return sum(length * count for length, count in self.counts.items())

    def histogram(self) -> dict[str, list[int]]:
        """Bins of equal, round width: counts[i] rows are at least edges[i] and less than edges[i + 1] long."""
        if not self.counts:
            return {"edges": [0], "counts": []}
        width = 1
        while max(self.counts) >= width * MAX_BINS:
            width *= 2
        bins = [0] * (max(self.counts) // width + 1)
        for length, count in self.counts.items():
            bins[length // width] += count
        return {"edges": [i * width for i in range(len(bins) + 1)], "counts": bins}


@dataclass
class SplitReceipt:
    """What became of the rows of one split."""

    read: int = 0
    kept: int = 0
    held_out: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)  # by reason
    dropped: Counter[str] = field(default_factory=Counter)
    trimmed: Counter[str] = field(default_factory=Counter)
    source_lengths: Lengths = field(default_factory=Lengths)
    target_lengths: Lengths = field(default_factory=Lengths)
    trimmed_rows: int = 0

    def read_row(self) -> None:
        self.read += 1

    def quarantine(self, reason: str) -> None:
        self.quarantined[reason] += 1

    def drop(self, reason: str) -> None:
        self.dropped[reason] += 1

    def hold_out(self) -> None:
        self.held_out += 1

    def keep(self, source_length: int, target_length: int, trimmed: tuple[str, ...] = ()) -> None:
        """A kept row with its lengths in tokens, after trimming. trimmed: a reason for each side that was cut."""
        self.kept += 1
        self.source_lengths.counts[source_length] += 1
        self.target_lengths.counts[target_length] += 1
        self.trimmed_rows += bool(trimmed)
        self.trimmed.update(trimmed)

    @property
    def balanced(self) -> bool:
        return self.read == self.kept + self.dropped.total() + self.quarantined.total() + self.held_out

    def to_json(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "kept": self.kept,
            "trimmed": self.trimmed_rows,
            "dropped": self.dropped.total(),
            "quarantined": self.quarantined.total(),
            "held_out": self.held_out,
            "reasons": {
                "quarantined": dict(self.quarantined.most_common()),
                "dropped": dict(self.dropped.most_common()),
                "trimmed": dict(self.trimmed.most_common()),
            },
            "source_lengths": self.source_lengths.histogram(),
            "target_lengths": self.target_lengths.histogram(),
            "source_tokens": self.source_lengths.tokens,
            "target_tokens": self.target_lengths.tokens,
        }


class Receipt:
    """All splits' receipts, in the order in which they were first named, with the overlap between them.

    overlap: `Overlap.to_json()`.
    """

    def __init__(self) -> None:
        self.splits: dict[str, SplitReceipt] = {}
        self.overlap: dict[str, Any] = {}

    def split(self, name: str) -> SplitReceipt:
        return self.splits.setdefault(name, SplitReceipt())

    def verify(self) -> None:
        """Raise RuntimeError where a row was counted twice or not at all: a fault of ours, never of the data."""
        for name, split in self.splits.items():
            if not split.balanced:
                raise RuntimeError(f"the receipt of {name} does not add up: {split.to_json()}")

    def to_json(self) -> dict[str, Any]:
        return {
            "splits": {name: split.to_json() for name, split in self.splits.items()},
            "overlap": self.overlap,
        }
