"""A sample of a source's rows and about how many there are, without reading a large file to its end."""

from __future__ import annotations

import random
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from dragoman.base.progress import progress
from dragoman.data.readers.sources import file_format, read_source, source_files
from dragoman.data.rows import Row
from dragoman.recipe import schema

SAMPLE_ROWS = 2000
READ_ROWS = 200_000  # a file is read this far, and its rows counted; many files are sorted, so the head alone misleads
BLOCKS, BLOCK_BYTES = 32, 2**16  # what line ends are counted in, for longer files


@dataclass(frozen=True)
class Sample:
    """rows: drawn evenly from those that were read. total: how many the source has; exact: counted, not estimated.

    bad: why rows could not be read, counted over all `read` rows.
    """

    rows: list[Row]
    total: int
    exact: bool
    read: int
    bad: Counter[str]


def sample_rows(source: schema.Source, folder: Path, seed: int = 1) -> Sample:
    """Draw up to SAMPLE_ROWS good rows, all equally likely (Vitter 1985, algorithm R). Raises like read_source."""
    draw, kept, good, read, bad = random.Random(seed), list[Row](), 0, 0, Counter[str]()
    with progress("reading a sample", unit="rows") as bar:
        for row in read_source(source, folder):
            if read == READ_ROWS:
                total = min(_estimate_rows(source, folder), source.rows or sys.maxsize)
                return Sample(kept, total, exact=False, read=read, bad=bad)
            read += 1
            if read % 1000 == 0:
                bar.advance(1000)
            if not isinstance(row, Row):
                bad[row.reason] += 1
                continue
            good += 1
            if len(kept) < SAMPLE_ROWS:
                kept.append(row)
            elif (place := draw.randrange(good)) < SAMPLE_ROWS:
                kept[place] = row
    return Sample(kept, read, exact=True, read=read, bad=bad)


def _estimate_rows(source: schema.Source, folder: Path) -> int:
    """How many rows a long source has: what a table says, else its line ends, counted in evenly spread blocks."""
    if source.hub is not None or source.phrasebook is not None:
        return sum(1 for _ in read_source(source, folder))
    path = source_files(source, folder)[0]
    if source.path is not None and file_format(source, path) == "parquet":
        from dragoman.data.readers.parquet import parquet_rows

        return parquet_rows(path)
    if source.path is not None and file_format(source, path) in ("xlsx", "conll"):
        return sum(1 for _ in read_source(source, folder))
    size, seen, ends = path.stat().st_size, 0, 0
    with open(path, "rb") as file:
        for i in range(BLOCKS):
            file.seek(size * i // BLOCKS)
            block = file.read(BLOCK_BYTES)
            seen, ends = seen + len(block), ends + block.count(b"\n")
    return max(READ_ROWS, round(size * ends / seen))
