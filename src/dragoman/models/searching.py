"""Answers from transformers' own `generate`, with scores as everywhere here.

A score is the sum of log-probabilities over length ** length_penalty. transformers would keep every step's logits to
tell it (4 GB for 128 tokens of 32 rows of mT5), so the few that count are noted as the search goes. Nothing of a base's
own generation settings takes part.

Shapes: B inputs, S longest, R rows (B times beams or samples), V vocabulary, t tokens so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dragoman.base.errors import DragomanError
from dragoman.base.seeds import seeded
from dragoman.models.face import Found
from dragoman.models.networks import Network


@dataclass(frozen=True)
class Search:
    """What to search for, and how: see `face.GeneratingModel.generate`."""

    beam: int
    n_best: int
    length_penalty: float
    limits: tuple[int, ...]
    sample: bool
    temperature: float
    top_k: int
    top_p: float
    seed: int
    suppress: tuple[int, ...]
    use_cache: bool = True
    whole: bool = False


def search(
    network: Network, inputs: Sequence[Sequence[int]], settings: Search, pad_id: int, eos_ids: Sequence[int],
    begin: Sequence[int],
) -> list[list[Found]]:  # fmt: skip
    """The answers to one batch of inputs. begin: what a decoder reads before its first token.

    Raises DragomanError where the network's output is not a number.
    """
    from transformers import (
        DynamicCache,
        EncoderDecoderCache,
        GenerationConfig,
        LogitsProcessorList,
        StoppingCriteriaList,
    )

    causal = not network.config.is_encoder_decoder
    input_ids, mask = pad(inputs, pad_id, left=causal)
    device = network.get_input_embeddings().weight.device
    rows = settings.n_best if settings.sample else settings.beam
    grows = settings.use_cache and not causal
    config = GenerationConfig(
        max_new_tokens=max(settings.limits),
        num_beams=settings.beam,
        num_return_sequences=rows,
        length_penalty=settings.length_penalty,
        early_stopping=False,
        do_sample=settings.sample,
        temperature=settings.temperature if settings.sample else None,
        top_k=settings.top_k if settings.sample else None,
        top_p=settings.top_p if settings.sample else None,
        pad_token_id=pad_id,
        eos_token_id=list(eos_ids),
        decoder_start_token_id=None if causal else begin[0],
        min_new_tokens=max(settings.limits) if settings.whole else None,
        use_cache=settings.use_cache,
        return_dict_in_generate=True,
    )
    allowed = Allowed(settings.suppress, device)
    before = input_ids.shape[1] if causal else len(begin)  # tokens that an answer follows
    criteria = StoppingCriteriaList([Limits(settings.limits, before, device)])
    noted: BeamScores | RowScores
    if settings.beam > 1:
        noted = BeamScores(allowed, (1 + len(eos_ids)) * settings.beam)
    else:
        noted = RowScores(allowed, eos_ids, [limit for limit in settings.limits for _ in range(rows)], device)
        criteria.append(Watch(noted))
    with seeded(settings.seed):
        output = network.generate(
            input_ids=input_ids.to(device),
            attention_mask=mask.to(device),
            generation_config=config,
            # One that grows: transformers would make T5's for as many blocks as its encoder has.
            past_key_values=EncoderDecoderCache(DynamicCache(), DynamicCache()) if grows else None,
            logits_processor=LogitsProcessorList([noted]),
            stopping_criteria=criteria,
            **({} if causal else {"decoder_input_ids": torch.tensor([list(begin)] * len(inputs), device=device)}),
        )
    tokens = output.sequences[:, before:]  # (R, t)
    totals = noted.totals(output, tokens)
    answers = []
    for first, limit in zip(range(0, len(tokens), rows), settings.limits, strict=True):
        group = slice(first, first + rows)
        found = [
            _answer(ids[:limit], total, eos_ids, settings.length_penalty)
            for ids, total in zip(tokens[group].tolist(), totals[group].tolist(), strict=True)
            if total > float("-inf")  # a place of the beam that nothing took
        ]
        answers.append(sorted(found, key=lambda one: (not one[2], -one[1]))[: settings.n_best])
    return answers


def pad(rows: Sequence[Sequence[int]], pad_id: int, *, left: bool) -> tuple[Tensor, Tensor]:
    """Ids and mask, (B, S) long each; 1 is for what is real."""
    S = max(len(row) for row in rows)
    ids = [[pad_id] * (S - len(row)) + [*row] if left else [*row] + [pad_id] * (S - len(row)) for row in rows]
    mask = [[0] * (S - len(row)) + [1] * len(row) if left else [1] * len(row) + [0] * (S - len(row)) for row in rows]
    return torch.tensor(ids), torch.tensor(mask)


def _answer(ids: list[int], total: float, eos_ids: Sequence[int], length_penalty: float) -> Found:
    end = next((place for place, id in enumerate(ids) if id in eos_ids), None)
    length = len(ids) if end is None else end + 1
    return ids[:end], total / length**length_penalty, end is not None


class Allowed:
    """Log-probabilities of what may come."""

    def __init__(self, suppress: Sequence[int], device: torch.device):
        self.suppress = torch.tensor(suppress, dtype=torch.long, device=device)

    def __call__(self, logits: Tensor) -> Tensor:
        """(R, V) logits or log-probabilities -> those of the model without the suppressed tokens."""
        log_p = logits.index_fill(1, self.suppress, float("-inf")).log_softmax(-1)
        if log_p[:, 0].isnan().any():  # then all of its row are
            raise DragomanError(
                "the model's output is not a number", hint="its weights are damaged, or its training diverged"
            )
        return log_p


class Limits:
    """A criterion that stops each row at its input's own limit, so that an answer does not depend on its neighbours."""

    def __init__(self, limits: Sequence[int], before: int, device: torch.device):
        self.limits, self.before = torch.tensor(list(limits), device=device), before

    def __call__(self, input_ids: Tensor, scores: Any) -> Tensor:
        rows = len(input_ids) // len(self.limits)  # of each input: beams, or all continuations that are looked at
        return (input_ids.shape[1] - self.before >= self.limits).repeat_interleave(rows)


class RowScores:
    """Greedy search and sampling: each row's own sum, up to its end or its limit (R,)."""

    def __init__(self, allowed: Allowed, eos_ids: Sequence[int], limits: Sequence[int], device: torch.device):
        self.allowed, self.limits = allowed, torch.tensor(list(limits), device=device)
        self.ends = torch.tensor(list(eos_ids), device=device)
        self.log_p = torch.empty(0)
        self.sums = torch.empty(0)
        self.live = torch.empty(0)
        self.steps = 0

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """What the next tokens are chosen from: (R, t) ids, (R, V) logits -> (R, V)."""
        self.log_p = self.allowed(scores)
        if self.steps == 0:
            self.sums = self.log_p.new_zeros(len(scores))
            self.live = torch.ones_like(self.sums, dtype=torch.bool)
        return self.log_p

    def chosen(self, tokens: Tensor) -> None:
        """Note the tokens (R,) that were chosen. On a GPU transformers may go on for some steps after the last."""
        self.steps += 1
        self.live &= self.steps <= self.limits
        taken = self.log_p.gather(1, tokens[:, None])[:, 0]
        self.sums += torch.where(self.live, taken, 0.0)
        self.live &= ~torch.isin(tokens, self.ends)

    def totals(self, output: Any, tokens: Tensor) -> Tensor:
        return self.sums


class Watch:
    """A criterion that stops nothing: it sees which tokens are chosen."""

    def __init__(self, scores: RowScores):
        self.scores = scores

    def __call__(self, input_ids: Tensor, scores: Any) -> Tensor:
        self.scores.chosen(input_ids[:, -1])
        return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)


class BeamScores:
    """Beam search: of each step the best continuations of every row, among which are all that the search took."""

    def __init__(self, allowed: Allowed, kept: int):
        self.allowed, self.kept = allowed, kept
        self.steps: list[tuple[Tensor, Tensor]] = []  # (R, kept) log-probabilities and tokens

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        log_p = self.allowed(scores)
        values, tokens = log_p.topk(min(self.kept, log_p.shape[1]))
        self.steps.append((values, tokens))
        return log_p

    def totals(self, output: Any, tokens: Tensor) -> Tensor:
        """(R,) sums; -inf where a place of the beam is empty. output: with the row that each token came from."""
        rows = output.beam_indices  # (R, t); -1 after the end
        totals = torch.zeros(len(rows), device=rows.device)
        for step in range(rows.shape[1]):
            values, candidates = (noted[rows[:, step].clamp(min=0)] for noted in self.steps[step])  # (R, kept)
            taken = values.masked_fill(candidates != tokens[:, step, None], float("-inf")).amax(1)
            totals += torch.where(rows[:, step] >= 0, taken, 0.0)
        return totals.masked_fill((rows < 0).all(1), float("-inf"))
