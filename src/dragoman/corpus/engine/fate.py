"""What the passes over the whole corpus made of one document: whether it is a duplicate, and where it is now."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dragoman.base.files import read_json
from dragoman.corpus.duplicates.keys import document_numbers
from dragoman.corpus.engine.decisions import decisions_in
from dragoman.corpus.engine.folder import CorpusFolder
from dragoman.corpus.engine.job import pipeline_hash
from dragoman.corpus.engine.last_pass import DUPLICATE
from dragoman.corpus.engine.receipt import origin_of
from dragoman.corpus.engine.writing import read_groups
from dragoman.recipe.schema import Corpus


def fate_of(corpus: Corpus, output: Path, file: str, row: int) -> str | None:
    """What became of a document that all rules keep, in words; None where `output` holds no corpus of this recipe."""
    folder = CorpusFolder(output)
    for record in sorted((output / "manifest").glob("*.first.json")):
        found = read_json(record)
        if found["pipeline"] != pipeline_hash(corpus):
            return None
        number = int(record.name.partition(".")[0])
        if any(part["file"] == file for part in found["inputs"]):
            place = _place(folder.stage(number), file, row)
            if place is not None:
                return _fate(folder, number, place, file, row)
    return None


def _fate(folder: CorpusFolder, number: int, place: int, file: str, row: int) -> str | None:
    duplicate = decisions_in(folder).of_document(int(document_numbers(number, place, 1)[0]))
    if duplicate is not None:
        kept, kind = duplicate
        return f"removed: {DUPLICATE.format(kind)} of {origin_of(folder, kept)}"
    shard = folder.shard(number)
    if not shard.exists():
        return None
    if _place(shard, file, row) is None:
        return "removed: beyond the share of its source, or only lines that many documents have"
    return f"kept: in {shard}"


def _place(path: Path, file: str, row: int) -> int | None:
    """How many documents stand before this one in a file of ours."""
    first = 0
    for table in read_groups(path, ["file", "row"]) if path.exists() else ():
        rows = np.flatnonzero(table["row"].to_numpy() == row)
        for place in rows.tolist():
            if table["file"][place].as_py() == file:
                return first + place
        first += table.num_rows
    return None
