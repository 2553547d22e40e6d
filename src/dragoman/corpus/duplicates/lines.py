"""Lines that occur again and again: found over the whole corpus by their hashes, then removed batch by batch.

Lines are compared without their upper case, and counted once a document.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dragoman.base.files import TEMPORARY
from dragoman.corpus.duplicates.key_files import count_lines, is_among, numbers, read_keys
from dragoman.corpus.duplicates.keys import counted
from dragoman.corpus.duplicates.spill import Spill
from dragoman.corpus.lines import Lines, Stripped
from dragoman.corpus.spans import Hashes, Places, as_column
from dragoman.recipe.schema.duplicates import RepeatedLines

REASONS = ("in many documents", "again in the document")


def find_common_lines(key_files: Sequence[Path], folder: Path, settings: RepeatedLines, dropped: Places) -> Hashes:
    """The hashes, ascending, of the lines that are in more than `settings.documents` documents.

    key_files: written by `write_keys`. folder: for what does not fit memory, as long as this runs. dropped: numbers of
    the documents that do not count, ascending: a text that is there twenty times would make all its lines common.
    """
    with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=folder) as name:
        spill = Spill(Path(name) / "lines", count_lines(key_files), 1)
        for keys in read_keys(key_files, ["document", "lines"]):
            kept = keys.filter(pa.array(~is_among(dropped, numbers(keys["document"]))))
            spill.add(kept["lines"].combine_chunks().flatten().to_numpy())
        common = [np.zeros(0, np.uint64)]
        for rows in spill.parts():
            begins = np.flatnonzero(np.append(True, rows[1:, 0] != rows[:-1, 0]))
            counts = np.diff(begins, append=len(rows))
            common.append(rows[begins[counts > settings.documents], 0])
        return np.concatenate(common)


def remove_lines(texts: pa.Array | pa.ChunkedArray, common: Hashes, settings: RepeatedLines) -> Stripped:
    """A batch without the common lines and, if that is set, without those that its texts have already had."""
    whole = as_column(texts)
    lowered = Lines.of(pc.utf8_lower(whole))
    repeated = lowered.repeated & settings.within
    reasons = np.where(is_among(common, lowered.hashes), 1, np.where(repeated, 2, 0))
    return Stripped.of(Lines.of(whole), np.where(counted(lowered, settings), reasons, 0), REASONS)
