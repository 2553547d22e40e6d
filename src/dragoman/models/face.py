"""The face that training, generation and evaluation see, whatever model is behind it.

Shapes: B batch, S source length, T target length, N labelled positions, D width, V vocabulary, K beams, R = B * K rows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Batch:
    """Ragged rows, padded on the right. What is padding is said by lengths and positions, never by token ids."""

    input_ids: Tensor  # (B, S) long
    input_lengths: Tensor  # (B,) long
    decoder_input_ids: Tensor  # (B, T) long
    positions: Tensor  # (N,) long: b * T + t of each labelled position
    labels: Tensor  # (N,) long

    def to(self, device: torch.device) -> Batch:
        return Batch(*(getattr(self, name).to(device, non_blocking=True) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Head:
    """What turns hidden states into logits: scale * (h W^T) + bias. Read afresh for every use, never kept."""

    weight: Tensor  # (V, D)
    bias: Tensor | None = None  # (V,)
    scale: float = 1.0

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V)."""
        return nn.functional.linear(hidden if self.scale == 1.0 else hidden * self.scale, self.weight, self.bias)


class Cache(ABC):
    """What a decoder remembers of B sentences with K beams each, one token after another."""

    @abstractmethod
    def select(self, rows: Tensor, sentences: Tensor | None = None) -> None:
        """Let row r go on from what row `rows[r]` remembers. rows: (R',) long, in the old numbering.

        sentences: (B',) long, the ones that these rows belong to, where the others are to be forgotten.
        """


class TextModel(nn.Module, ABC):
    """A model that maps an input text to an output text."""

    @abstractmethod
    def hidden(self, batch: Batch) -> Tensor:
        """The last hidden states at the labelled positions only: (N, D)."""

    @abstractmethod
    def head(self) -> Head:
        """The output layer."""

    @abstractmethod
    def start(self, input_ids: Tensor, input_lengths: Tensor, beams: int, max_length: int) -> Cache:
        """Read B inputs, (B, S) with lengths (B,), to give each `beams` outputs of at most max_length tokens."""

    @abstractmethod
    def step(self, tokens: Tensor, cache: Cache) -> Tensor:
        """The logits (R, V) after one more token a row, (R,). The first one is the decoder's start token."""

    @abstractmethod
    def step_without_cache(self, prefix: Tensor, cache: Cache) -> Tensor:
        """As `step`, everything computed anew from the whole prefix, (R, t). What the cache is measured against."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the weights and what is needed to build the model again into `folder`."""
