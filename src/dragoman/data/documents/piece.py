"""A part of a source that is read on its own, by whichever process is free."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Piece:
    """Where a part of a source stands.

    source: which of the sources. file: its path; of a data set on the hub its name. start, stop: bytes of an
    uncompressed text or JSON Lines file, row groups of a Parquet file, data files of a data set on the hub; stop None
    is the end. first_row: the number of the first line or row in it. rows: read only so many documents.
    size: bytes on disk, about; 0 where nobody knows.
    """

    source: int
    file: Path
    start: int
    stop: int | None
    first_row: int = 1
    rows: int | None = None
    size: int = 0
