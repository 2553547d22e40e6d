"""Rules that count: words, lines and characters (Rae et al. 2021, arXiv 2112.11446, section A.1.1, and others).

Shares of nothing are 0: an empty document has no words with letters, and no lines that are too short.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dragoman.corpus.rules.characters import DIGIT, END, LETTER, MARK
from dragoman.corpus.rules.rule import Limited
from dragoman.corpus.rules.words import Mask, Numbers, Words, prefix_sums, share, sums

BULLETS = ("•", "‣", "◦", "▪", "-")
ELLIPSES = ("...", "…")
SHORT_BYTES = 100  # of a line in a header or footer


@dataclass(frozen=True)
class Counted(Limited):
    """A rule whose number a function counts."""

    count: Callable[[Words], Numbers]

    def values(self, batch: Words, among: Mask) -> Numbers:
        return self.count(batch)


def word_count(batch: Words) -> Numbers:
    return sums(batch.plain, batch.bounds)


def mean_word_length(batch: Words) -> Numbers:
    return share(sums(np.where(batch.plain, batch.word_lengths, 0), batch.bounds), word_count(batch))


def sentence_count(batch: Words) -> Numbers:
    return sums((batch.last_kinds(batch.starts, batch.stops) & END) != 0, batch.bounds)


def alphabetic_words(batch: Words) -> Numbers:
    return share(sums(batch.lettered, batch.bounds), batch.counts)


def hash_ratio(batch: Words) -> Numbers:
    return share(batch.count_places(batch.places_of("#")), batch.counts)


def ellipsis_ratio(batch: Words) -> Numbers:
    """Three dots count as one, six as two."""
    dots = batch.places_of(".")
    documents = np.searchsorted(batch.offsets, dots, "right")
    begins = np.flatnonzero(np.append(True, (np.diff(dots) > 1) | (np.diff(documents) > 0))[: len(dots)])
    runs = np.diff(np.append(begins, len(dots)))
    dotted = np.bincount(documents[begins] - 1, runs // 3, minlength=len(batch))
    return share(dotted + batch.count_places(batch.places_of("…")), batch.counts)


def bullet_lines(batch: Words) -> Numbers:
    return _line_share(batch, lines_with(batch, BULLETS, at_end=False))


def ellipsis_lines(batch: Words) -> Numbers:
    return _line_share(batch, lines_with(batch, ELLIPSES, at_end=True))


def punctuated_lines(batch: Words) -> Numbers:
    return _line_share(batch, (batch.last_kinds(batch.lines.starts, batch.lines.stops) & END) != 0)


def lines_up_to(characters: int) -> Callable[[Words], Numbers]:
    return lambda batch: _line_share(batch, batch.line_lengths <= characters)


def short_header(batch: Words) -> Numbers:
    bounds, fifth = batch.lines.bounds, -(-batch.lines.counts // 5)
    return _short_share(batch, bounds[:-1], bounds[:-1] + fifth)


def short_footer(batch: Words) -> Numbers:
    bounds, fifth = batch.lines.bounds, -(-batch.lines.counts // 5)
    return _short_share(batch, bounds[1:] - fifth, bounds[1:])


def newline_ratio(batch: Words) -> Numbers:
    return share(batch.count_places(batch.newlines), batch.counts)


def digits(batch: Words) -> Numbers:
    return share(batch.count_kind(DIGIT), batch.characters)


def upper_case(batch: Words) -> Numbers:
    return share(batch.upper_case, batch.characters)


def other_characters(batch: Words) -> Numbers:
    return share(batch.characters - batch.count_kind(LETTER | MARK), batch.characters)


def curly_brackets(batch: Words) -> Numbers:
    return batch.count_places(batch.places_of("{"))


COUNTS: dict[str, Callable[[Words], Numbers]] = {
    "character_count": lambda batch: batch.characters,
    "word_count": word_count,
    "line_count": lambda batch: batch.lines.counts,
    "sentence_count": sentence_count,
    "mean_word_length": mean_word_length,
    "alphabetic_words": alphabetic_words,
    "hash_ratio": hash_ratio,
    "ellipsis_ratio": ellipsis_ratio,
    "bullet_lines": bullet_lines,
    "ellipsis_lines": ellipsis_lines,
    "punctuated_lines": punctuated_lines,
    "lines_up_to_30": lines_up_to(30),
    "lines_up_to_100": lines_up_to(100),
    "short_header": short_header,
    "short_footer": short_footer,
    "newline_ratio": newline_ratio,
    "digits": digits,
    "upper_case": upper_case,
    "other_characters": other_characters,
    "curly_brackets": curly_brackets,
}


def _line_share(batch: Words, chosen: Mask) -> Numbers:
    return share(batch.lines.per_document(chosen), batch.lines.counts)


def _short_share(batch: Words, begins: Numbers, ends: Numbers) -> Numbers:
    """Lines under 100 bytes among those from begins[i] to ends[i], as a share."""
    short = prefix_sums(batch.lines.stops - batch.lines.starts < SHORT_BYTES)
    return share(short[ends] - short[begins], ends - begins)


def lines_with(batch: Words, marks: Sequence[str], *, at_end: bool) -> Mask:
    """Lines that begin or end with one of the marks (L,)."""
    starts, stops = batch.lines.starts, batch.lines.stops
    edges = np.zeros(256, bool)
    edges[[mark.encode()[-1 if at_end else 0] for mark in marks]] = True
    likely = np.flatnonzero(edges[batch.data[stops - 1 if at_end else starts]])
    found = np.zeros(len(starts), bool)
    for mark in marks:
        size = len(mark.encode())
        fits = likely[stops[likely] - starts[likely] >= size]
        at = stops[fits] - size if at_end else starts[fits]
        for place, byte in enumerate(mark.encode()):
            fitting = batch.data[at + place] == byte
            fits, at = fits[fitting], at[fitting]
        found[fits] = True
    return found
