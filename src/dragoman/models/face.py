"""The face that training, generation and evaluation see, whatever model is behind it.

Shapes: B batch, S source length, T target length, N labelled positions, D width, V vocabulary, K beams, R = B * K rows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Batch:
    """Ragged rows, padded on the right. What is padding is said by lengths and positions, never by token ids.

    A causal model has no decoder input: its rows are whole sequences, prompt and answer.
    """

    input_ids: Tensor  # (B, S) long
    input_lengths: Tensor  # (B,) long
    decoder_input_ids: Tensor | None  # (B, T) long
    positions: Tensor  # (N,) long: b * T + t (causal: b * S + t) of each position that a label follows from
    labels: Tensor  # (N,) long

    def to(self, device: torch.device) -> Batch:
        decoder = self.decoder_input_ids
        return Batch(
            self.input_ids.to(device, non_blocking=True),
            self.input_lengths.to(device, non_blocking=True),
            None if decoder is None else decoder.to(device, non_blocking=True),
            self.positions.to(device, non_blocking=True),
            self.labels.to(device, non_blocking=True),
        )


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
    """A model that maps an input text to an output text: what training and evaluation see."""

    causal: bool = False
    """Whether input and output are one sequence, read from left to right, instead of an encoder's and a decoder's."""
    start_id: int = 0
    """What a decoder reads before its first token."""
    context: int | None = None
    """The most tokens that it can have in sight, where there is such a limit: of a causal model prompt and answer
    together, of others those of either side.
    """

    @abstractmethod
    def hidden(self, batch: Batch) -> Tensor:
        """The last hidden states at the batch's positions only: (N, D)."""

    @abstractmethod
    def head(self) -> Head:
        """The output layer."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the weights and what is needed to build the model again into `folder`."""


class SearchableModel(TextModel):
    """A model that is asked for one token after another, by a search of ours."""

    @abstractmethod
    def start(self, input_ids: Tensor, input_lengths: Tensor, beams: int, max_length: int) -> Cache:
        """Read B inputs, (B, S) with lengths (B,), to give each `beams` outputs of at most max_length tokens."""

    @abstractmethod
    def step(self, tokens: Tensor, cache: Cache) -> Tensor:
        """The logits (R, V) after one more token a row, (R,). The first one is the decoder's start token."""

    @abstractmethod
    def step_without_cache(self, prefix: Tensor, cache: Cache) -> Tensor:
        """As `step`, everything computed anew from the whole prefix, (R, t). What the cache is measured against."""


Found = tuple[list[int], float, bool]
"""An answer: its ids without the end token, its score, whether it ended by itself."""


class GeneratingModel(TextModel):
    """A model that searches by itself, once its caller has put it into the mode for it."""

    @abstractmethod
    def generate(
        self, inputs: Sequence[Sequence[int]], *, beam: int, n_best: int, length_penalty: float, limits: Sequence[int],
        sample: bool, temperature: float, top_k: int, top_p: float, seed: int, suppress: Sequence[int],
        use_cache: bool = True, whole: bool = False,
    ) -> list[list[Found]]:  # fmt: skip
        """Up to n_best answers for each input, finished ones first, then by score: of at most as many tokens as its own
        of `limits` says, whatever else is in the batch.

        A score is sum(log p) / length ** length_penalty, the end token counted, by the model's own probabilities of
        what is not in `suppress`, whatever the temperature. beam: 1 is greedy. sample: draw n_best answers, from the
        top_k most probable tokens (0: all) and of these the top_p; the same seed for the same inputs gives the same.
        use_cache: False to compute every prefix anew. whole: no answer ends before the largest limit.
        Raises DragomanError where the model's output is not a number.
        """
