"""What the decoder remembers: its own keys and values, grown by doubling, and each sentence's encoded source.

Cross-attention keys and values are computed once a sentence, not once a beam. R = B sentences * K beams.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dragoman.models.face import Cache

FIRST_SIZE = 32  # positions


class LayerCache:
    """Keys and values of one decoder block."""

    def __init__(self, cross_keys: Tensor, cross_values: Tensor, rows: int, max_length: int):
        self.cross_keys, self.cross_values = cross_keys, cross_values  # (B, KV, S, hd)
        self.max_length, self.length = max_length, 0
        _, kv_heads, _, head_dim = cross_keys.shape
        size = min(FIRST_SIZE, max_length)
        self.keys = cross_keys.new_empty(rows, kv_heads, size, head_dim)
        self.values = torch.empty_like(self.keys)

    def append(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add one position, (R, KV, 1, hd); returns all so far, (R, KV, length, hd)."""
        if self.length == self.keys.shape[2]:
            size = min(2 * self.length, self.max_length)
            self.keys, self.values = (self._grown(x, size) for x in (self.keys, self.values))
        self.keys[:, :, self.length] = k[:, :, 0]
        self.values[:, :, self.length] = v[:, :, 0]
        self.length += 1
        return self.keys[:, :, : self.length], self.values[:, :, : self.length]

    def _grown(self, x: Tensor, size: int) -> Tensor:
        grown = x.new_empty(x.shape[0], x.shape[1], size, x.shape[3])
        grown[:, :, : self.length] = x[:, :, : self.length]
        return grown

    def select(self, rows: Tensor) -> None:
        self.keys, self.values = (self._selected(x, rows) for x in (self.keys, self.values))

    def _selected(self, x: Tensor, rows: Tensor) -> Tensor:
        """Only what is filled is copied."""
        selected = x.new_empty(len(rows), *x.shape[1:])
        selected[:, :, : self.length] = x[:, :, : self.length].index_select(0, rows)
        return selected

    def select_sentences(self, sentences: Tensor) -> None:
        self.cross_keys = self.cross_keys.index_select(0, sentences)
        self.cross_values = self.cross_values.index_select(0, sentences)


@dataclass
class NmtCache(Cache):
    layers: list[LayerCache]
    memory: Tensor  # (B, S, D)
    memory_bias: Tensor | None  # (B, 1, 1, S)
    beams: int
    head: Tensor  # (D, V): the output layer in the layout that is fastest for a few rows

    @property
    def length(self) -> int:
        return self.layers[0].length

    def select(self, rows: Tensor, sentences: Tensor | None = None) -> None:
        for layer in self.layers:
            layer.select(rows)
        if sentences is None:
            return
        for layer in self.layers:
            layer.select_sentences(sentences)
        self.memory = self.memory.index_select(0, sentences)
        if self.memory_bias is not None:
            self.memory_bias = self.memory_bias.index_select(0, sentences)
