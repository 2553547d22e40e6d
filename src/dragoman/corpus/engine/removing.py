"""Taking documents and lines out of a batch: each is counted under a name, and some are kept to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus.engine.batch import Batch, Mask
from dragoman.corpus.engine.tally import Tally
from dragoman.corpus.lines import Stripped

EMPTY = "nothing left"
LINES_LOOKED_AT = 50  # of a batch, for samples of the lines that a step takes away

Numbers = Mapping[str, NDArray[Any]]


def keep(
    batch: Batch, kept: Mask, rule: str, tally: Tally, *, measured: Numbers | None = None, facts: Numbers | None = None
) -> Batch:
    """The documents that a rule keeps. measured, facts: of each document (D,), to go with those that are shown."""
    count_removed(batch, ~kept, rule, tally, measured=measured, facts=facts)
    return batch.where(kept)


def count_removed(
    batch: Batch, gone: Mask, rule: str, tally: Tally, *, measured: Numbers | None = None, facts: Numbers | None = None
) -> None:
    """Count the documents that a rule removes."""
    places = np.flatnonzero(gone)
    if not len(places):
        return
    sizes = batch.sizes[places].tolist()
    tally.remove(rule, [batch.languages[place] for place in places.tolist()], sizes)
    orders = batch.orders
    for place in places[np.argsort(orders[places])].tolist():
        if not tally.wants_sample(rule, int(orders[place])):
            break
        values = {name: round(float(own[place]), 4) for name, own in (measured or {}).items()}
        more = {name: int(own[place]) for name, own in (facts or {}).items()}
        _show(batch, place, rule, batch.texts[place].as_py(), tally, values=values, **more)


def without_lines(batch: Batch, stripped: Stripped, step: str, tally: Tally) -> Batch:
    """The batch without the lines that a step takes away, and without the documents of which nothing is left."""
    after = batch.with_texts(stripped.texts)
    counts = stripped.counts()
    tally.remove_lines(step, _with_line_ends(counts, int(batch.sizes.sum() - after.sizes.sum())))
    orders = batch.orders
    for reason in counts:
        name = f"{step}: {reason}"
        for place, line in dict(reversed(stripped.sample(reason, LINES_LOOKED_AT))).items():  # one of each document
            if tally.wants_sample(name, int(orders[place])):
                _show(batch, place, name, line, tally)
    return not_empty(after, tally)


def _with_line_ends(counts: dict[str, tuple[int, int]], gone: int) -> dict[str, tuple[int, int]]:
    """The counts with the line ends that went too, so that their bytes add up; the first reason takes them all."""
    if not counts and not gone:
        return counts
    first = next(iter(counts), "empty lines")
    number, size = counts.get(first, (0, 0))
    return {**counts, first: (number, size + gone - sum(own for _, own in counts.values()))}


def not_empty(batch: Batch, tally: Tally) -> Batch:
    """The documents of which something is left."""
    return keep(batch, batch.sizes > 0, EMPTY, tally)


def _show(batch: Batch, place: int, rule: str, text: str, tally: Tally, **facts: object) -> None:
    where = {"file": batch.files[place], "row": int(batch.rows[place]), "language": batch.languages[place]}
    tally.sample(rule, int(batch.orders[place]), text, **where, **facts)
