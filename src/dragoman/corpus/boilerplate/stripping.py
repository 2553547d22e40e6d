"""Texts without the lines that are boilerplate."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dragoman.base.errors import RequestError
from dragoman.corpus.boilerplate.features import measure
from dragoman.corpus.boilerplate.model import REASONS, is_raw, likelihoods, reasons
from dragoman.corpus.lines import Lines, Mask, Stripped
from dragoman.corpus.spans import as_column
from dragoman.recipe.schema.boilerplate import Boilerplate


def strip_texts(texts: pa.Array | pa.ChunkedArray, settings: Boilerplate) -> Stripped:
    """A batch of normalised texts without their boilerplate. Raises RequestError where a pattern is none.

    A text that is nothing but boilerplate is empty afterwards.
    """
    lines = Lines.of(as_column(texts))
    page = measure(lines)
    gone = (likelihoods(page) < settings.threshold) & is_raw(page, settings.lines)[page.document]
    found = np.zeros(len(lines), np.int8)
    found[page.places[gone]] = reasons(page)[gone]
    if settings.patterns:
        found[_matching(lines, settings.patterns)] = REASONS.index("pattern") + 1
    return Stripped.of(lines, found, REASONS)


def _matching(lines: Lines, patterns: list[str]) -> Mask:
    """Lines in which one of the patterns is found (L,)."""
    column, found = lines.column(), np.zeros(len(lines), bool)
    for i, pattern in enumerate(patterns):
        try:
            found |= pc.match_substring_regex(column, pattern).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid as error:
            raise RequestError(
                f"no pattern that RE2 understands: {pattern!r} ({error})",
                where=f"corpus.boilerplate.patterns.{i}",
                hint="write it without look-around and back-references",
            ) from None
    return found


def strip_boilerplate(text: str, settings: Boilerplate | None = None) -> list[tuple[str, bool, str]]:
    """Each line of a normalised text: the line, whether it stays, and the reason why not ("" where it stays)."""
    stripped = strip_texts(pa.array([text], pa.large_string()), settings or Boilerplate())
    names = ("", *REASONS)
    return [
        (line, not reason, names[reason])
        for line, reason in zip(text.split("\n"), stripped.reasons.tolist(), strict=True)
    ]
