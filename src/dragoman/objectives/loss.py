"""Output layer and cross-entropy in one, part by part.

- The N x V logits are never held: a part's logits live only while its share of the gradients is computed, in the
  forward pass, so nothing is computed twice. Where the head trains, a part is a chunk of the labelled positions; where
  it does not, a tile of the vocabulary besides (`frozen_head`).
- The normaliser is passed in (the label count of the whole optimizer step), so that cutting a step into micro-batches
  or spreading it over processes changes nothing.
- Label smoothing spreads over the whole vocabulary (Szegedy et al. 2016).
- A head that trains is cast to the compute type once a call. Without gradients nothing of the backward pass is
  computed.
- Memory beyond the gradients themselves: one part, a few million logits and as many probabilities.

Shapes: N labelled positions, D width, V vocabulary, C chunk.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dragoman.base.device import filled
from dragoman.models.face import Head
from dragoman.objectives import frozen_head
from dragoman.objectives.frozen_head import FrozenHeadCrossEntropy, mean_row

CHUNK_ELEMENTS = 2**23
FEWEST_ROWS = 256  # of a chunk: each adds up a gradient of the head's own size


def chunk_rows(vocabulary_size: int, *, head_trains: bool) -> int:
    """The labelled positions of a chunk."""
    return max(FEWEST_ROWS, CHUNK_ELEMENTS // vocabulary_size) if head_trains else frozen_head.POSITIONS


class TrainedHeadCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor | None, scale: float,
        labels: Tensor, denominator: float, smoothing: float,
    ) -> Tensor:  # fmt: skip
        device = hidden.device.type
        compute = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else hidden.dtype
        needs_hidden, needs_weight, needs_bias = ctx.needs_input_grad[:3]
        with torch.autocast(device, enabled=False):
            W = weight.to(compute)
            V = W.shape[0]
            rows = chunk_rows(V, head_trains=True)
            # Smoothing moves every logit's gradient by the same amount, so it is applied through the mean of W and b.
            W_mean = mean_row(weight.detach()) if smoothing else weight.new_zeros(weight.shape[1], dtype=torch.float32)
            b_mean = bias.detach().float().mean() if bias is not None else 0.0
            total = torch.zeros((), dtype=torch.float32, device=hidden.device)
            h_sum = torch.zeros_like(W_mean)
            # A gradient is scaled up in the backward pass; before that, float16 would lose the small ones.
            held = torch.float32 if hidden.dtype == torch.float16 else hidden.dtype
            d_hidden = torch.empty_like(hidden, dtype=held) if needs_hidden else None
            d_weight = torch.zeros(weight.shape, dtype=torch.float32, device=weight.device) if needs_weight else None
            d_bias = torch.zeros(V, dtype=torch.float32, device=weight.device) if needs_bias else None
            for first in range(0, len(labels), rows):
                chunk = slice(first, first + rows)
                h, y = hidden[chunk].float() * scale, labels[chunk]
                n, rounded = len(y), filled(h.to(compute))
                at_label = torch.arange(n, device=y.device), y  # far cheaper to index with than scatter on a CPU
                logits = rounded @ W.T  # (C, V)
                if bias is not None:
                    logits += bias
                label_logits = logits[at_label].float()
                # The log-normaliser comes from the largest logit, whose probability is never 0.
                top = logits.amax(1).float()[:n]
                p = torch.softmax(logits, 1)
                doubt = top - p.amax(1).float().log()[:n] - label_logits  # -log p of the label
                # Where the label is nearly certain, 1 - p would be lost in rounding: it is what the others have.
                p[at_label] = 0.0
                others = p.sum(1).float()[:n]
                doubt = torch.where(others < 0.5, -torch.log1p(-others.clamp(max=0.5)), doubt)
                total += (doubt + smoothing * label_logits).sum()
                h_sum += h.sum(0)
                p[at_label] = (smoothing - others).to(p.dtype)
                p[n:] = 0.0
                if d_bias is not None:
                    d_bias += p.sum(0, dtype=torch.float32) - n * smoothing / V
                if d_hidden is not None:
                    d_hidden[chunk] = ((p @ W).float()[:n] - smoothing * W_mean) * (scale / denominator)
                if d_weight is not None:
                    d_weight += p.T @ rounded
            total -= smoothing * (h_sum @ W_mean + len(labels) * b_mean)
            if d_weight is not None:
                d_weight -= h_sum * (smoothing / V)
            for gradient in (d_weight, d_bias):
                if gradient is not None:
                    gradient /= denominator
        ctx.hidden_dtype = hidden.dtype
        ctx.gradients = (d_hidden, d_weight, d_bias)
        return total / denominator

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        d_hidden, d_weight, d_bias = (None if g is None else g.mul_(gradient) for g in ctx.gradients)
        d_hidden = None if d_hidden is None else d_hidden.to(ctx.hidden_dtype)
        del ctx.gradients  # a second backward pass would find them spoilt
        return d_hidden, d_weight, d_bias, None, None, None, None


def cross_entropy(hidden: Tensor, head: Head, labels: Tensor, denominator: float, *, smoothing: float = 0.0) -> Tensor:
    """The summed cross-entropy of N positions divided by `denominator`, a float32 scalar in nats.

    hidden: (N, D); labels: (N,) in [0, V). Raises ValueError where there is no labelled position: a batch without
    labels teaches nothing and would only hide a mistake.
    """
    if len(labels) == 0:
        raise ValueError("no labelled position in the batch")
    # Inside the function gradients are always off, and parameters say that they need theirs even under no-grad.
    learning = torch.is_grad_enabled()
    given = hidden, head.weight, head.bias, head.scale, labels, denominator, smoothing
    if learning and (head.weight.requires_grad or (head.bias is not None and head.bias.requires_grad)):
        return TrainedHeadCrossEntropy.apply(*given)
    return FrozenHeadCrossEntropy.apply(*given, learning)
