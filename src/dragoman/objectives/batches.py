"""From rows of token ids to the tensors of a micro-batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from dragoman.models.face import Batch

Ids = Sequence[int] | np.ndarray


def pad(rows: Sequence[Ids], fill: int, width: int | None = None) -> torch.Tensor:
    """Rows of ids, padded on the right: (B, longest) long."""
    out = np.full((len(rows), width or max(len(row) for row in rows)), fill, dtype=np.int64)
    for line, row in zip(out, rows, strict=True):
        line[: len(row)] = row
    return torch.from_numpy(out)


def lengths_of(rows: Sequence[Ids]) -> torch.Tensor:
    """(B,) long."""
    return torch.tensor([len(row) for row in rows], dtype=torch.long)


def collate(rows: Sequence[tuple[Ids, Ids]], pad_id: int) -> Batch:
    """(input ids, labels) pairs -> a batch. The decoder reads the labels shifted right, starting with the pad id."""
    inputs, labels = zip(*rows, strict=True)
    targets, counts = pad(labels, pad_id), lengths_of(labels)
    start = torch.full((len(rows), 1), pad_id)
    labelled = torch.arange(targets.shape[1]) < counts[:, None]  # (B, T), by position and never by id
    return Batch(
        input_ids=pad(inputs, pad_id),
        input_lengths=lengths_of(inputs),
        decoder_input_ids=torch.cat([start, targets[:, :-1]], dim=1),
        positions=labelled.flatten().nonzero()[:, 0],
        labels=targets[labelled],
    )
