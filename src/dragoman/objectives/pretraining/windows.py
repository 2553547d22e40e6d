"""The windows of a tokenised text: rows to learn from, each masked by a function of the seed, the epoch and its place.

- A shard's tokens are cut into windows of almost equal length, none longer than the recipe's: no rest is left over.
- A window is addressed by its shard and its offset there. Ids come through the page cache; what stays in memory is
  8 bytes a window. They are read and not mapped: that takes one open file a shard and split, and what is cut off a
  file that is only read kills nobody.
- Shards differ by a few tokens in the length of their windows. The batch plan is told lengths in steps, so that it
  mixes windows of all shards.
"""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dragoman.base.errors import DragomanError
from dragoman.base.seeds import derive
from dragoman.data.encoded import DELETE, EncodedRow
from dragoman.data.standing import Standing
from dragoman.objectives.pretraining.corruption import WindowObjective
from dragoman.objectives.pretraining.encoding import shards_of

STEPS = 16  # of length, that the plan tells apart
ALWAYS = -1  # the epoch of windows to measure on: masked once and for all


class _Shard(NamedTuple):
    number: int
    standing: Standing
    dtype: np.dtype[Any]
    tokens: int
    first: int  # window
    windows: int

    def bounds(self, window: int) -> tuple[int, int]:
        """Where the tokens of one of its windows begin and end."""
        return window * self.tokens // self.windows, (window + 1) * self.tokens // self.windows

    def read(self, start: int, stop: int) -> np.ndarray:
        """(stop - start,) int64 tokens. Raises ChangedError where the file is not what was opened."""
        item = self.dtype.itemsize
        found = os.pread(self.standing.handle, (stop - start) * item, start * item)
        self.standing.check()  # then it was no other file's and no half of it
        return np.frombuffer(found, dtype=self.dtype).astype(np.int64)


class Windows:
    """The windows of one split, masked as in one epoch.

    input_lengths, label_counts: (windows,) int32, as the plan is told them. Raises DragomanError where a shard is
    damaged.
    """

    def __init__(self, folder: Path, split: str, objective: WindowObjective, longest: int, seed: int):
        """folder: of the shards. longest: the recipe's window, in tokens."""
        self.objective, self.seed, self.epoch = objective, seed, ALWAYS
        self.causal = objective.causal
        self.tokens, self._shards, count, told = 0, list[_Shard](), 0, list[np.ndarray]()
        for number, (path, manifest) in enumerate(shards_of(folder)):
            tokens, item = manifest["tokens"][split], manifest["item_bytes"]
            file = path / f"{split}.bin"
            if not file.is_file() or file.stat().st_size != tokens * item:
                raise DragomanError("is damaged", where=str(file), hint=DELETE)
            if tokens == 0:
                continue
            windows, dtype = -(-tokens // longest), np.dtype(np.uint16 if item == 2 else np.int32)
            self._shards.append(_Shard(number, Standing(file, DELETE), dtype, tokens, count, windows))
            told.append(np.full((windows, 2), objective.lengths(_told(-(-tokens // windows), longest)), dtype=np.int32))
            count += windows
            self.tokens += tokens
        lengths = np.concatenate(told) if told else np.zeros((0, 2), dtype=np.int32)
        self.input_lengths, self.label_counts = lengths[:, 0].copy(), lengths[:, 1].copy()
        self._firsts = np.array([shard.first for shard in self._shards])

    def at(self, epoch: int) -> Windows:
        """The same windows, masked for another epoch."""
        other = copy.copy(self)
        other.epoch = epoch
        return other

    def __len__(self) -> int:
        return len(self.input_lengths)

    def __getitem__(self, index: int) -> EncodedRow:
        """One row. Raises ChangedError where its shard is not what was opened."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        shard = self._shards[int(np.searchsorted(self._firsts, index, side="right")) - 1]
        start, stop = shard.bounds(index - shard.first)
        before = min(start, 1)
        ids = shard.read(start - before, stop)
        dice = np.random.default_rng(derive(self.seed, "noise", self.epoch, shard.number, start))
        return self.objective.row(ids[before:], ids[:before], dice)


def _told(length: int, longest: int) -> int:
    """A window's length as the plan is told it."""
    step = max(1, longest // STEPS)
    return min(longest, -(-length // step) * step)
