"""What a training takes in matrix products: model FLOPs (Chowdhery et al. 2022), which utilisation is a share of.

Counted is what the mathematics needs: real tokens, no padding, nothing that is computed a second time.

- A matrix of m parameters takes 2 m FLOPs forward for each token that goes through it; backward 2 m for what went in
  and, where it trains, 2 m for itself: 6 m, or 4 m where it is frozen. The head's counts at labelled positions alone.
- Attention takes 4 w FLOPs forward for each pair of a query and a key in each layer (w: heads times head size), for
  the score and for the mixture, and 8 w backward. Pairs that a causal mask hides are counted too, as is usual.
- Embeddings, norms, activations, softmax and the optimizer count nothing.

So a row of S input tokens and N labels takes a polynomial of second degree in S and N, whatever the model is made of.
Its coefficients come from six small rows, whose products are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

import numpy as np
import torch

from dragoman.base.device import Precision
from dragoman.base.seeds import seeded
from dragoman.data.encoded import EncodedRow
from dragoman.models.face import Batch, TextModel

TERMS = ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))  # powers of S and of N
POINTS = ((1, 1), (2, 1), (3, 1), (1, 2), (1, 3), (2, 2))  # S and N of the small rows,
UNIT = 4  # times so many


def moments(rows: Sequence[EncodedRow]) -> list[int]:
    """The sums over rows of each term, S ** a * N ** b: what their FLOPs follow from. S and N: see above."""
    S = np.array([len(row.input_ids) for row in rows], dtype=np.int64)
    N = np.array([len(row.labels) for row in rows], dtype=np.int64)
    return [int((S**a * N**b).sum()) for a, b in TERMS]


def row_work(model: TextModel, precision: Precision) -> list[int]:
    """The FLOPs of each term, forward and backward. Leaves the model as it was."""
    training = model.training
    model.train()
    try:
        with seeded(0):
            counts = [_hidden_work(model, S * UNIT, N * UNIT, precision) for S, N in POINTS]
    finally:
        model.train(training)
    terms = [[(S * UNIT) ** a * (N * UNIT) ** b for a, b in TERMS] for S, N in POINTS]
    work = [round(value) for value in np.linalg.solve(np.array(terms, dtype=float), np.array(counts, dtype=float))]
    weight = model.head().weight
    work[TERMS.index((0, 1))] += (6 if weight.requires_grad else 4) * weight.numel()
    return work


def total_work(work: Sequence[int], moments: Sequence[int]) -> int:
    """The FLOPs of the rows that these are the moments of."""
    return sum(coefficient * moment for coefficient, moment in zip(work, moments, strict=True))


def _hidden_work(model: TextModel, S: int, N: int, precision: Precision) -> int:
    """The products of one row, there and back, up to the hidden states that the head reads."""
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    device = model.head().weight.device
    # Models that are all float32 need no autocast; with it, ours would fill up its rows on a CPU.
    plain = all(parameter.dtype == torch.float32 for parameter in model.parameters())
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    # Of a fused kernel not every device's is counted: its parts are.
    with (
        FlopCounterMode(display=False) as counter,
        sdpa_kernel(SDPBackend.MATH),
        nullcontext() if plain else precision.autocast(device),
    ):
        hidden = model.hidden(_one_row(model, S, N, device))
        torch.autograd.grad(hidden.float().sum(), trained, allow_unused=True)
    return int(counter.get_total_flops())


def _one_row(model: TextModel, S: int, N: int, device: torch.device) -> Batch:
    """Of a causal model labels may outnumber positions: here they only say where hidden states are read."""
    V = len(model.head().weight)
    ids, labels = (torch.arange(count, device=device) % V for count in (S, N))
    decoder = None if model.causal else labels[None]
    return Batch(ids[None], torch.tensor([S], device=device), decoder, labels % S if model.causal else labels, labels)
