"""Phrases and regular expressions, line by line, on RE2: time grows with the text alone, whatever the expression.

A line is searched for one match only. Counting matches would take quadratic time for some expressions even on RE2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from dragoman.corpus.rules.rule import Limited
from dragoman.corpus.rules.words import Mask, Numbers, Words, share


@dataclass(frozen=True)
class LinesWithPhrases(Limited):
    """In how many lines of a document one of the phrases stands."""

    phrases: tuple[str, ...]

    def values(self, batch: Words, among: Mask) -> Numbers:
        return batch.lines.per_document(lines_having(batch, self.phrases))


@dataclass(frozen=True)
class LinePattern(Limited):
    """The share of a document's lines that match."""

    regex: str

    def values(self, batch: Words, among: Mask) -> Numbers:
        return share(batch.lines.per_document(matching_lines(batch, self.regex)), batch.lines.counts)


def matching_lines(batch: Words, regex: str) -> Mask:
    """Which lines match an expression of RE2 somewhere (L,)."""
    return _matches(batch.line_column, regex)


def lines_having(batch: Words, phrases: Iterable[str]) -> Mask:
    """Which lines have one of the phrases (L,), in upper or lower case alike, with whatever white space in them."""
    regex = "(?i)" + "|".join(map(_literal, phrases))
    found = np.zeros(len(batch.lines), bool)
    documents = _matches(batch.texts, regex)  # mostly none
    lines = np.flatnonzero(documents[batch.lines.documents])
    if len(lines):
        found[lines] = _matches(batch.line_column.take(lines), regex)
    return found


def _literal(phrase: str) -> str:
    words = (re.sub(r"[\\.+*?()|\[\]{}^$]", r"\\\g<0>", word) for word in phrase.split())
    return r"[\s\pZ]+".join(words)


def _matches(texts: object, regex: str) -> Mask:
    return np.asarray(pc.match_substring_regex(texts, regex).to_numpy(zero_copy_only=False), dtype=bool)
