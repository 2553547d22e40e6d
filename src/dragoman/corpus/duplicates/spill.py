"""Numbers on disk, sorted in parts: rows go to files by the leading bits of their key, and each file fits memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PART_BYTES = 1 << 26
MOST_PARTS = 256  # beyond 16 GiB parts grow instead


class Spill:
    """Rows of 64-bit numbers, the first of which is the key. Keys are hashes: their leading bits are evenly spread.

    folder: made, and left to its owner to clear. rows: about how many are to come. width: numbers in a row.
    """

    def __init__(self, folder: Path, rows: int, width: int, *, part_bytes: int = PART_BYTES):
        parts = min(-(-rows * width * 8 // part_bytes), MOST_PARTS)
        self.width = width
        self.bits = max(0, parts - 1).bit_length()
        self.files = [folder / f"{part:03d}" for part in range(1 << self.bits)]
        folder.mkdir()

    def add(self, *columns: NDArray[np.uint64]) -> None:
        """Rows by their columns, the key first."""
        rows = np.stack(columns, axis=1)
        ends = np.array([len(rows)])
        if self.bits:
            parts = (columns[0] >> np.uint64(64 - self.bits)).astype(np.uint16)
            rows = rows[np.argsort(parts, kind="stable")]
            ends = np.cumsum(np.bincount(parts, minlength=len(self.files)))
        start = 0
        for path, end in zip(self.files, ends, strict=True):
            if start < end:
                with open(path, "ab") as file:
                    rows[start:end].tofile(file)
            start = end

    def parts(self) -> Iterator[NDArray[np.uint64]]:
        """Each part's rows (R, width) in ascending order of key; rows of equal keys in the order they came in.

        Keys ascend from part to part too. A part's file is gone once it is read.
        """
        for path in self.files:
            if path.exists():
                rows = np.fromfile(path, np.uint64).reshape(-1, self.width)
                path.unlink()
                yield rows[np.argsort(rows[:, 0], kind="stable")] if self.width > 1 else np.sort(rows, axis=0)
