"""The loss on held-out rows, in nats: without dropout, without label smoothing.

Of a row that is longer than LONGEST, or than the model has in sight, only a part counts: the beginning of each side; of
a causal model's sequence the end, up to LONGEST for each of both limits, as that is where its last answer is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

import numpy as np
import torch

from dragoman.base.device import Precision
from dragoman.base.progress import progress
from dragoman.data.encoded import EncodedRow, EncodedSet, Rows
from dragoman.data.plan import BatchPlan
from dragoman.models.face import Batch, TextModel
from dragoman.objectives.batches import collate
from dragoman.objectives.frozen_head import position_losses

BATCH_TOKENS = 8192
LONGEST = 2048  # tokens of one side: attention over a whole book would fit no memory


class RowLosses(NamedTuple):
    """nats: (rows,) float64, summed over each row's labels. labels: (rows,) int64, how many those are."""

    nats: np.ndarray
    labels: np.ndarray


def row_losses(
    model: TextModel,
    encoded: Rows,
    precision: Precision,
    pad_id: int,
    start_id: int | None = None,
    *,
    title: str | None = None,
) -> RowLosses:
    """The loss of each row of `encoded`. Leaves the model in the mode it was in. title: of the progress bar, if any."""
    nats, counts = np.zeros(len(encoded)), np.zeros(len(encoded), dtype=np.int64)
    with (
        _measuring(model, precision),
        nullcontext() if title is None else progress(title, len(encoded), unit="rows") as bar,
    ):
        for rows, batch in _batches(model, encoded, pad_id, start_id):
            losses = position_losses(model.hidden(batch), model.head(), batch.labels).double().cpu().numpy()
            width = batch.input_ids.shape[1] if batch.decoder_input_ids is None else batch.decoder_input_ids.shape[1]
            row_of = (batch.positions // width).cpu().numpy()
            nats[rows] = np.bincount(row_of, weights=losses, minlength=len(rows))
            counts[rows] = np.bincount(row_of, minlength=len(rows))
            if bar is not None:
                bar.advance(len(rows))
    return RowLosses(nats, counts)


def note_losses(rows: Sequence[dict[str, Any]], losses: RowLosses, encoded: EncodedSet) -> None:
    """Give each row its nats, labels and bytes. Of a row that counts in part, so do the bytes, in proportion."""
    whole = encoded.label_counts.tolist()
    for row, nats, labels, all_labels in zip(rows, losses.nats.tolist(), losses.labels.tolist(), whole, strict=True):
        share = labels / all_labels if labels < all_labels else 1
        row |= {"nats": round(nats, 4), "labels": labels, "bytes": row["bytes"] * share}


@contextmanager
def _measuring(model: TextModel, precision: Precision) -> Iterator[None]:
    training = model.training
    model.eval()
    try:
        with torch.no_grad(), precision.autocast(next(model.parameters()).device):
            yield
    finally:
        model.train(training)


def _batches(model: TextModel, encoded: Rows, pad_id: int, start_id: int | None) -> Iterator[tuple[np.ndarray, Batch]]:
    """Row numbers and their batch, on the model's device, until every row has come once."""
    longest = 2 * LONGEST if encoded.causal else LONGEST
    longest = longest if model.context is None else min(longest, model.context)
    inputs, labels = encoded.input_lengths.clip(max=longest), encoded.label_counts.clip(max=longest)
    plan = BatchPlan(inputs, labels, BATCH_TOKENS, None, BATCH_TOKENS, seed=0, causal=encoded.causal)
    device = next(model.parameters()).device
    for step in plan.epoch(0):
        for rows in step:
            yield rows, collate([_cut(encoded[int(i)], longest) for i in rows], pad_id, start_id).to(device)


def _cut(row: EncodedRow, longest: int) -> EncodedRow:
    if row.places is None:
        return EncodedRow(row.input_ids[:longest], row.labels[:longest])
    gone = len(row.input_ids) - longest
    if gone <= 0:
        return row
    places = np.asarray(row.places) - gone
    kept = places > 0
    return EncodedRow(row.input_ids[gone:], np.asarray(row.labels)[kept], places[kept])
