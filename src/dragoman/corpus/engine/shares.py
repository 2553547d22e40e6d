"""Sources in the shares that the recipe asks for, by bytes: as much of each as the scarcest of them allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pyarrow.compute as pc

from dragoman.base.progress import say
from dragoman.corpus.duplicates.keys import shard_and_row
from dragoman.corpus.engine.decisions import decisions_in
from dragoman.corpus.engine.job import Job
from dragoman.corpus.engine.shards import Shard
from dragoman.corpus.engine.workers import Run
from dragoman.corpus.engine.writing import read_groups


def fractions_of(job: Job, shards: Sequence[Shard], run: Run) -> dict[int, float]:
    """How much to take of each source, by its number; 1 where it has no share."""
    sources = job.corpus.sources
    taken = dict.fromkeys(range(len(sources)), 1.0)
    shared = {number: source.share for number, source in enumerate(sources) if source.share is not None}
    if len(shared) < 2:
        return taken
    own = [shard for shard in shards if shard.source in shared]
    sizes = dict.fromkeys(shared, 0)
    source_of = {shard.number: shard.source for shard in own}
    for number, size in run(partial(bytes_left, job=job), [shard.number for shard in own]):
        sizes[source_of[number]] += size
    for number, size in sizes.items():
        if not size:
            said = "nothing is left of it, so that by its share nothing is taken of the others either"
            say(f"corpus.sources.{number}: {said}", "yellow")
    return taken | fractions(sizes, shared)


def fractions(sizes: Mapping[int, int], shares: Mapping[int, float]) -> dict[int, float]:
    """The part to take of each size, so that what is taken is in the proportion of the shares and as much as can be."""
    whole = min(sizes[number] / share for number, share in shares.items())
    return {number: whole * share / sizes[number] if sizes[number] else 1.0 for number, share in shares.items()}


def bytes_left(number: int, job: Job) -> tuple[int, int]:
    """A shard's number, and the bytes of its documents that are no duplicates."""
    _, rows = shard_and_row(decisions_in(job.folder).of_shard(number)["document"].to_numpy())
    tables = read_groups(job.folder.stage(number), ["text"])
    sizes = [pc.binary_length(table["text"]).to_numpy() for table in tables]
    every = np.concatenate(sizes) if sizes else np.zeros(0, np.int64)
    return number, int(every.sum() - every[rows].sum())
