"""Dropout that is fast on a CPU too.

torch draws one Bernoulli number an element, which costs more than the matrix products around it on a CPU. There, a
random byte an element decides instead, eight of them from each 64-bit draw: the probability is rounded to 1/256 and
the survivors are scaled by what was really kept, so the expectation is exact.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def keep_mask(shape: torch.Size, p: float) -> tuple[Tensor, float]:
    """A boolean mask on the CPU, true where an element is kept, and the factor for what is kept."""
    threshold = min(round(p * 256), 255)
    count = shape.numel()
    words = torch.empty((count + 7) // 8, dtype=torch.int64).random_(-(2**63), None)
    kept = words.view(torch.uint8)[:count].view(shape) >= threshold
    return kept, 256 / (256 - threshold)


class ByteDropout(torch.autograd.Function):
    """x * mask * scale; keeps one byte an element for the backward pass."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, p: float) -> Tensor:
        ctx.kept, ctx.scale = keep_mask(x.shape, p)
        return (x * ctx.kept).mul_(ctx.scale)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return (gradient * ctx.kept).mul_(ctx.scale), None


class Dropout(nn.Module):
    def __init__(self, p: float):
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        if x.device.type == "cpu":
            return ByteDropout.apply(x, self.p)
        return nn.functional.dropout(x, self.p)
