"""Documents on their way through the pipeline: columns side by side, of which a mask keeps some."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dragoman.corpus.engine.writing import SCHEMA
from dragoman.corpus.spans import Hashes, mix

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Batch:
    """D documents. texts: large_string (D,). files, rows: where each stands. languages: codes, "" where unknown."""

    files: list[str]
    texts: pa.Array
    rows: NDArray[np.int64]
    languages: list[str]

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Bytes of each text (D,)."""
        return pc.binary_length(self.texts).to_numpy(zero_copy_only=False).astype(np.int64)

    @classmethod
    def of(cls, table: pa.Table) -> Batch:
        """From a table of SCHEMA."""
        files, languages = table["file"].to_pylist(), table["language"].to_pylist()
        return cls(files, table["text"].combine_chunks(), table["row"].to_numpy(), languages)

    @cached_property
    def orders(self) -> Hashes:
        """A number for each document (D,) that looks drawn by chance and is always the same: samples go by it."""
        names = np.array([zlib.crc32(file.encode()) for file in self.files], np.uint64)
        return mix((names << np.uint64(32)) ^ self.rows.astype(np.uint64))

    def with_texts(self, texts: pa.Array) -> Batch:
        return replace(self, texts=texts)

    def where(self, kept: Mask) -> Batch:
        """The documents that the mask keeps."""
        if kept.all():
            return self
        files, languages = (list(compress(column, kept.tolist())) for column in (self.files, self.languages))
        return Batch(files, self.texts.filter(pa.array(kept)), self.rows[kept], languages)

    def halves(self) -> tuple[Batch, Batch]:
        middle = len(self) // 2
        first = np.arange(len(self)) < middle
        return self.where(first), self.where(~first)

    def table(self) -> pa.Table:
        columns = [self.texts, pa.array(self.languages, pa.string()), pa.array(self.files, pa.string()), self.rows]
        return pa.table(columns, schema=SCHEMA)
