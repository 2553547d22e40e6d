"""Keys of all shards -> which documents are duplicates, and of which document.

Pass 1 has left one file of keys a shard. Here they are read again: what has to be compared goes to disk in parts that
fit memory (`spill.py`), each part is sorted, and what then lies side by side is compared.

- Exact duplicates agree in a 64-bit hash.
- Near duplicates agree in a band. In each band's bucket every document is compared with the first and with the one
  before it, never all with all: a bucket costs its size. What their signatures tell decides.
- Duplicates of duplicates form one cluster; its first document stays.

The result depends on the documents alone: neither on how they were cut into batches nor on who wrote which key file.
Disk: 250 bytes a document while it lasts. Memory: a few parts, and 60 bytes a duplicate.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dragoman.base.files import TEMPORARY
from dragoman.base.progress import progress
from dragoman.corpus.duplicates.clusters import Clusters
from dragoman.corpus.duplicates.key_files import count_rows, in_order, is_among, matrix, numbers, read_keys
from dragoman.corpus.duplicates.minhash import similarities
from dragoman.corpus.duplicates.spill import Spill
from dragoman.corpus.spans import Bytes, Hashes, Places
from dragoman.recipe.schema.duplicates import Duplicates, MinHash

COMPARED = 1 << 14  # pairs of signatures at a time
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


def find_duplicates(key_files: Sequence[Path], folder: Path, settings: Duplicates) -> pa.Table:
    """What to drop: columns `document`, `kept` (the one that stays for it) and `kind` (exact or near).

    key_files: written by `write_keys`; no document is in two of them. folder: for what does not fit memory, as long as
    this runs. Rows ascend by document. Raises ValueError where the files' documents overlap.
    """
    files = in_order(key_files)
    count = count_rows(files)
    if count > _LOW:
        raise ValueError(f"{count} documents are too many: their places have 32 bits")
    with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=folder) as name:
        scratch = Path(name)
        documents = _documents(files, scratch / "documents", count)
        exact = _exact(files, scratch, count) if settings.exact else Clusters()
        near = _near(files, scratch, count, settings.minhash, exact.members) if settings.minhash else Clusters()
        places = np.concatenate((exact.members, near.members))
        kept = np.concatenate((near.leaders_of(exact.leaders), near.leaders))
        kinds = np.repeat(["exact", "near"], [len(exact.members), len(near.members)])
        order = np.argsort(places, kind="stable")
        found = {
            "document": np.array(documents[places[order]]),
            "kept": np.array(documents[kept[order]]),
            "kind": pa.array(kinds[order], pa.string()),
        }
        return pa.table(found)


def _documents(files: list[Path], path: Path, count: int) -> Places:
    """The documents' numbers by place (count,), on disk. A document's place is the rank of its number."""
    last = -1
    with open(path, "wb") as file:
        for keys in read_keys(files, ["document"]):
            column = numbers(keys["document"])
            if column[0] <= last or (np.diff(column) <= 0).any():
                raise ValueError("the documents in the files of keys are not in order")
            last = int(column[-1])
            column.tofile(file)
    return np.memmap(path, np.int64, "r") if count else np.zeros(0, np.int64)


def _exact(files: list[Path], scratch: Path, count: int) -> Clusters:
    spill = Spill(scratch / "exact", count, 2)
    place = 0
    for keys in read_keys(files, ["exact"]):
        spill.add(numbers(keys["exact"]), np.arange(place, place + keys.num_rows, dtype=np.uint64))
        place += keys.num_rows
    clusters = Clusters()
    for rows in spill.parts():
        same = np.flatnonzero(rows[1:, 0] == rows[:-1, 0])
        places = rows[:, 1].astype(np.int64)
        clusters.link(places[same], places[same + 1])
    return clusters


def _near(files: list[Path], scratch: Path, count: int, settings: MinHash, dropped: Places) -> Clusters:
    """Clusters of the documents that are not among `dropped`, ascending places."""
    spill = Spill(scratch / "near", count * settings.bands, 1)
    place = 0
    with open(scratch / "signatures", "wb") as file:
        for keys in read_keys(files, ["bands", "signature"]):
            places = np.arange(place, place + keys.num_rows)
            place += keys.num_rows
            compared = keys["bands"].is_valid().to_numpy() & ~is_among(dropped, places)
            bands = matrix(keys["bands"], "<u4")[compared].astype(np.uint64)  # (documents, bands)
            spill.add((bands << _HALF | places[compared, None].astype(np.uint64)).reshape(-1))
            matrix(keys["signature"], "u1").tofile(file)
    clusters = Clusters()
    if not count:
        return clusters
    signatures: Bytes = np.memmap(scratch / "signatures", np.uint8, "r").reshape(count, -1)
    with progress("looking for near duplicates", total=len(spill.files), unit="parts") as bar:
        for rows in bar.over(spill.parts()):
            some, others = _candidates(rows[:, 0])
            alike = _alike(signatures, some, others) >= settings.similarity
            clusters.link(some[alike], others[alike])
    return clusters


def _candidates(rows: Hashes) -> tuple[Places, Places]:
    """Pairs of places to compare, from ascending rows (hash << 32 | place): each once, the lower place first."""
    hashes, places = rows >> _HALF, rows & _LOW
    opens = np.append(True, hashes[1:] != hashes[:-1])[: len(rows)]
    first = places[np.maximum.accumulate(np.where(opens, np.arange(len(rows)), 0))]
    later = np.flatnonzero(~opens)
    pairs = np.concatenate((first[later], places[later - 1])) << _HALF | np.tile(places[later], 2)
    pairs = np.unique(pairs)
    return (pairs >> _HALF).astype(np.int64), (pairs & _LOW).astype(np.int64)


def _alike(signatures: Bytes, some: Places, others: Places) -> NDArray[np.float64]:
    """The similarity (P,) of each pair."""
    found = np.empty(len(some))
    for start in range(0, len(some), COMPARED):
        chosen = slice(start, start + COMPARED)
        found[chosen] = similarities(signatures[some[chosen]], signatures[others[chosen]])
    return found
