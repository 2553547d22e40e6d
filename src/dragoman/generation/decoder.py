"""A model at work on one batch: rows of log-probabilities a step, with its cache or without.

A batch is B inputs of `rows` rows each (beams or samples): row b * rows + r is row r of input b. V is the vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from dragoman.models.face import SearchableModel


class Decoder:
    """Feeds tokens to the model, keeps its cache in step with the search, and hides the tokens that must not come.

    use_cache=False recomputes every prefix at each step: slow, and the proof that the cache is right.
    """

    def __init__(
        self,
        model: SearchableModel,
        inputs: Sequence[Sequence[int]],
        *,
        rows: int,
        max_length: int,
        pad_id: int,
        suppress: Sequence[int],
        use_cache: bool,
    ):
        self.model, self.rows = model, rows
        self.device = next(model.parameters()).device
        self.suppress = torch.tensor(list(suppress), dtype=torch.long, device=self.device)
        lengths = [len(ids) for ids in inputs]
        padded = [[*ids, *[pad_id] * (max(lengths) - len(ids))] for ids in inputs]
        input_ids = torch.tensor(padded, device=self.device)  # (B, S)
        self.cache = model.start(input_ids, torch.tensor(lengths, device=self.device), rows, max_length)
        self.first = torch.full((len(inputs) * rows,), pad_id, device=self.device)  # decoders start with pad
        self.prefix = None if use_cache else self.first.new_empty(len(self.first), 0)

    def step(self, tokens: Tensor) -> Tensor:
        """Next-token logits (B*rows, V) in float32 after `tokens` (B*rows,); suppressed ones are -inf."""
        if self.prefix is None:
            logits = self.model.step(tokens, self.cache)
        else:
            self.prefix = torch.cat([self.prefix, tokens[:, None]], dim=1)
            logits = self.model.step_without_cache(self.prefix, self.cache)
        return logits.float().index_fill_(1, self.suppress, float("-inf"))

    def select(self, rows: Tensor, inputs: Tensor | None = None) -> None:
        """Row i goes on from what row `rows[i]` has seen (B'*rows,). inputs: (B',), where some leave."""
        self.cache.select(rows, inputs)
        if self.prefix is not None:
            self.prefix = self.prefix[rows]
