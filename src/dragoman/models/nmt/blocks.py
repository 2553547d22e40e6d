"""The blocks of the two stacks: norm, sub-layer, dropout, add. The residual stream is never normalised in place."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dragoman.models.nmt.attention import Angles, CrossAttention, SelfAttention, Shape
from dragoman.models.nmt.cache import LayerCache
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.dropout import Dropout


class Memory(NamedTuple):
    """An encoded batch."""

    rows: Tensor  # (M, D)
    shape: Shape  # (B, S)
    bias: Tensor | None  # (B, 1, 1, S), hides padding; None where there is none


class RmsNorm(nn.RMSNorm):
    """torch's, with its weight in the type of what it weighs: mixed types take a slow path, with a warning."""

    def forward(self, x: Tensor) -> Tensor:
        assert self.weight is not None
        return F.rms_norm(x, tuple(self.normalized_shape), self.weight.to(x.dtype), self.eps)


def make_norm(config: NmtConfig) -> nn.Module:
    kind = nn.LayerNorm if config.norm == "layernorm" else RmsNorm
    return kind(config.d_model, eps=config.norm_eps)


class FeedForward(nn.Module):
    """SwiGLU (Shazeer 2020): down(silu(gate(x)) * up(x))."""

    def __init__(self, config: NmtConfig):
        super().__init__()
        self.gate = nn.Linear(config.d_model, config.d_ff, bias=False)
        self.up = nn.Linear(config.d_model, config.d_ff, bias=False)
        self.down = nn.Linear(config.d_ff, config.d_model, bias=False)
        self.dropout = Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(self.dropout(F.silu(self.gate(x)) * self.up(x)))


class EncoderBlock(nn.Module):
    def __init__(self, config: NmtConfig):
        super().__init__()
        self.attention_norm = make_norm(config)
        self.attention = SelfAttention(config)
        self.feed_forward_norm = make_norm(config)
        self.feed_forward = FeedForward(config)
        self.dropout = Dropout(config.dropout)

    def forward(self, x: Tensor, shape: Shape, bias: Tensor | None, angles: Angles) -> Tensor:
        """x: (M, D), rows of shape (B, S); bias: (B, 1, 1, S) or None where nothing is padded."""
        x = x + self.dropout(self.attention(self.attention_norm(x), shape, bias, angles))
        return x + self.dropout(self.feed_forward(self.feed_forward_norm(x)))


class DecoderBlock(nn.Module):
    def __init__(self, config: NmtConfig):
        super().__init__()
        self.attention_norm = make_norm(config)
        self.attention = SelfAttention(config)
        self.cross_norm = make_norm(config)
        self.cross = CrossAttention(config)
        self.feed_forward_norm = make_norm(config)
        self.feed_forward = FeedForward(config)
        self.dropout = Dropout(config.dropout)

    def forward(self, x: Tensor, shape: Shape, bias: Tensor, memory: Memory, angles: Angles) -> Tensor:
        """x: (M, D), rows of shape (B, T); bias: (G * T, T), causal."""
        x = x + self.dropout(self.attention(self.attention_norm(x), shape, bias, angles))
        x = x + self.dropout(self.cross(self.cross_norm(x), shape, memory.rows, memory.shape, memory.bias))
        return x + self.dropout(self.feed_forward(self.feed_forward_norm(x)))

    def step(self, x: Tensor, shape: Shape, cache: LayerCache, memory_bias: Tensor | None, angles: Angles) -> Tensor:
        """One position of R = B * K rows, (M, D), with what the cache remembers. shape: (R, 1)."""
        q, k, v = self.attention.project(self.attention_norm(x), shape, angles)
        x = x + self.attention.mix(q, *cache.append(k, v), None, len(x))
        # The beams of a sentence share its cross-attention keys: fold them into the query axis.
        sentences = cache.cross_keys.shape[0]
        queries = self.cross.queries(self.cross_norm(x), (sentences, shape[0] // sentences))
        x = x + self.cross.mix(queries, cache.cross_keys, cache.cross_values, memory_bias, len(x))
        return x + self.feed_forward(self.feed_forward_norm(x))


def causal_bias(length: int, groups: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """(G * T, T): 0 at and before a query's own position, -inf after it, once for each query head of a group."""
    bias = torch.full((length, length), float("-inf"), device=device, dtype=dtype).triu(1)
    return bias.repeat(groups, 1)


def padding_bias(lengths: Tensor, width: int, dtype: torch.dtype, *, always: bool = False) -> Tensor | None:
    """(B, 1, 1, S): -inf at and beyond each row's length. None where every row is full, unless there is always one."""
    padded = torch.arange(width, device=lengths.device) >= lengths[:, None]
    if lengths.device.type == "cpu" and not always and not padded.any():  # asking a GPU would stall it
        return None
    bias = torch.zeros(padded.shape, device=lengths.device, dtype=dtype).masked_fill(padded, float("-inf"))
    return bias[:, None, None]
