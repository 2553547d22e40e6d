"""Drawing the next token from the model's distribution, the same whatever else is in the batch.

Each row draws by inverse transform from one uniform number a step, and an input's numbers are a function of its own
seed alone. Top-k and top-p: Fan et al. 2018 (arXiv:1805.04833), Holtzman et al. 2020 (arXiv:1904.09751).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from dragoman.generation.settings import Settings

NUCLEUS = 256  # tokens that nearly always hold top_p; to sort a whole vocabulary takes longer than the model


def uniforms(seeds: Sequence[int], rows: int, steps: int) -> Tensor:
    """The numbers in [0, 1) that each row will use at each step: (len(seeds)*rows, steps), float64, on the CPU.

    Step t of an input takes the same numbers whatever `steps` is.
    """
    numbers = torch.empty(len(seeds), steps, rows, dtype=torch.float64)
    generator = torch.Generator()
    for row, seed in zip(numbers, seeds, strict=True):
        row.uniform_(generator=generator.manual_seed(seed))
    return numbers.transpose(1, 2).reshape(-1, steps)


def draw(logits: Tensor, uniform: Tensor, settings: Settings) -> Tensor:
    """One token for each row: logits (R, V), uniform (R,) in [0, 1) -> (R,).

    The logits are divided by the temperature, then cut to the top_k most probable tokens, then to the smallest set of
    the most probable ones whose probabilities (among what top_k left) reach top_p.
    """
    logits = logits / settings.temperature
    tokens = None  # the ids of the columns, where these are no longer the vocabulary
    if settings.top_k:
        logits, tokens = logits.topk(min(settings.top_k, logits.shape[1]))  # most probable first
    p = logits.softmax(-1, dtype=torch.float64)
    if settings.top_p < 1:
        if tokens is None:
            p, tokens = most_probable(p, settings.top_p)
        before = p.cumsum(-1) - p
        p = p.masked_fill(before >= settings.top_p, 0.0)
    edges = p.cumsum(-1)
    wanted = uniform.to(edges)[:, None] * edges[:, -1:]
    # The first column whose edge lies beyond the wanted point: one of probability 0 never does so first.
    columns = torch.searchsorted(edges, wanted, right=True).clamp_(max=edges.shape[1] - 1)
    return (columns if tokens is None else tokens.gather(1, columns))[:, 0]


def most_probable(p: Tensor, mass: float) -> tuple[Tensor, Tensor]:
    """Enough of the most probable tokens to reach `mass` in every row of p (R, V): p and ids, in falling order."""
    top, tokens = p.topk(min(NUCLEUS, p.shape[1]))
    if (top.sum(-1) < mass).any():
        top, tokens = p.topk(p.shape[1])
    return top, tokens
