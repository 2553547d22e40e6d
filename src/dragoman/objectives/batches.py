"""From rows of token ids to the tensors of a micro-batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from dragoman.data.encoded import EncodedRow, Ids
from dragoman.models.face import Batch


def pad(rows: Sequence[Ids], fill: int, width: int | None = None) -> torch.Tensor:
    """Rows of ids, padded on the right: (B, longest) long."""
    out = np.full((len(rows), width or max(len(row) for row in rows)), fill, dtype=np.int64)
    for line, row in zip(out, rows, strict=True):
        line[: len(row)] = row
    return torch.from_numpy(out)


def lengths_of(rows: Sequence[Ids]) -> torch.Tensor:
    """(B,) long."""
    return torch.tensor([len(row) for row in rows], dtype=torch.long)


def collate(rows: Sequence[EncodedRow | tuple[Ids, Ids]], pad_id: int, start_id: int | None = None) -> Batch:
    """Encoded rows, or (input ids, labels) pairs, of one kind -> a batch. What is labelled is known by position alone.

    A decoder reads the labels shifted right, starting with start_id (default: the pad id). A causal model has no
    decoder: a label is predicted at the position before its own.
    """
    inputs, labels, places = zip(*(EncodedRow(*row) for row in rows), strict=True)
    input_ids, targets = pad(inputs, pad_id), pad(labels, pad_id)
    labelled = torch.arange(targets.shape[1]) < lengths_of(labels)[:, None]  # (B, T)
    if places[0] is None:
        start = torch.full((len(rows), 1), pad_id if start_id is None else start_id)
        decoder_input_ids = torch.cat([start, targets[:, :-1]], dim=1)
        positions = labelled.flatten().nonzero()[:, 0]
    else:
        decoder_input_ids = None
        before = torch.arange(len(rows))[:, None] * input_ids.shape[1] + pad(places, 1) - 1  # (B, T)
        positions = before[labelled]
    return Batch(
        input_ids=input_ids,
        input_lengths=lengths_of(inputs),
        decoder_input_ids=decoder_input_ids,
        positions=positions,
        labels=targets[labelled],
    )
