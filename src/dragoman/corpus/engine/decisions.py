"""The second pass: over the keys of all shards, which documents and which lines go, in one process.

What is decided is kept with a key of its own: it is decided again only when a shard or the settings have changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dragoman.base.files import atomic_file, write_json
from dragoman.corpus.duplicates.finding import find_duplicates
from dragoman.corpus.duplicates.keys import document_numbers
from dragoman.corpus.duplicates.lines import find_common_lines
from dragoman.corpus.engine.folder import CorpusFolder
from dragoman.corpus.engine.job import VERSION, Job, hashed
from dragoman.corpus.engine.pipeline import tells_duplicates
from dragoman.corpus.spans import Hashes, Places

NOTHING = {"document": pa.int64(), "kept": pa.int64(), "kind": pa.string()}


@dataclass(frozen=True)
class Decisions:
    """Files of what goes. duplicates: Arrow, by document: `document`, `kept`, `kind`. lines: hashes, ascending."""

    duplicates: Path
    lines: Path

    def of_shard(self, number: int) -> pa.Table:
        """The documents that go from one shard."""
        table = self._table()
        documents = table["document"].to_numpy()
        first, last = np.searchsorted(documents, document_numbers(number, 0, 1)[0] + np.array([0, 1 << 32]))
        return table.slice(first, last - first)

    def of_document(self, document: int) -> tuple[int, str] | None:
        """Which document stays for one, and why it goes; None where it stays itself."""
        table = self._table()
        found = table.filter(pc.equal(table["document"], document))
        return (found["kept"][0].as_py(), found["kind"][0].as_py()) if found.num_rows else None

    def common_lines(self) -> Hashes:
        return np.load(self.lines)

    def _table(self) -> pa.Table:
        if not self.duplicates.exists():
            return pa.table({name: pa.array([], kind) for name, kind in NOTHING.items()})
        return pa.ipc.open_file(pa.memory_map(str(self.duplicates))).read_all()


def decisions_in(folder: CorpusFolder) -> Decisions:
    return Decisions(folder.decisions / "duplicates.arrow", folder.decisions / "lines.npy")


def decide(job: Job, records: Sequence[dict[str, Any]]) -> tuple[Decisions, str]:
    """What goes, given the records of all shards in order; and a key for all that was decided."""
    folder, settings = job.folder, job.corpus.duplicates
    decisions, record = decisions_in(folder), folder.decisions / "record.json"
    key = hashed(VERSION, [record["key"] for record in records], settings.model_dump(mode="json"))
    if not tells_duplicates(job.corpus):
        for path in (record, decisions.duplicates, decisions.lines):
            path.unlink(missing_ok=True)
        return decisions, key
    if folder.done(record, key) is not None:
        return decisions, key
    folder.decisions.mkdir(exist_ok=True)
    record.unlink(missing_ok=True)
    files = [folder.keys(number) for number in range(len(records))]
    table = find_duplicates(files, folder.decisions, settings)
    with atomic_file(decisions.duplicates, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    dropped: Places = table["document"].to_numpy()
    lines: NDArray[np.uint64] = np.zeros(0, np.uint64)
    if settings.lines is not None:
        lines = find_common_lines(files, folder.decisions, settings.lines, dropped)
    with atomic_file(decisions.lines, "wb") as file:
        np.save(file, lines)
    sizes = folder.sizes(decisions.duplicates, decisions.lines)
    write_json(record, {"key": key, "version": VERSION, "files": sizes})
    return decisions, key
