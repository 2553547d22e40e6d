"""Which rows make up which optimizer step: a pure function of the lengths, the batch size, the seed and the epoch.

- Rows are sorted by target length and, within one, by source length (up and down in turn, so that neighbours stay
  alike across the seam); ties are broken at random anew each epoch. Consecutive rows make a batch, cut where that
  leaves the least padding: almost none.
- A causal model has one side only, the whole sequence: its labels stand in it and take no room of their own.
- The order of the batches is shuffled. Every row comes exactly once an epoch.
- The cuts depend on the lengths alone, so every epoch has the same number of steps, and the place to resume from is
  one integer.
- A step too large for memory is cut into micro-batches; the step itself stays what it was.
- Cost: a sort of all rows an epoch, about 30 bytes a row while it lasts; the cuts, once: some seconds a million rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from dragoman.base.seeds import derive
from dragoman.data.encoded import Rows
from dragoman.recipe.schema import Training

DEFAULT_EPOCHS = 10.0  # where a recipe gives neither epochs nor steps
PRICE = 0.13  # of a full batch: what one batch more has to save in padding
PIECES = 32  # of a batch: equal rows are cut no finer

Step = list[np.ndarray]  # micro-batches of row numbers


@dataclass(frozen=True)
class BatchPlan:
    """input_lengths, label_counts: (rows,). A step has at most `tokens` padded tokens of both sides, or `rows` rows.

    causal: labels are part of the input.
    """

    input_lengths: np.ndarray
    label_counts: np.ndarray
    tokens: int | None
    rows: int | None
    micro_batch_tokens: int
    seed: int
    causal: bool = False

    @cached_property
    def output_lengths(self) -> np.ndarray:
        """What the decoder reads beside the input: (rows,)."""
        return np.zeros_like(self.label_counts) if self.causal else self.label_counts

    def _order(self, epoch: int) -> np.ndarray:
        """All rows, sorted by length with random ties: (rows,)."""
        ties = np.random.default_rng(derive(self.seed, "order", epoch)).permutation(len(self.input_lengths))
        snake = np.where(self.output_lengths % 2 == 0, self.input_lengths, -self.input_lengths)
        return np.lexsort((ties, snake, self.output_lengths))

    @cached_property
    def cuts(self) -> np.ndarray:
        """Where the sorted rows are cut into steps; the same in every epoch."""
        order = self._order(0)
        if self.rows is not None:
            return np.arange(0, len(order) + self.rows, self.rows).clip(max=len(order))
        assert self.tokens is not None
        return _cut(self.input_lengths[order], self.output_lengths[order], self.tokens)

    @property
    def steps_per_epoch(self) -> int:
        return len(self.cuts) - 1

    def epoch(self, epoch: int) -> list[Step]:
        """The steps of one epoch, in order."""
        order = self._order(epoch)
        steps = [order[a:b] for a, b in pairwise(self.cuts)]
        shuffle = np.random.default_rng(derive(self.seed, "shuffle", epoch)).permutation(len(steps))
        return [self._micro_batches(steps[i]) for i in shuffle]

    def _micro_batches(self, rows: np.ndarray) -> Step:
        inputs, outputs = self.input_lengths[rows], self.output_lengths[rows]
        if len(rows) * (int(inputs.max()) + int(outputs.max())) <= self.micro_batch_tokens:
            return [rows]
        cuts = _cut(inputs, outputs, self.micro_batch_tokens)
        return [rows[a:b] for a, b in pairwise(cuts)]

    def token_count(self, step: Step) -> int:
        """Real tokens of a step, both sides; a token of a causal sequence counts once."""
        return int(sum(self.input_lengths[rows].sum() + self.output_lengths[rows].sum() for rows in step))

    @property
    def padding(self) -> float:
        """The share of padding among all positions computed."""
        real = padded = 0
        for step in self.epoch(0):
            real += self.token_count(step)
            padded += sum(
                len(rows) * int(self.input_lengths[rows].max() + self.output_lengths[rows].max()) for rows in step
            )
        return 1 - real / padded if padded else 0.0

    def total_steps(self, training: Training) -> int:
        """The optimizer steps of a whole training."""
        epochs = training.epochs if training.epochs is not None else DEFAULT_EPOCHS
        return training.max_steps or max(1, math.ceil(round(epochs * self.steps_per_epoch, 6)))


def batch_plan(encoded: Rows, training: Training, seed: int, micro_batch_tokens: int = 2**62) -> BatchPlan:
    """The plan of a recipe's training over its rows; without a limit, each step is one micro-batch."""
    batch = training.batch
    return BatchPlan(
        encoded.input_lengths, encoded.label_counts, batch.tokens, batch.rows, micro_batch_tokens, seed, encoded.causal
    )


def _cut(inputs: np.ndarray, outputs: np.ndarray, budget: int) -> np.ndarray:
    """Cut consecutive rows so that rows * (longest input + longest output) stays within the budget.

    Of all such cuts those with the least padding, where each batch costs PRICE besides: a shortest path from the first
    row to the last over the places where a cut may be. A row that is larger than the budget stands alone.
    """
    places = _places(inputs, outputs, max(1, budget // PIECES))
    pieces = list(zip(inputs[places[:-1]].tolist(), outputs[places[:-1]].tolist(), places[1:].tolist(), strict=True))
    cost, came_from = [0.0] + [math.inf] * len(pieces), [0] * (len(pieces) + 1)
    for i, first in enumerate(places[:-1].tolist()):
        longest_input = longest_output = 0
        for j in range(i, len(pieces)):
            s, t, end = pieces[j]
            longest_input, longest_output = max(longest_input, s), max(longest_output, t)
            padded = (end - first) * (longest_input + longest_output)
            if padded > budget and j > i:
                break
            if cost[i] + padded + PRICE * budget < cost[j + 1]:
                cost[j + 1], came_from[j + 1] = cost[i] + padded + PRICE * budget, i
    path = [len(pieces)]
    while path[-1]:
        path.append(came_from[path[-1]])
    return places[path[::-1]]


def _places(inputs: np.ndarray, outputs: np.ndarray, piece: int) -> np.ndarray:
    """Where a cut may be: wherever a row differs from the one before, every `piece` tokens in between, at both ends."""
    rows = np.arange(len(inputs))
    differs = np.ones(len(inputs), dtype=bool)
    differs[1:] = (np.diff(inputs) != 0) | (np.diff(outputs) != 0)
    run_start = np.maximum.accumulate(np.where(differs, rows, 0))
    step = np.maximum(1, piece // np.maximum(1, inputs + outputs))
    return np.append(np.flatnonzero((rows - run_start) % step == 0), len(inputs))
