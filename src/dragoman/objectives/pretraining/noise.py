"""Which tokens of a window are masked: spans of random lengths at random places (Raffel et al. 2020).

- How many tokens and spans, and where they are, come from one class, so that no two places count differently.
- T5's own mask never hides the first token and always the last. Here it is turned by a random number of tokens, as
  around a ring, so that every place is masked equally often.
- Some tokens are fixed: the ends of documents. They are taken out of the ring, and a span that lies over one of them
  becomes two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


class Counts(NamedTuple):
    """Of a window: masked tokens, and the spans that they stand in."""

    masked: int
    spans: int


class Runs(NamedTuple):
    """Spans of masked tokens: where each begins, and where the next token after it is. Both (spans,)."""

    starts: NDArray[np.int64]
    stops: NDArray[np.int64]


@dataclass(frozen=True)
class Noise:
    """share: of the tokens that is masked. mean_span: tokens of a span, on average."""

    share: float
    mean_span: float

    def counts(self, length: int) -> Counts:
        """Of so many tokens that may be masked. Between two spans, and before or after them, one token stays at least.

        A single token stays as it is.
        """
        if length < 2:
            return Counts(0, 0)
        masked = min(max(_rounded(self.share * length), 1), length - 1)
        return Counts(masked, min(max(_rounded(masked / self.mean_span), 1), masked, length - masked))

    def mask(self, fixed: Mask, dice: np.random.Generator) -> Mask:
        """(L,) where a token is masked. fixed: (L,) those that never are."""
        free = np.flatnonzero(~fixed)
        masked, spans = self.counts(len(free))
        mask = np.zeros(len(fixed), dtype=bool)
        if spans:
            lengths = np.empty(2 * spans, dtype=np.int64)
            lengths[0::2] = _parts(len(free) - masked, spans, dice)
            lengths[1::2] = _parts(masked, spans, dice)
            ring = np.repeat(np.arange(2 * spans) % 2 == 1, lengths)
            mask[free] = np.roll(ring, int(dice.integers(len(free))))
        return mask


def runs_of(mask: Mask) -> Runs:
    """The spans of a mask, in order."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return Runs(edges[0::2], edges[1::2])


def thinned(mask: Mask, most: int, dice: np.random.Generator) -> Mask:
    """The mask with at most so many spans: the others, drawn at random, are not masked."""
    runs = runs_of(mask)
    surplus = len(runs.starts) - most
    if surplus <= 0:
        return mask
    mask = mask.copy()
    for number in dice.permutation(len(runs.starts))[:surplus].tolist():
        mask[runs.starts[number] : runs.stops[number]] = False
    return mask


def _parts(total: int, parts: int, dice: np.random.Generator) -> NDArray[np.int64]:
    """`total` as a sum of so many numbers of at least 1, every such sum equally likely: (parts,)."""
    cuts = np.sort(dice.permutation(total - 1)[: parts - 1]) + 1
    return np.diff(cuts, prepend=0, append=total)


def _rounded(number: float) -> int:
    """Halves are rounded up: Python's own way goes to the even number."""
    return int(number + 0.5)
