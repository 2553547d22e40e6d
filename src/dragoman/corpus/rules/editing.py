"""Line rules: they take lines out of documents, and count which rule took how many."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dragoman.corpus.lines import Lines, Stripped
from dragoman.corpus.rules.patterns import lines_having, matching_lines
from dragoman.corpus.rules.quality import ELLIPSES, lines_with
from dragoman.corpus.rules.rule import Limits
from dragoman.corpus.rules.words import Mask, Numbers, Words


@dataclass(frozen=True)
class LineRule(ABC):
    """One reason to take a line out of its document."""

    name: str
    description: str

    @abstractmethod
    def keeps(self, batch: Words) -> Mask:
        """Which lines stay (L,)."""


@dataclass(frozen=True)
class LineLimits(LineRule):
    """Lines have a number that has to lie within limits."""

    limits: Limits
    count: Callable[[Words], Numbers]

    def keeps(self, batch: Words) -> Mask:
        low, high = (np.broadcast_to(bound, len(batch))[batch.lines.documents] for bound in self.limits.of(batch))
        values = self.count(batch)
        return (values >= low) & (values <= high)


@dataclass(frozen=True)
class LineEnd(LineRule):
    """Lines have to end in one of the marks, and not in an ellipsis."""

    marks: tuple[str, ...]

    def keeps(self, batch: Words) -> Mask:
        return lines_with(batch, self.marks, at_end=True) & ~lines_with(batch, ELLIPSES, at_end=True)


@dataclass(frozen=True)
class WithoutPhrases(LineRule):
    """Lines must not have one of the phrases. Lines of more than `longest` characters stay."""

    phrases: tuple[str, ...]
    longest: int | None

    def keeps(self, batch: Words) -> Mask:
        found = lines_having(batch, self.phrases)
        return ~found if self.longest is None else ~(found & (batch.line_lengths <= self.longest))


@dataclass(frozen=True)
class WithoutPattern(LineRule):
    """Lines must not match a regular expression."""

    regex: str

    def keeps(self, batch: Words) -> Mask:
        return ~matching_lines(batch, self.regex)


def line_words(batch: Words) -> Numbers:
    return np.diff(batch.lines.words)


def line_longest_word(batch: Words) -> Numbers:
    return np.maximum.reduceat(batch.word_lengths, batch.lines.words[:-1]) if len(batch.lines) else np.zeros(0)


LINE_COUNTS: dict[str, Callable[[Words], Numbers]] = {
    "line_longest_word": line_longest_word,
    "line_words": line_words,
}


@dataclass(frozen=True)
class LineRules:
    """Line rules in their order. A line counts for the first that takes it; lines without words stay."""

    rules: tuple[LineRule, ...]

    def __bool__(self) -> bool:
        return bool(self.rules)

    def __call__(self, texts: pa.Array, languages: Sequence[str] | None = None) -> Stripped:
        batch = Words(texts, languages)
        reasons = np.zeros(len(batch.lines), np.int8)
        for number, rule in enumerate(self.rules, 1):
            reasons[(reasons == 0) & ~rule.keeps(batch)] = number
        lines = Lines.of(batch.texts)
        of_all = np.zeros(len(lines), np.int8)
        of_all[batch.rows + batch.lines.documents] = reasons
        return Stripped.of(lines, of_all, tuple(rule.name for rule in self.rules))
