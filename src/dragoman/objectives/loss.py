"""Output layer and cross-entropy in one, chunk by chunk over the labelled positions.

- The N x V logits are never held: a chunk's logits live only while its share of the gradients is computed, in the
  forward pass, so nothing is computed twice.
- The normaliser is passed in (the label count of the whole optimizer step), so that cutting a step into micro-batches
  or spreading it over processes changes nothing.
- Label smoothing spreads over the whole vocabulary (Szegedy et al. 2016).
- The head is cast to the compute type once a call. Without gradients nothing of the backward pass is computed.
- `position_losses` gives each position's own loss, for measuring.
- Memory beyond the gradients themselves: one chunk, CHUNK_ELEMENTS logits and as many probabilities in the compute
  type.

Shapes: N labelled positions, D width, V vocabulary, C chunk.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dragoman.base.device import filled
from dragoman.models.face import Head

CHUNK_ELEMENTS = 2**23
MEAN_ROWS = 2**13  # of the head that are held in float32 at once
FEWEST_ROWS = {False: 64, True: 256}  # of a chunk; a head that trains adds up a gradient of its own size for each


class ChunkedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor | None, scale: float,
        labels: Tensor, denominator: float, smoothing: float, learning: bool,
    ) -> Tensor:  # fmt: skip
        device = hidden.device.type
        compute = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else hidden.dtype
        needs_hidden, needs_weight, needs_bias = (learning and needed for needed in ctx.needs_input_grad[:3])
        with torch.autocast(device, enabled=False):
            W = weight.to(compute)
            V = W.shape[0]
            rows = max(FEWEST_ROWS[bool(needs_weight)], CHUNK_ELEMENTS // V)
            # Smoothing moves every logit's gradient by the same amount, so it is applied through the mean of W and b.
            W_mean = _mean_row(weight.detach()) if smoothing else weight.new_zeros(weight.shape[1], dtype=torch.float32)
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
                if not (needs_hidden or needs_weight or needs_bias):
                    continue
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
        return d_hidden, d_weight, d_bias, None, None, None, None, None


def _mean_row(weight: Tensor) -> Tensor:
    """The mean over V of (V, D) in float32, without a float32 copy of all of it."""
    return torch.stack([part.sum(0, dtype=torch.float32) for part in weight.split(MEAN_ROWS)]).sum(0) / len(weight)


def cross_entropy(hidden: Tensor, head: Head, labels: Tensor, denominator: float, *, smoothing: float = 0.0) -> Tensor:
    """The summed cross-entropy of N positions divided by `denominator`, a float32 scalar in nats.

    hidden: (N, D); labels: (N,) in [0, V). Raises ValueError where there is no labelled position: a batch without
    labels teaches nothing and would only hide a mistake.
    """
    if len(labels) == 0:
        raise ValueError("no labelled position in the batch")
    # Inside the function gradients are always off, and parameters say that they need theirs even under no-grad.
    learning = torch.is_grad_enabled()
    return ChunkedCrossEntropy.apply(
        hidden, head.weight, head.bias, head.scale, labels, denominator, smoothing, learning
    )


@torch.no_grad()
def position_losses(hidden: Tensor, head: Head, labels: Tensor) -> Tensor:
    """The cross-entropy of each position by itself: (N,) float32, in nats, without gradients.

    hidden: (N, D); labels: (N,) in [0, V). Normalised in float32 whatever the logits are computed in.
    """
    device = hidden.device.type
    compute = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else hidden.dtype
    losses = torch.empty(len(labels), dtype=torch.float32, device=hidden.device)
    with torch.autocast(device, enabled=False):
        W = head.weight.to(compute)
        rows = max(FEWEST_ROWS[False], CHUNK_ELEMENTS // W.shape[0])
        for first in range(0, len(labels), rows):
            chunk = slice(first, first + rows)
            h, y = (hidden[chunk].float() * head.scale).to(compute), labels[chunk]
            logits = (filled(h) @ W.T)[: len(y)].float()  # (C, V)
            if head.bias is not None:
                logits += head.bias.float()
            losses[chunk] = logits.logsumexp(1) - logits.gather(1, y[:, None])[:, 0]
    return losses
