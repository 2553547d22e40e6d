"""All the text of a pretraining, tokenised: a shard for each part, made by as many processes as there are cores.

What is written already, from the same text in the same way, is kept: a kill loses the shards that were being written.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from dragoman.base.errors import RequestError
from dragoman.base.files import digest, read_json
from dragoman.base.progress import progress
from dragoman.corpus.engine.workers import run_in_processes, usable_cores
from dragoman.data.documents.fingerprints import fingerprint
from dragoman.data.readers import source_files
from dragoman.data.readers.hub import hub_commit
from dragoman.data.standing import stamps_of
from dragoman.objectives.pretraining.shards import MANIFEST, SPLITS, Encoding, ShardJob, is_written, write_shard
from dragoman.objectives.pretraining.texts import PART_BYTES, Part, Texts
from dragoman.recipe.schema import Table

SMALL = 16 << 20  # bytes: less is done before another process has started


def encode_texts(
    texts: Texts, encoding: Encoding, folder: Path, *, pairs: str = "", workers: int | None = None
) -> dict[str, Any]:
    """Write the shards of all text into `folder`, and tell what became of each document (see `receipt_of`).

    pairs: tells one state of the recipe's training rows from another. workers: processes; the shards are the same
    whatever their number. Raises RequestError where nothing is left to learn from or to measure on, and ChangedError
    where a file changes while it is read.
    """
    jobs = []
    for number, part in enumerate(texts.parts()):
        files = stamps_of(texts.files(part))
        key = encoding.key(part, pairs if part.kind == "pairs" else content_of(texts, part))
        jobs.append(ShardJob(texts, part, encoding, folder / f"shard-{number:05d}", key, files))
    _clear(folder, {job.folder for job in jobs})
    todo = [job for job in jobs if not is_written(job.folder, job.key)]
    if workers is None:
        workers = 1 if sum(_size(job.part) for job in todo) < SMALL else usable_cores()
    done = len(jobs) - len(todo)
    with progress("tokenising text", len(jobs), done=done, unit="shards") as bar:
        for _ in bar.over(run_in_processes(workers, write_shard, todo)):
            pass
    receipt = receipt_of(folder)
    _refuse_nothing(receipt)
    return receipt


def content_of(texts: Texts, part: Part) -> str:
    """What tells the text of a part from another, wherever its files are."""
    if part.kind == "table":
        return table_content(texts.tables[part.number], texts.folder)
    found = [fingerprint(piece, texts.sources[piece.source]) for piece in part.pieces]
    source = texts.sources[part.number]
    how = [source.column, source.document, source.encoding, source.format]
    return hashlib.sha256(repr([found, how]).encode()).hexdigest()


def table_content(table: Table, folder: Path) -> str:
    files = [digest(file) for file in source_files(table, folder)]
    commit = hub_commit(table, folder) if table.hub is not None else ""
    told = table.model_dump(exclude={"path", "source_path", "target_path", "hub", "revision", "streaming"})
    return hashlib.sha256(repr([files, commit, told]).encode()).hexdigest()


def shards_of(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Every shard with its manifest, in order."""
    return [(path.parent, read_json(path)) for path in sorted(folder.glob(f"shard-*/{MANIFEST}"))]


def receipt_of(folder: Path) -> dict[str, Any]:
    """What became of the documents of all shards: read = unusable + dropped + documents; tokens and bytes besides."""
    manifests = [manifest for _, manifest in shards_of(folder)]
    sums = {
        name: sum((Counter(manifest[name]) for manifest in manifests), Counter[str]())
        for name in ("unusable", "dropped", "documents", "tokens")
    }
    return {
        "read": sum(manifest["read"] for manifest in manifests),
        "bytes": sum(manifest["bytes"] for manifest in manifests),
        **{name: dict(counts.most_common()) for name, counts in sums.items()},
        "shards": len(manifests),
    }


def _size(part: Part) -> int:
    """Bytes, about: a file of a data set on the hub may have any size."""
    return part.size or (PART_BYTES if part.kind == "source" else 0)


def _clear(folder: Path, wanted: set[Path]) -> None:
    for path in folder.glob("shard-*"):
        if path not in wanted:
            shutil.rmtree(path)


def _refuse_nothing(receipt: dict[str, Any]) -> None:
    """Raise RequestError where one of the splits has no document."""
    train, validation = (receipt["documents"].get(split, 0) for split in SPLITS)
    if train == 0:
        reasons = (Counter(receipt["unusable"]) + Counter(receipt["dropped"])).most_common(3)
        said = ", ".join(f"{reason} ({count:,})" for reason, count in reasons) or "there was none"
        raise RequestError("no document is left to learn from", where="pretraining", hint=f"the reasons: {said}")
    if validation == 0:
        raise RequestError(
            f"of {train:,} documents none is held out to measure on",
            where="pretraining.validation_share",
            hint="raise it, or give more text",
        )
