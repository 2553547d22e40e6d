"""Drawing the next token from the model's distribution, the same whatever else is in the batch.

A token is drawn with the Gumbel-max trick: the largest of logit + noise. The noise is a function of (the row's seed,
the step, the token), so nothing has to be remembered, and rounding, which a batch's shape changes, hardly ever changes
a draw: only where the two largest nearly agree. (To invert the distribution function is cheaper, but there every small
error moves all the tokens behind it.)

Top-k and top-p: Fan et al. 2018 (arXiv:1805.04833), Holtzman et al. 2020 (arXiv:1904.09751).
R rows, V vocabulary, M tokens to choose from.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dragoman.generation.settings import Settings

NUCLEUS = 256  # tokens that nearly always hold top_p; to sort a whole vocabulary takes longer than the model
GAMMA = 0x9E3779B97F4A7C15 - 2**64  # the step of splitmix64's counter; as are all its constants, as a signed number


def draw(logits: Tensor, seeds: Tensor, step: int, settings: Settings) -> Tensor:
    """One token for each row: logits (R, V), seeds (R,) long -> (R,).

    The logits are divided by the temperature, then cut to the top_k most probable tokens, then to the smallest set of
    the most probable ones whose probabilities (among what top_k left) reach top_p.
    """
    logits = logits / settings.temperature
    tokens = torch.arange(logits.shape[1], device=logits.device)[None]  # (1 or R, M)
    if settings.top_k:
        logits, tokens = logits.topk(min(settings.top_k, logits.shape[1]))  # most probable first
    if settings.top_p < 1:
        log_p = logits.log_softmax(-1)
        if not settings.top_k:
            log_p, tokens = most_probable(log_p, settings.top_p)
        p = log_p.exp()
        logits = log_p.masked_fill(p.cumsum(-1) - p >= settings.top_p, float("-inf"))
    chosen = (logits + gumbel(seeds, step, tokens)).argmax(-1, keepdim=True)
    return tokens.expand(logits.shape).gather(1, chosen)[:, 0]


def most_probable(log_p: Tensor, mass: float) -> tuple[Tensor, Tensor]:
    """Enough of the most probable tokens to reach `mass` in every row: log_p (R, V) -> (R, M) and ids, best first."""
    top, tokens = log_p.topk(min(NUCLEUS, log_p.shape[1]))
    if (top.exp().sum(-1) < mass).any():
        top, tokens = log_p.topk(log_p.shape[1])
    return top, tokens


def gumbel(seeds: Tensor, step: int, tokens: Tensor) -> Tensor:
    """Standard Gumbel noise (R, M) in float32 for seeds (R,) and tokens (1 or R, M), the same on every device."""
    rows = scramble(scramble(seeds) + step)
    bits = scramble(rows[:, None] + tokens * GAMMA)
    uniform = (((bits >> 41) & (2**23 - 1)).float() + 0.5) / 2**23  # exact, and neither 0 nor 1
    return -(-(-uniform).log1p()).log()


def scramble(z: Tensor) -> Tensor:
    """The output function of splitmix64 (Steele, Lea and Flood 2014) on int64."""
    z = (z ^ _shifted(z, 30)) * (0xBF58476D1CE4E5B9 - 2**64)
    z = (z ^ _shifted(z, 27)) * (0x94D049BB133111EB - 2**64)
    return z ^ _shifted(z, 31)


def _shifted(z: Tensor, bits: int) -> Tensor:
    """z >> bits as if z were unsigned."""
    return (z >> bits) & (2 ** (64 - bits) - 1)
