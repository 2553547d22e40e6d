"""Beam search with length-normalised scores.

Each step looks at the 2 * beam best continuations of an input's live hypotheses: those among the best `beam` that end
are finished, the best `beam` that do not end live on. An input is done when patience * beam of its hypotheses are
finished (Kasai et al. 2022, arXiv:2204.05424), or sooner where no live one can still get among its `n_best`. More
patience finds longer outputs, at more cost; a length penalty above 1 then comes to prefer outputs that are too long.

B inputs, K beams, V vocabulary, t tokens so far.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

import torch
from torch import Tensor

from dragoman.generation.decoder import Decoder
from dragoman.generation.settings import Hypothesis, Settings

NEVER = float("-inf")


def beam_search(decoder: Decoder, limits: Sequence[int], settings: Settings, *, eos_id: int) -> list[list[Hypothesis]]:
    """Up to n_best answers for each input, finished ones first, then by score. limits: the most tokens of each (B,)."""
    K, device = settings.beam, decoder.device
    answers: list[list[Hypothesis]] = [[] for _ in limits]
    inputs = list(range(len(limits)))  # those still in the batch
    log_p = torch.full((len(limits), K), NEVER, device=device)  # of the live hypotheses, best first
    log_p[:, 0] = 0.0  # at first there is one: no token yet
    ids = torch.empty(len(limits), K, 0, dtype=torch.long, device=device)  # (B, K, t)
    tokens = decoder.first

    for length in range(1, max(limits) + 1):
        norm = length**settings.length_penalty
        best, parent, token = continuations(decoder.step(tokens), log_p)  # (B, 2K) each, best first
        ends = token == eos_id
        b, k = (ends[:, :K] & (best[:, :K] > NEVER)).nonzero(as_tuple=True)
        for i, score, prefix in zip(b.tolist(), best[b, k].tolist(), ids[b, parent[b, k]].tolist(), strict=True):
            insort(answers[inputs[i]], Hypothesis(prefix, score / norm, True), key=lambda answer: -answer.score)

        log_p, alive = best.masked_fill(ends, NEVER).topk(K)  # at most K of the 2K end
        parent, token = parent.gather(1, alive), token.gather(1, alive)
        ids = torch.cat([ids.gather(1, parent[:, :, None].expand(-1, -1, length - 1)), token[:, :, None]], dim=2)

        going = []
        for i, highest in enumerate(log_p[:, 0].tolist()):
            found, limit = answers[inputs[i]], limits[inputs[i]]
            if length == limit:  # what was cut fills the places that nothing finished has taken
                cut = zip(log_p[i].tolist(), ids[i].tolist(), strict=True)
                found += [Hypothesis(prefix, score / norm, False) for score, prefix in cut if score > NEVER]
            elif can_improve(found, highest, limit, settings):
                going.append(i)
        if not going:
            break
        parent = parent + K * torch.arange(len(inputs), device=device)[:, None]  # as a row of the batch
        staying = None
        if len(going) < len(inputs):
            inputs = [inputs[i] for i in going]
            staying = torch.tensor(going, device=device)
            log_p, parent, token, ids = log_p[staying], parent[staying], token[staying], ids[staying]
        decoder.select(parent.flatten(), staying)
        tokens = token.flatten()
    return [found[: settings.n_best] for found in answers]


def continuations(logits: Tensor, log_p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The 2K best ways to go on, by logits (B*K, V) and log_p (B, K): log p, parent beam and token, (B, 2K) each."""
    B, K = log_p.shape
    few = min(2 * K, logits.shape[1])  # of one hypothesis' continuations no more can be among the 2K best
    values, tokens = logits.log_softmax(-1).topk(few)  # (B*K, few)
    best, index = (values + log_p.view(-1, 1)).view(B, K * few).topk(2 * K)
    return best, index // few, tokens.view(B, K * few).gather(1, index)


def can_improve(found: list[Hypothesis], highest: float, limit: int, settings: Settings) -> bool:
    """Whether to go on, with these hypotheses finished and `highest` the log p of the best live one."""
    if len(found) < settings.n_best:
        return highest > NEVER
    # At best all that follows is certain, and long: log p stays, and the length that divides it grows to the limit.
    best_possible = highest / limit**settings.length_penalty
    return len(found) < settings.patience * settings.beam and best_possible > found[settings.n_best - 1].score
