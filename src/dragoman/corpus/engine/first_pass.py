"""The first pass over a shard: read it, clean it, and leave its documents, their keys, what was bad, and a record.

A shard that has its record for the same key is done. Files are written whole, the record last: whoever is killed leaves
a shard that is done or one that is done again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any, NamedTuple

import pyarrow as pa

from dragoman.base.files import atomic_file, write_json
from dragoman.corpus.duplicates.keys import key_schema
from dragoman.corpus.engine.batch import Batch
from dragoman.corpus.engine.job import VERSION, Job, hashed, inputs_of, pipeline_hash
from dragoman.corpus.engine.pipeline import pipeline_of, tells_duplicates
from dragoman.corpus.engine.shards import Shard
from dragoman.corpus.engine.tally import Tally
from dragoman.corpus.engine.writing import SCHEMA, document_writer
from dragoman.data.documents import BadDocument, read_piece
from dragoman.data.documents.document import MOST_BAD
from dragoman.recipe.schema import Corpus

FIRST = "first"
BATCH_BYTES = 1 << 20


class Done(NamedTuple):
    """A shard's record, and how long it took; no seconds where it was done before."""

    record: dict[str, Any]
    seconds: float | None


def run_shard(shard: Shard, job: Job) -> Done:
    """Clean a shard, or find that it is done. Memory: a batch, a row group, and the longest document."""
    folder, number = job.folder, shard.number
    inputs, pipeline = inputs_of(shard, job.corpus), pipeline_hash(job.corpus)
    key = hashed(number, inputs, pipeline)
    if (found := folder.done(folder.record(number, FIRST), key)) is not None:
        return Done(found, None)
    began = time.monotonic()
    folder.record(number, FIRST).unlink(missing_ok=True)
    tally = _clean(shard, job)
    if not tally.balanced:
        raise RuntimeError(f"the counts of shard {number} do not add up: {asdict(tally)}")
    files = [folder.stage(number), folder.bad(number)]
    files += [folder.keys(number)] if tells_duplicates(job.corpus) else []
    record = {
        "key": key,
        "version": VERSION,
        "pipeline": pipeline,
        "inputs": inputs,
        "files": folder.sizes(*files),
        "tally": asdict(tally),
    }
    write_json(folder.record(number, FIRST), record)
    return Done(record, time.monotonic() - began)


def _clean(shard: Shard, job: Job) -> Tally:
    folder, number, corpus = job.folder, shard.number, job.corpus
    pipeline, tally, kept = pipeline_of(corpus), Tally(), 0
    with ExitStack() as opened:
        stage = opened.enter_context(document_writer(folder.stage(number)))
        bad = opened.enter_context(atomic_file(folder.bad(number)))
        keys: Any = None
        if tells_duplicates(corpus):
            file = opened.enter_context(atomic_file(folder.keys(number), "wb"))
            keys = opened.enter_context(pa.ipc.new_file(file, key_schema(corpus.duplicates)))
        for batch, unreadable in _batches(shard, corpus):
            cleaned = pipeline.clean(batch, number, kept)
            for name, one in (*unreadable, *cleaned.poison):
                bad.write(json.dumps({"file": name, **asdict(one)}, ensure_ascii=False) + "\n")
            for _, one in unreadable:
                tally.bad[one.reason] = tally.bad.get(one.reason, 0) + 1
            for table in cleaned.tables:
                stage.add(table)
            for table in cleaned.keys:
                keys.write_table(table)
            kept += cleaned.kept
            tally.merge(cleaned.tally)
    return tally


def _batches(shard: Shard, corpus: Corpus) -> Iterator[tuple[Batch, list[tuple[str, BadDocument]]]]:
    """All documents of a shard, about BATCH_BYTES at a time, and what could not be read."""
    waiting: list[pa.Table] = []
    bad: list[tuple[str, BadDocument]] = []
    size = 0
    for part in shard.parts:
        source = corpus.sources[part.piece.source]
        for documents in read_piece(part.piece, source, limit=corpus.max_document_bytes):
            waiting.append(_placed(documents.table, part.name, source.language or ""))
            size += waiting[-1].nbytes
            bad += [(part.name, one) for one in documents.bad]
            if size >= BATCH_BYTES or len(bad) >= MOST_BAD:
                yield Batch.of(pa.concat_tables(waiting)), bad
                waiting, bad, size = [], [], 0
    if waiting:
        yield Batch.of(pa.concat_tables(waiting)), bad


def _placed(table: pa.Table, file: str, language: str) -> pa.Table:
    """Documents with their file and their source's language."""
    texts, rows, count = table["text"], table["row"], table.num_rows
    columns = [texts, pa.repeat(pa.scalar(language), count), pa.repeat(pa.scalar(file), count), rows]
    return pa.table(columns, schema=SCHEMA)
