"""A corpus, cleaned: sources in, Parquet shards out, with an account of every document.

    first pass   each shard: read, normalise, boilerplate, language, lines, rules -> documents and their keys
    decisions    over the keys of all shards: duplicates, and lines that many documents have
    last pass    each shard: without these, and in the sources' shares

Each step is skipped for what is done already, so the same command goes on after a kill and does nothing twice.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from functools import partial
from pathlib import Path
from typing import Any, Literal

from dragoman.base.errors import DragomanError
from dragoman.base.files import clear_temporaries, lock
from dragoman.base.progress import progress, say
from dragoman.corpus.engine.decisions import decide
from dragoman.corpus.engine.first_pass import Done, run_shard
from dragoman.corpus.engine.folder import CorpusFolder
from dragoman.corpus.engine.job import Job
from dragoman.corpus.engine.last_pass import LAST, ending, finish_shard
from dragoman.corpus.engine.pipeline import pipeline_of
from dragoman.corpus.engine.receipt import write_results
from dragoman.corpus.engine.shards import SHARD_BYTES, Shard, shards_of
from dragoman.corpus.engine.shares import fractions_of
from dragoman.corpus.engine.workers import Run, process_engine, usable_cores
from dragoman.data.documents import pieces_of
from dragoman.recipe import schema

Engine = Literal["processes", "ray"]


def clean_corpus(
    corpus: schema.Corpus,
    folder: Path,
    output: Path,
    *,
    seed: int,
    workers: int | None = None,
    engine: Engine = "processes",
    shard_bytes: int = SHARD_BYTES,
) -> dict[str, Any]:
    """Clean the sources of a recipe in `folder` into output/shards/*.parquet (text, language, file, row).

    Resumable: run again, it goes on where it was; done, it does nothing. workers: how many shards at a time (default: a
    core each). Returns the receipt, which is also in output/receipt.json.
    Raises RequestError for what is wrong with sources or rules, DragomanError where nothing can be read.
    """
    pipeline_of(corpus)  # an impossible rule is refused before anything is read
    workers = workers or usable_cores()
    job = Job(corpus, output.resolve(), seed)
    with lock(job.output):
        clear_temporaries(job.output)
        pieces = pieces_of(corpus.sources, folder, piece_bytes=shard_bytes)
        shards = shards_of(pieces, corpus.sources, folder, shard_bytes)
        job.folder.clear_beyond(len(shards))
        began = time.monotonic()
        with _engine(engine, workers) as run, _Times(job.folder) as times:
            first = _first_pass(job, shards, run, times)
            last = _last_pass(job, shards, first, run, times)
            receipt = write_results(job, shards, first, last)
            times.add(engine=engine, workers=workers, wall_seconds=time.monotonic() - began, bytes=times.bytes)
        return receipt


def _engine(name: Engine, workers: int) -> AbstractContextManager[Run]:
    if name == "ray":
        from dragoman.corpus.engine.cluster import cluster_engine

        return cluster_engine(workers)
    return process_engine(workers)


class _Times:
    """Appends to times.jsonl how long a shard took, and how long a whole run."""

    def __init__(self, folder: CorpusFolder):
        self.path, self.bytes = folder.times, 0

    def __enter__(self) -> _Times:
        self.file = open(self.path, "a", encoding="utf-8")
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()

    def add(self, **facts: Any) -> None:
        self.file.write(json.dumps(facts) + "\n")
        self.file.flush()

    def shard(self, number: int, step: str, done: Done) -> None:
        """A shard that was worked on now: nothing is said of one that was done before."""
        if done.seconds is not None:
            size = done.record["tally"]["read"][1]
            self.bytes += size if step == "first" else 0
            self.add(shard=number, step=step, bytes=size, seconds=done.seconds)


def _first_pass(job: Job, shards: Sequence[Shard], run: Run, times: _Times) -> list[dict[str, Any]]:
    records: dict[int, dict[str, Any]] = {}
    before = 0
    with progress("cleaning", total=len(shards), unit="shards") as bar:
        began = time.monotonic()
        with closing(run(partial(_numbered, job=job), shards)) as results:
            for number, done in results:
                records[number] = done.record
                before += done.seconds is None
                times.shard(number, "first", done)
                bar.note(f"{times.bytes / 1e6 / max(time.monotonic() - began, 1e-9):,.1f} MB/s")
                bar.advance()
    if before:
        say(f"{before} of {len(shards)} shards were done before", "dim")
    found = [records[shard.number] for shard in shards]
    if not any(record["tally"]["read"][0] for record in found):
        _refuse(found)
    return found


def _numbered(shard: Shard, job: Job) -> tuple[int, Done]:
    return shard.number, run_shard(shard, job)


def _refuse(records: Sequence[dict[str, Any]]) -> None:
    """Raise the reason why nothing can be read."""
    reasons: dict[str, int] = {}
    for record in records:
        for reason, count in record["tally"]["bad"].items():
            reasons[reason] = reasons.get(reason, 0) + count
    listed = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items(), key=lambda one: -one[1])[:3])
    where = ", ".join(dict.fromkeys(part["file"] for record in records[:3] for part in record["inputs"][:3]))
    raise DragomanError(f"no document can be read: {listed}", where=where, hint="see the sources' format and column")


def _last_pass(
    job: Job, shards: Sequence[Shard], first: list[dict[str, Any]], run: Run, times: _Times
) -> list[dict[str, Any]]:
    decided, key = decide(job, first)
    lines = key if job.corpus.duplicates.lines is not None else ""
    fractions = fractions_of(job, shards, run)
    tasks = [
        ending(shard.number, job, record["key"], decided, lines, fractions[shard.source])
        for shard, record in zip(shards, first, strict=True)
    ]
    folder, records = job.folder, dict[int, dict[str, Any]]()
    for task in tasks:
        if (found := folder.done(folder.record(task.number, LAST), task.key)) is not None:
            records[task.number] = found
    with progress("writing", total=len(tasks), done=len(records), unit="shards") as bar:
        left = [task for task in tasks if task.number not in records]
        with closing(run(partial(_finished, job=job), left)) as results:
            for number, done in results:
                records[number] = done.record
                times.shard(number, "last", done)
                bar.advance()
    return [records[shard.number] for shard in shards]


def _finished(task: Any, job: Job) -> tuple[int, Done]:
    return task.number, finish_shard(task, job)
