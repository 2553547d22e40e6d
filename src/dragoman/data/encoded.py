"""The encoded set: every example as token ids in one Arrow IPC file, read through the page cache.

- Columns: `input_ids`, `labels` (lists of uint16 or int32), `file` (dictionary), `row`: 2-4 bytes a token on disk.
  Of causal models also `places` (lists of int32), where in the input each label stands.
- The file is memory-mapped. What stays in memory is 8 bytes a row, the two lengths, which the batch plan needs.
- It is written to a temporary name and renamed, so a set that exists is whole.
- One that is cut or overwritten while it is mapped is found out before the next row is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from dragoman.base.errors import DragomanError
from dragoman.base.files import atomic_file
from dragoman.data.rows import Origin
from dragoman.data.standing import Standing

ROWS_PER_BLOCK = 4096
AGAIN = "give the same command again: it is made anew"
DELETE = f"delete it, and {AGAIN}"

Ids = Sequence[int] | np.ndarray


class EncodedRow(NamedTuple):
    """One row. For an encoder-decoder: what the encoder reads, and what the decoder must say.

    For a causal model `input_ids` is the whole sequence; `labels` are those of its ids that are learnt, in order, and
    `places`, each at least 1, are where in the sequence they stand.
    """

    input_ids: Ids
    labels: Ids
    places: Ids | None = None

    @property
    def tokens(self) -> int:
        """Of both sides; a token of a causal sequence counts once."""
        return len(self.input_ids) + (len(self.labels) if self.places is None else 0)


class Rows(Protocol):
    """Rows to learn from or to measure on, by number.

    causal: whether they have places. input_lengths, label_counts: (rows,) int32, what batches are planned by.
    """

    causal: bool
    input_lengths: np.ndarray
    label_counts: np.ndarray

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> EncodedRow: ...

    def at(self, epoch: int) -> Rows:
        """The rows as they are in an epoch: what is drawn at random in them is drawn anew in each."""


class EncodedWriter:
    """Appends rows, block by block. Use `write_encoded`."""

    def __init__(self, file: pa.NativeFile, vocabulary_size: int, causal: bool):
        ids = pa.list_(pa.uint16() if vocabulary_size <= 2**16 else pa.int32())
        name = pa.dictionary(pa.int32(), pa.string())
        columns = [("input_ids", ids), ("labels", ids), ("file", name), ("row", pa.int64())]
        self.schema = pa.schema(columns + [("places", pa.list_(pa.int32()))] * causal)
        # Delta dictionaries let later blocks name files that the first one did not know.
        self.writer = pa.ipc.new_file(file, self.schema, options=pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True))
        self.files: dict[str, int] = {}
        self.block: list[tuple[EncodedRow, int, int]] = []
        self.causal = causal
        self.rows = 0

    def append(self, input_ids: Ids, labels: Ids, origin: Origin, places: Ids | None = None) -> None:
        """Add a row: see `EncodedRow`. Raises ValueError where a causal row does not say where each label stands."""
        if (places is not None) != self.causal or (places is not None and len(places) != len(labels)):
            raise ValueError("each label of a causal row has a place, and no other row has any")
        row = EncodedRow(input_ids, labels, places)
        self.block.append((row, self.files.setdefault(origin.file, len(self.files)), origin.row))
        self.rows += 1
        if len(self.block) == ROWS_PER_BLOCK:
            self.flush()

    def flush(self) -> None:
        if not self.block:
            return
        encoded, files, rows = zip(*self.block, strict=True)
        names = pa.DictionaryArray.from_arrays(pa.array(files, pa.int32()), pa.array(list(self.files), pa.string()))
        arrays = [
            pa.array([row.input_ids for row in encoded], self.schema.field(0).type),
            pa.array([row.labels for row in encoded], self.schema.field(1).type),
            names,
            pa.array(rows),
        ]
        if self.causal:
            arrays.append(pa.array([row.places for row in encoded], self.schema.field(4).type))
        self.writer.write_batch(pa.record_batch(arrays, schema=self.schema))
        self.block.clear()


@contextmanager
def write_encoded(path: Path, vocabulary_size: int, *, causal: bool = False) -> Iterator[EncodedWriter]:
    """A writer whose file takes its name when the block ends well. causal: its rows have places."""
    with atomic_file(path, "wb") as file:
        writer = EncodedWriter(file, vocabulary_size, causal)
        yield writer
        writer.flush()
        writer.writer.close()


class EncodedSet:
    """Random access to the rows of an encoded file.

    `input_lengths`, `label_counts`: (rows,) int32. `causal`: whether rows have places. Raises DragomanError where the
    file is damaged.
    """

    def __init__(self, path: Path):
        self.path = path
        try:
            self.standing = Standing(path, DELETE)
            reader = pa.ipc.open_file(pa.memory_map(str(path)))
            self.causal = "places" in reader.schema.names
            self.blocks = [reader.get_batch(i) for i in range(reader.num_record_batches)]
            for block in self.blocks:
                block.validate(full=True)  # reads no more than the offsets and the file names
        except (pa.ArrowException, OSError) as error:
            hint = DELETE if path.exists() else AGAIN
            raise DragomanError(f"the encoded set cannot be read: {error}", where=str(path), hint=hint) from error
        columns = ("input_ids", "labels", "places")[: 2 + self.causal]
        self.ids = [[_views(block.column(name)) for name in columns] for block in self.blocks]
        lengths = [np.concatenate([np.diff(views[c][0]) for views in self.ids] or [np.zeros(0)]) for c in (0, 1)]
        self.input_lengths, self.label_counts = (x.astype(np.int32) for x in lengths)

    def __len__(self) -> int:
        return len(self.input_lengths)

    def __getitem__(self, index: int) -> EncodedRow:
        """One row: copies, which outlive the file. Raises ChangedError where that is not what was opened."""
        block, row = divmod(index, ROWS_PER_BLOCK)
        if not 0 <= index < len(self):
            raise IndexError(index)
        self.standing.check()
        return EncodedRow(*(values[starts[row] : starts[row + 1]].copy() for starts, values in self.ids[block]))

    def at(self, epoch: int) -> EncodedSet:
        """These rows: they are the same in every epoch."""
        return self

    def origin(self, index: int) -> Origin:
        """Which file and row this one came from. Raises as reading a row does."""
        self.standing.check()
        block, row = divmod(index, ROWS_PER_BLOCK)
        return Origin(self.blocks[block].column(2)[row].as_py(), self.blocks[block].column(3)[row].as_py())


def _views(column: pa.ListArray) -> tuple[np.ndarray, np.ndarray]:
    """Offsets and values of a list column, without a copy."""
    return column.offsets.to_numpy(), column.values.to_numpy()
