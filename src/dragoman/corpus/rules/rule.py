"""What a rule is: a number for each document, and which numbers are kept.

Rules see a batch at a time, one after the other; a document that one has removed costs the later ones little.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dragoman.corpus.rules.words import Mask, Numbers, Words

Bounds = tuple[float | None, float | None]


class Rule(Protocol):
    """One reason to remove a document."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str:
        """What it measures, in plain English."""

    def measure(self, batch: Words, among: Mask | None = None) -> dict[str, Numbers]:
        """Named numbers for the documents (D,). Those outside `among` are removed already and need not be right."""

    def verdict(self, measured: Mapping[str, Numbers], batch: Words) -> Mask:
        """Which documents to keep (D,)."""

    def thresholds(self, language: str = "") -> dict[str, Bounds]:
        """The least and the most that is kept of each number, in documents of a language."""


@dataclass(frozen=True)
class Limits:
    """The least and the most that is kept, by language; "" for all languages that are not named."""

    by_language: Mapping[str, Bounds]

    def of(self, batch: Words) -> tuple[Numbers, Numbers]:
        """The least and the most for each document (D,), or for all of them (1,)."""
        pairs = {code: (_or(low, -np.inf), _or(high, np.inf)) for code, (low, high) in self.by_language.items()}
        languages = batch.languages if len(pairs) > 1 else [""]
        bounds = np.array([pairs.get(code, pairs[""]) for code in languages]).reshape(-1, 2)
        return bounds[:, 0], bounds[:, 1]


def _or(limit: float | None, instead: float) -> float:
    return instead if limit is None else limit


@dataclass(frozen=True)
class Limited(ABC):
    """A rule with one number. What is not a number (NaN) passes."""

    name: str
    description: str
    limits: Limits

    @abstractmethod
    def values(self, batch: Words, among: Mask) -> Numbers:
        """The number of each document (D,)."""

    def measure(self, batch: Words, among: Mask | None = None) -> dict[str, Numbers]:
        return {self.name: self.values(batch, np.ones(len(batch), bool) if among is None else among)}

    def verdict(self, measured: Mapping[str, Numbers], batch: Words) -> Mask:
        low, high = self.limits.of(batch)
        values = measured[self.name]
        return ~((values < low) | (values > high))

    def thresholds(self, language: str = "") -> dict[str, Bounds]:
        bounds = self.limits.by_language
        return {self.name: bounds.get(language, bounds[""])}


class Rechecked(Limited):
    """A rule whose number is first taken from hashes, which can only make it too large.

    Where the verdict hangs on that, the number is worked out anew from the words themselves.
    """

    @abstractmethod
    def upper_bound(self, batch: Words, among: Mask) -> Numbers:
        """At least the number of each document (D,)."""

    @abstractmethod
    def exact(self, batch: Words, document: int) -> float:
        """The number of one document."""

    def values(self, batch: Words, among: Mask) -> Numbers:
        values = np.where(among, self.upper_bound(batch, among), 0.0)
        low, high = self.limits.of(batch)
        doubtful = values > 0 if batch.exact else (values > high) | ((low > 0) & (values >= low))
        for document in np.flatnonzero(doubtful):
            values[document] = self.exact(batch, int(document))
        return values
