"""Search for the answers to one batch of inputs: greedily, by sampling or with a beam."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn

from dragoman.base.errors import DragomanError
from dragoman.base.seeds import derive
from dragoman.generation.beam import beam_search
from dragoman.generation.decoder import Decoder
from dragoman.generation.sampling import draw
from dragoman.generation.settings import Hypothesis, Settings
from dragoman.models.face import SearchableModel


def search(
    model: SearchableModel,
    inputs: Sequence[Sequence[int]],
    settings: Settings,
    *,
    eos_id: int,
    pad_id: int,
    suppress: Sequence[int] = (),
    seeds: Sequence[int] | None = None,
    use_cache: bool = True,
) -> list[list[Hypothesis]]:
    """The n_best answers for each input, best first.

    inputs: token ids with their end token, of any lengths. suppress: ids that never come; the others' probabilities are
    those of the model without them. seeds: one for each input, from which alone its samples follow (default: derived
    from settings.seed and the input's place). Scores are the model's own, whatever the temperature.
    Raises DragomanError where the model's output is not a number.
    """
    if not inputs:
        return []
    limits = [settings.limit(len(ids)) for ids in inputs]
    with answering(model):
        decoder = Decoder(
            model,
            inputs,
            rows=settings.rows,
            max_length=max(limits),
            pad_id=pad_id,
            suppress=suppress,
            use_cache=use_cache,
        )
        if settings.sample or settings.beam == 1:
            seeds = [derive(settings.seed, place) for place in range(len(inputs))] if seeds is None else seeds
            answers = rollout(decoder, limits, settings, eos_id=eos_id, pad_id=pad_id, seeds=seeds)
        else:
            answers = beam_search(decoder, limits, settings, eos_id=eos_id)
    if any(math.isnan(hypothesis.score) for found in answers for hypothesis in found) or not all(answers):
        raise DragomanError(
            "the model's output is not a number", hint="its weights are damaged, or its training diverged"
        )
    return answers


@contextmanager
def answering(model: nn.Module) -> Iterator[None]:
    """No dropout and no gradients for a block; afterwards every module is in the mode it was in.

    Not `inference_mode`, which is hardly faster: what a model keeps for later, such as a table of positions, would be
    made in it too, and the next training step would fail on it.
    """
    training = [module for module in model.modules() if module.training]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module in training:
            module.training = True


def rollout(
    decoder: Decoder, limits: Sequence[int], settings: Settings, *, eos_id: int, pad_id: int, seeds: Sequence[int]
) -> list[list[Hypothesis]]:
    """One token after another, each row on its own: the most probable one, or one that is drawn.

    limits: the most tokens of each input (B,). B inputs, n samples of each (1 where greedy), V vocabulary.
    """
    n, device = decoder.rows, decoder.device
    answers: list[list[Hypothesis]] = [[] for _ in limits]
    inputs = torch.arange(len(limits), device=device)  # those still in the batch
    limit = torch.tensor(limits, device=device)
    log_p = torch.zeros(len(limits), n, device=device)
    live = torch.ones(len(limits), n, dtype=torch.bool, device=device)
    ids = torch.empty(len(limits), n, 0, dtype=torch.long, device=device)  # (B, n, t); pads after the end token
    streams = torch.tensor([[derive(seed, k) for k in range(n)] for seed in seeds], device=device)  # (B, n)
    tokens = decoder.first

    for length in range(1, max(limits) + 1):
        logits = decoder.step(tokens)  # (B*n, V)
        token = draw(logits, streams.flatten(), length, settings) if settings.sample else logits.argmax(-1)
        step_log_p = logits.log_softmax(-1).gather(1, token[:, None])  # faster than logsumexp
        log_p += torch.where(live, step_log_p.view(-1, n), 0.0)
        tokens = torch.where(live, token.view(-1, n), pad_id)
        ids = torch.cat([ids, tokens[:, :, None]], dim=2)
        live &= tokens != eos_id

        done = ~live.any(1) | (limit == length)
        if done.any():
            for i, found, scores in zip(inputs[done].tolist(), ids[done].tolist(), log_p[done].tolist(), strict=True):
                answers[i] = ranked(found, scores, settings, eos_id=eos_id)
            going = (~done).nonzero()[:, 0]
            if not len(going):
                break
            decoder.select((going[:, None] * n + torch.arange(n, device=device)).flatten(), going)
            inputs, limit, streams = inputs[going], limit[going], streams[going]
            log_p, live, ids, tokens = log_p[going], live[going], ids[going], tokens[going]
        tokens = tokens.flatten()
    return answers


def ranked(rows: list[list[int]], log_p: list[float], settings: Settings, *, eos_id: int) -> list[Hypothesis]:
    """The rows of one input as hypotheses: finished ones first, then by score."""
    found = []
    for ids, total in zip(rows, log_p, strict=True):
        finished = eos_id in ids
        length = ids.index(eos_id) + 1 if finished else len(ids)
        found.append(Hypothesis(ids[: length - finished], total / length**settings.length_penalty, finished))
    return sorted(found, key=lambda hypothesis: (not hypothesis.finished, -hypothesis.score))
