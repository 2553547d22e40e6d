"""What every rule for single pairs offers: a name, what it is about, numbers for each pair, and their limits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from dragoman.corpus.pairs.batch import Bools, Floats, PairBatch

Measured = dict[str, Floats]  # by name, a number for each pair; NaN where the rule is not asked
Limits = tuple[float | None, float | None]  # the lowest and the highest number that passes


class PairRule(ABC):
    """A rule looks at each pair by itself.

    name: its key in a recipe. description: what it asks for. scale: from where to where its numbers are drawn, if they
    are worth a drawing.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    scale: ClassVar[tuple[float, float] | None] = None

    @abstractmethod
    def measure(self, batch: PairBatch) -> Measured:
        """N numbers under each name."""

    @abstractmethod
    def limits(self) -> dict[str, Limits]:
        """The limits of each of the rule's numbers."""

    def verdict(self, measured: Measured) -> Bools:
        """(N,) bool: true where every number is within its limits, or is not asked for."""
        kept = np.ones(len(next(iter(measured.values()))), bool)
        for name, (low, high) in self.limits().items():
            if low is not None:
                kept &= ~(measured[name] < low)
            if high is not None:
                kept &= ~(measured[name] > high)
        return kept


@dataclass(frozen=True)
class Verdict:
    """What became of a pair. rule: the name of the first rule that it does not pass; None: it is kept.

    measured: that rule's numbers.
    """

    rule: str | None = None
    measured: dict[str, float] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        return self.rule is None


KEPT = Verdict()


def numbers_at(measured: Measured, place: int | np.intp) -> dict[str, float]:
    """The numbers of one pair, less those that are not asked for."""
    return {name: round(float(own[place]), 4) for name, own in measured.items() if not np.isnan(own[place])}
