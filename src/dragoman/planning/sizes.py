"""How large a translation model to draft for a number of rows, and how long to train it.

Small beats big on few rows: the tiers follow what 29,000 caption pairs were seen to like (3 + 3 layers of width 256,
8,000 pieces, strong dropout) and shrink or grow from there. They are a start, not a tuned result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from dragoman.planning.languages import COMMON


@dataclass(frozen=True)
class Size:
    """The drafted settings of model and training. up_to: rows for which they are meant."""

    up_to: float
    vocabulary: int
    d_model: int
    n_heads: int
    layers: int
    d_ff: int
    dropout: float
    epochs: int
    batch_tokens: int
    learning_rate: float


SIZES = [
    Size(2_000, 1_000, 128, 4, 2, 256, 0.3, 60, 1_000, 2e-3),
    Size(10_000, 4_000, 192, 4, 3, 384, 0.3, 30, 2_500, 2e-3),
    Size(100_000, 8_000, 256, 4, 3, 512, 0.2, 16, 5_000, 3e-3),
    Size(1_000_000, 16_000, 384, 6, 4, 1_024, 0.1, 10, 10_000, 2e-3),
    Size(math.inf, 32_000, 512, 8, 6, 1_536, 0.1, 5, 25_000, 1e-3),
]

SMALL_VOCABULARY = 2_500
CHARACTERS_A_TOKEN = {"zh": 1.2, "ja": 1.3, "ko": 1.6, "th": 2.0}
LATIN_A_TOKEN, OTHER_A_TOKEN = 3.0, 2.5


def choose_size(rows: int) -> Size:
    return next(size for size in SIZES if rows <= size.up_to)


def characters_a_token(language: str | None, vocabulary: int) -> float:
    """About how many characters a token has, rather too few than too many."""
    usual = CHARACTERS_A_TOKEN.get(language or "", LATIN_A_TOKEN if language in COMMON else OTHER_A_TOKEN)
    return usual if vocabulary >= SMALL_VOCABULARY else max(1.0, 0.7 * usual)


def choose_limit(characters: int, per_token: float) -> int:
    """The length limit in tokens, with the end token, that a text of so many characters surely keeps to: 32 to 512."""
    return min(512, max(32, round_up(1.2 * characters / per_token + 1, 16)))


def choose_warmup(rows: int, tokens_a_row: float, size: Size) -> int:
    """Six per cent of the steps, in round numbers."""
    steps = rows * tokens_a_row * size.epochs / batch_tokens(rows, tokens_a_row, size)
    return min(1000, round_up(0.06 * steps, 10))


def batch_tokens(rows: int, tokens_a_row: float, size: Size) -> int:
    """The tier's, but at least 20 steps an epoch."""
    return max(300, min(size.batch_tokens, round_up(rows * tokens_a_row / 20, 100)))


def round_up(value: float, step: int) -> int:
    return math.ceil(value / step) * step
