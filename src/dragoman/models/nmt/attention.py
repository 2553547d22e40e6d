"""Grouped-query attention with rotary positions.

- Query heads share keys and values in groups (Ainslie et al. 2023). The group is folded into the query axis, so keys
  and values are never copied: (B, H, T, hd) becomes (B, KV, G * T, hd) with G = H / KV.
- Rotary positions (Su et al. 2021) turn the two halves of a head, in self-attention only.
- The kernel is chosen by device: on a CPU plain matrix products win up to a few hundred positions, and always in
  training: there torch's fused attention has no dropout, and its backward pass in bfloat16 is many times slower.

Hidden states are rows: all positions of a ragged batch below one another, then filler (`base.device.filler`). What
stands in the filler never matters: attention leaves it out, and no label is at a position of it.

Shapes: B batch, T query length, S key length, H heads, KV key-value heads, G = H / KV, hd = D / H; M rows of hidden
states, of which the first B * T are the positions.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dragoman.base.device import extended
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.dropout import Dropout

Angles = tuple[Tensor, Tensor]  # see Rotary
Shape = tuple[int, int]  # batch, length

PLAIN_UP_TO = 256  # keys: longer ones go to the fused kernel on a CPU


class Rotary(nn.Module):
    """Tables of the angles position * base^(-2i/hd), grown when a longer text comes."""

    def __init__(self, head_dim: int, base: float):
        super().__init__()
        self.head_dim, self.base = head_dim, base
        self.table: Tensor | None = None

    def forward(self, start: int, length: int, device: torch.device, dtype: torch.dtype) -> Angles:
        """For positions start .. start + length: the cosines, and the sines with the sign of the half they go into.

        Each is (length, 1, hd).
        """
        table = self.table
        if table is None or table.shape[1] < start + length or table.device != device or table.dtype != dtype:
            size = max(64, 2 ** math.ceil(math.log2(start + length)))
            exponents = torch.arange(0, self.head_dim, 2, device=device, dtype=torch.float64) / self.head_dim
            angles = torch.arange(size, device=device, dtype=torch.float64)[:, None] * self.base**-exponents
            cos, sin = angles.cos(), angles.sin()
            full = torch.stack([torch.cat([cos, cos], 1), torch.cat([-sin, sin], 1)])
            self.table = table = full.to(dtype)[:, :, None]
        return table[0, start : start + length], table[1, start : start + length]


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn the halves (a, b) of each head to (a cos - b sin, b cos + a sin). x: (B, T, heads, hd)."""
    return torch.addcmul(x * cos, x.roll(x.shape[-1] // 2, -1), sin)


def attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None, dropout: Dropout) -> Tensor:
    """softmax(q k^T / sqrt(hd) + bias) v.

    q: (B, KV, Q, hd) with the group folded into Q; k, v: (B, KV, S, hd); bias: broadcastable to (B, KV, Q, S), 0 where
    a query may look and -inf where not. Returns (B, KV, Q, hd).
    """
    p = dropout.p if dropout.training else 0.0
    if q.device.type != "cpu" or (p == 0 and k.shape[2] > PLAIN_UP_TO):
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias, dropout_p=p)
    return plain_attention(q, k, v, bias, dropout)


def plain_attention(
    q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None, dropout: Dropout, scale: float | None = None
) -> Tensor:
    """The same by plain products. scale: of the scores; None for 1 / sqrt(hd)."""
    # One batch dimension and contiguous operands: the 4-dimensional product is three times slower.
    rows = (q.shape[0] * q.shape[1], -1, q.shape[3])
    scale = q.shape[-1] ** -0.5 if scale is None else scale
    scores = torch.bmm((q if scale == 1 else q * scale).reshape(rows), k.reshape(rows).transpose(1, 2))
    scores = scores.view(*q.shape[:3], k.shape[2])
    weights = dropout(torch.softmax(scores if bias is None else scores + bias, dim=-1))
    return torch.bmm(weights.flatten(0, 1), v.reshape(rows)).view(q.shape)


class Attention(nn.Module):
    """What self-attention and cross-attention share: heads, the mixing and the projection back."""

    def __init__(self, config: NmtConfig):
        super().__init__()
        self.n_heads, self.n_kv_heads, self.head_dim = config.n_heads, config.n_kv_heads, config.head_dim
        self.groups = config.n_heads // config.n_kv_heads
        self.o = nn.Linear(config.n_heads * config.head_dim, config.d_model, bias=False)
        self.dropout = Dropout(config.dropout)

    def heads(self, rows: Tensor, shape: Shape) -> Tensor:
        """(M, heads * hd) -> (B, T, heads, hd), for shape = (B, T)."""
        return rows[: shape[0] * shape[1]].view(*shape, -1, self.head_dim)

    def folded(self, q: Tensor) -> Tensor:
        """Queries (B, T, H, hd) -> (B, KV, G * T, hd)."""
        B, T = q.shape[:2]
        q = q.view(B, T, self.n_kv_heads, self.groups, self.head_dim).permute(0, 2, 3, 1, 4)
        return q.reshape(B, self.n_kv_heads, self.groups * T, self.head_dim)

    def mix(self, q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None, rows: int) -> Tensor:
        """Attend and project back: queries (B, KV, G * T, hd) -> (M, D). rows: M."""
        B, _, Q, _ = q.shape
        T = Q // self.groups
        out = attend(q, k, v, bias, self.dropout)
        out = out.view(B, self.n_kv_heads, self.groups, T, self.head_dim).permute(0, 3, 1, 2, 4)
        return self.o(extended(out.reshape(B * T, self.n_heads * self.head_dim), rows))


class SelfAttention(Attention):
    """Queries, keys and values of the same rows, by one product; queries and keys are rotated."""

    def __init__(self, config: NmtConfig):
        super().__init__(config)
        self.qkv = nn.Linear(config.d_model, (config.n_heads + 2 * config.n_kv_heads) * config.head_dim, bias=False)

    def project(self, x: Tensor, shape: Shape, angles: Angles) -> tuple[Tensor, Tensor, Tensor]:
        """(M, D) -> queries (B, KV, G * T, hd), keys and values (B, KV, T, hd)."""
        turned, v = self.heads(self.qkv(x), shape).tensor_split([self.n_heads + self.n_kv_heads], dim=2)
        q, k = rotate(turned, *angles).tensor_split([self.n_heads], dim=2)
        return self.folded(q), k.transpose(1, 2), v.transpose(1, 2)

    def forward(self, x: Tensor, shape: Shape, bias: Tensor | None, angles: Angles) -> Tensor:
        """Let the rows x (M, D) attend to one another. Returns (M, D)."""
        return self.mix(*self.project(x, shape, angles), bias, len(x))


class CrossAttention(Attention):
    """Queries of the decoder's rows, keys and values of the encoder's; nothing is rotated."""

    def __init__(self, config: NmtConfig):
        super().__init__(config)
        self.q = nn.Linear(config.d_model, config.n_heads * config.head_dim, bias=False)
        self.kv = nn.Linear(config.d_model, 2 * config.n_kv_heads * config.head_dim, bias=False)

    def queries(self, x: Tensor, shape: Shape) -> Tensor:
        """(M, D) -> (B, KV, G * T, hd)."""
        return self.folded(self.heads(self.q(x), shape))

    def keys_values(self, read: Tensor, shape: Shape) -> tuple[Tensor, Tensor]:
        """(M, D) -> keys and values, each (B, KV, S, hd), for shape = (B, S)."""
        k, v = self.heads(self.kv(read), shape).transpose(1, 2).chunk(2, dim=1)
        return k, v

    def forward(self, x: Tensor, shape: Shape, read: Tensor, read_shape: Shape, bias: Tensor | None) -> Tensor:
        """Let the rows x (M, D) attend to the rows that they read. Returns (M, D)."""
        return self.mix(self.queries(x, shape), *self.keys_values(read, read_shape), bias, len(x))
