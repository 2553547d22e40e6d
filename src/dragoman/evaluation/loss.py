"""The loss on held-out rows, in nats a token: without dropout, without label smoothing."""

from __future__ import annotations

import torch

from dragoman.base.device import Precision
from dragoman.data.encoded import EncodedSet
from dragoman.data.plan import BatchPlan
from dragoman.models.face import TextModel
from dragoman.objectives.batches import collate
from dragoman.objectives.loss import cross_entropy

BATCH_TOKENS = 8192
LONGEST = 2048  # tokens of one side: attention over a whole book would fit no memory


def mean_loss(model: TextModel, encoded: EncodedSet, precision: Precision, pad_id: int) -> float:
    """The mean cross-entropy over all labels of `encoded`. Leaves the model in the mode it was in.

    Of a longer row, only the first LONGEST tokens of a side count.
    """
    inputs, labels = encoded.input_lengths.clip(max=LONGEST), encoded.label_counts.clip(max=LONGEST)
    plan = BatchPlan(inputs, labels, BATCH_TOKENS, None, BATCH_TOKENS, seed=0)
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    total = torch.zeros((), dtype=torch.float64)
    try:
        with torch.no_grad(), precision.autocast(device):
            for step in plan.epoch(0):
                for rows in step:
                    cut = [(ids[:LONGEST], said[:LONGEST]) for ids, said in (encoded[int(i)] for i in rows)]
                    batch = collate(cut, pad_id).to(device)
                    total += cross_entropy(model.hidden(batch), model.head(), batch.labels, 1.0).double().cpu()
    finally:
        model.train(training)
    return float(total / int(labels.sum()))
