"""The last pass over a shard: its documents without duplicates, common lines and what is beyond its source's share.

A shard that loses nothing is the first pass's file under another name, at no cost of disk.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dragoman.base.files import read_json, write_json
from dragoman.corpus.duplicates.keys import document_numbers
from dragoman.corpus.duplicates.lines import remove_lines
from dragoman.corpus.engine.batch import Batch
from dragoman.corpus.engine.decisions import Decisions, decisions_in
from dragoman.corpus.engine.first_pass import FIRST, Done
from dragoman.corpus.engine.job import VERSION, Job, hashed
from dragoman.corpus.engine.removing import count_removed, keep, without_lines
from dragoman.corpus.engine.tally import Tally, add
from dragoman.corpus.engine.writing import document_writer, link_file, read_groups
from dragoman.corpus.spans import Places, mix

LAST = "last"
DUPLICATE, REPEATED_LINES, SHARE = "{} duplicate", "repeated lines", "share of its source"


@dataclass(frozen=True)
class Ending:
    """A shard to be finished. key: what its record hangs on. fraction: how much of its documents to take."""

    number: int
    key: str
    fraction: float


def ending(number: int, job: Job, first: str, decided: Decisions, lines: str, fraction: float) -> Ending:
    """first: the first record's key. lines: a key of the common lines."""
    gone = decided.of_shard(number).to_pydict()
    key = hashed(VERSION, number, first, gone, lines, [fraction, job.seed] if fraction < 1 else None)
    return Ending(number, key, fraction)


def finish_shard(task: Ending, job: Job) -> Done:
    """Write a shard as it is in the end, or find that it is done."""
    folder, number = job.folder, task.number
    began, record = time.monotonic(), folder.record(number, LAST)
    if (found := folder.done(record, task.key)) is not None:
        return Done(found, None)
    record.unlink(missing_ok=True)
    tally = _finish(task, job)
    if not tally.balanced:
        raise RuntimeError(f"the last counts of shard {number} do not add up: {asdict(tally)}")
    made = {"key": task.key, "version": VERSION, "files": folder.sizes(folder.shard(number)), "tally": asdict(tally)}
    write_json(record, made)
    return Done(made, time.monotonic() - began)


def _finish(task: Ending, job: Job) -> Tally:
    folder, decided, settings = job.folder, decisions_in(job.folder), job.corpus.duplicates
    gone = decided.of_shard(task.number)
    if not gone.num_rows and settings.lines is None and task.fraction >= 1:
        link_file(folder.stage(task.number), folder.shard(task.number))
        kept = read_json(folder.record(task.number, FIRST))["tally"]["kept"]
        return Tally(read=[sum(amount[i] for amount in kept.values()) for i in (0, 1)], kept=kept)
    common = None if settings.lines is None else decided.common_lines()
    tally, first = Tally(), 0
    with document_writer(folder.shard(task.number)) as writer:
        for table in read_groups(folder.stage(task.number)):
            batch = Batch.of(table)
            numbers = document_numbers(task.number, first, len(batch))
            first += len(batch)
            add(tally.read, len(batch), int(batch.sizes.sum()))
            batch = _without_duplicates(batch, numbers, gone, tally)
            if task.fraction < 1:
                batch = keep(batch, _drawn(batch, job.seed) < task.fraction, SHARE, tally)
            if common is not None and settings.lines is not None:
                stripped = remove_lines(batch.texts, common, settings.lines)
                batch = without_lines(batch, stripped, REPEATED_LINES, tally)
            tally.keep(batch.languages, batch.sizes.tolist())
            writer.add(batch.table())
    return tally


def _without_duplicates(batch: Batch, numbers: Places, gone: pa.Table, tally: Tally) -> Batch:
    """The batch less the documents that are in `gone`; what is shown of them names the one that stays."""
    places = np.searchsorted(gone["document"].to_numpy(), numbers)
    found = np.append(gone["document"].to_numpy(), -1)[places] == numbers
    kept_for = np.append(gone["kept"].to_numpy(), -1)[places]
    kinds = np.append(np.array(gone["kind"].to_pylist(), object), "")[places]
    for kind in sorted(set(kinds[found])):
        count_removed(batch, found & (kinds == kind), DUPLICATE.format(kind), tally, facts={"kept": kept_for})
    return batch.where(~found)


def _drawn(batch: Batch, seed: int) -> NDArray[np.float64]:
    """A number from 0 to 1 for each document (D,), always the same for its file and row."""
    return mix(batch.orders + np.uint64(seed)) / 2.0**64
