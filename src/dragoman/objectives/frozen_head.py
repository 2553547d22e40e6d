"""Cross-entropy under a head that does not train, or is only measured with, tile by tile over the vocabulary.

- Many positions meet a few rows of the head at a time. A product with few positions takes its time from reading (and,
  on a CPU, repacking) the head, and for 250,000 pieces there is little else to it.
- The normaliser, and the mean of the head's rows under the probabilities, are added up as the tiles go by, and scaled
  anew whenever a larger logit comes (Milakov & Gimelshein 2018; attention kernels do it so: Dao et al. 2022). Every
  logit is computed once, and only one tile of them is ever held.
- The label stays out of these sums: where it is nearly certain, 1 - p would be lost in rounding, and what the others
  have is not.

Shapes: N labelled positions, n of a chunk of them, D width, V vocabulary, C rows of a tile.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from dragoman.base.device import filled
from dragoman.models.face import Head

POSITIONS = 2**10  # of a chunk
TILE = 2**11  # rows of the head
MEAN_ROWS = 2**13  # of the head that are held in float32 at once


class Rivals(NamedTuple):
    """What stands against the labels of n positions: all other pieces. Float32."""

    label_logits: Tensor  # (n,)
    log_sum: Tensor  # (n,): the logarithm of the sum of the others' exponentiated logits
    pull: Tensor | None  # (n, D): the mean of their head rows, each with its probability among them


def weigh_rivals(
    h: Tensor, weight: Tensor, bias: Tensor | None, labels: Tensor, compute: torch.dtype, *, pulling: bool
) -> Rivals:
    """Go once through the head, (V, D), V at least 2. h: (n, D), scaled already. pulling: whether `pull` is wanted."""
    n, rounded = len(labels), filled(h.to(compute))
    every = torch.arange(n, device=h.device)
    label_logits = torch.zeros(n, dtype=torch.float32, device=h.device)
    top = torch.full((len(rounded), 1), float("-inf"), device=h.device)  # the largest logit so far
    total = torch.zeros_like(top)
    pull = torch.zeros(rounded.shape, dtype=torch.float32, device=h.device) if pulling else None
    for first in range(0, len(weight), TILE):
        W = weight[first : first + TILE].to(compute)  # (C, D)
        logits = (rounded @ W.T).float()  # (n, C)
        if bias is not None:
            logits += bias[first : first + TILE]
        place = labels - first
        here, place = (place >= 0) & (place < len(W)), place.clamp(0, len(W) - 1)
        found = logits[every, place]
        label_logits = torch.where(here, found, label_logits)
        logits[every, place] = found.masked_fill(here, float("-inf"))
        larger = torch.maximum(top, logits.amax(1, keepdim=True))
        p, shrink = logits.sub_(larger).exp_(), (top - larger).exp_()
        total = total * shrink + p.sum(1, keepdim=True)
        if pull is not None:
            pull = pull.mul_(shrink).add_(p.to(compute) @ W)
        top = larger
    log_sum = (top + total.log())[:n, 0]
    return Rivals(label_logits, log_sum, None if pull is None else (pull / total)[:n])


class FrozenHeadCrossEntropy(torch.autograd.Function):
    """The gradient of the hidden states is computed in the forward pass, while the logits are there."""

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor | None, scale: float,
        labels: Tensor, denominator: float, smoothing: float, learning: bool,
    ) -> Tensor:  # fmt: skip
        device = hidden.device.type
        compute = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else hidden.dtype
        # A gradient is scaled up in the backward pass; before that, float16 would lose the small ones.
        held = torch.float32 if hidden.dtype == torch.float16 else hidden.dtype
        gradient = torch.empty_like(hidden, dtype=held) if learning and ctx.needs_input_grad[0] else None
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        with torch.autocast(device, enabled=False):
            # Smoothing moves every logit's gradient by the same amount, so it is applied through the mean of W and b.
            W_mean = mean_row(weight) if smoothing else weight.new_zeros(weight.shape[1], dtype=torch.float32)
            b_mean = bias.float().mean() if bias is not None else 0.0
            for first in range(0, len(labels), POSITIONS):
                chunk = slice(first, first + POSITIONS)
                h, y = hidden[chunk].float() * scale, labels[chunk]
                rivals = weigh_rivals(h, weight, bias, y, compute, pulling=gradient is not None)
                doubt = rivals.log_sum - rivals.label_logits
                total += F.softplus(doubt).sum()  # -log p of the labels
                if smoothing:
                    total += smoothing * (rivals.label_logits - h @ W_mean - b_mean).sum()
                if gradient is not None and rivals.pull is not None:
                    others = doubt.sigmoid()[:, None]  # what all but the label have
                    own = weight.index_select(0, y).to(compute).float()
                    pull = rivals.pull * others + own * (smoothing - others) - smoothing * W_mean
                    gradient[chunk] = pull * (scale / denominator)
        ctx.hidden_dtype, ctx.gradient = hidden.dtype, gradient
        return total / denominator

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        own = None if ctx.gradient is None else ctx.gradient.mul_(gradient).to(ctx.hidden_dtype)
        del ctx.gradient  # a second backward pass would find it spoilt
        return own, None, None, None, None, None, None, None


@torch.no_grad()
def position_losses(hidden: Tensor, head: Head, labels: Tensor) -> Tensor:
    """The cross-entropy of each position by itself: (N,) float32, in nats, without gradients.

    hidden: (N, D); labels: (N,) in [0, V). Normalised in float32 whatever the logits are computed in.
    """
    device = hidden.device.type
    compute = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else hidden.dtype
    losses = torch.empty(len(labels), dtype=torch.float32, device=hidden.device)
    with torch.autocast(device, enabled=False):
        for first in range(0, len(labels), POSITIONS):
            chunk = slice(first, first + POSITIONS)
            h = hidden[chunk].float() * head.scale
            rivals = weigh_rivals(h, head.weight, head.bias, labels[chunk], compute, pulling=False)
            losses[chunk] = F.softplus(rivals.log_sum - rivals.label_logits)
    return losses


def mean_row(weight: Tensor) -> Tensor:
    """The mean over V of (V, D) in float32, without a float32 copy of all of it."""
    return torch.stack([part.sum(0, dtype=torch.float32) for part in weight.split(MEAN_ROWS)]).sum(0) / len(weight)
