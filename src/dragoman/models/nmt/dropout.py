"""Dropout that is fast on a CPU too.

torch draws one Bernoulli number an element, which costs more there than the matrix products around it. Here a random
byte an element decides, eight of them from each 64-bit draw, and the mask is laid over the number's own bits as an
integer: no conversion, no branch. The probability is rounded to 1/256, and what is kept is scaled by its real share, so
the expectation is exact.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

BITS = {2: torch.int16, 4: torch.int32, 8: torch.int64}  # the integers that lie over a number of so many bytes


def keep_bits(shape: torch.Size, threshold: int, bits: torch.dtype) -> Tensor:
    """A mask on the CPU: all bits set where a random byte is at least `threshold`, none elsewhere."""
    count = shape.numel()
    words = torch.empty((count + 7) // 8, dtype=torch.int64).random_(-(2**63), None)
    kept = words.view(torch.uint8)[:count].view(shape).ge_(threshold)  # 1 or 0
    return kept.view(torch.int8).neg_().to(bits)  # -1 has all bits set


class ByteDropout(torch.autograd.Function):
    """x with a share of its elements zeroed, the others scaled; keeps the mask for the backward pass."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, p: float) -> Tensor:
        threshold = min(255, round(p * 256))
        ctx.mask = keep_bits(x.shape, threshold, BITS[x.itemsize])
        ctx.scale = 256 / (256 - threshold)
        return masked(x, ctx.mask, ctx.scale)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return masked(gradient, ctx.mask, ctx.scale), None


def masked(x: Tensor, mask: Tensor, scale: float) -> Tensor:
    """Zero where the mask has no bits, x * scale where it has all of them."""
    return (x.contiguous().view(mask.dtype) & mask).view(x.dtype).mul_(scale)


class Dropout(nn.Module):
    def __init__(self, p: float):
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        if x.device.type == "cpu" and not torch.compiler.is_compiling():
            return ByteDropout.apply(x, self.p)
        return nn.functional.dropout(x, self.p)
