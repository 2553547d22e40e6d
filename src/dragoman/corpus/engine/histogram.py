"""How a measure is spread, over bins that are the same for every measure, so that shards' counts simply add up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

BELOW_ONE = 50  # bins of equal width: shares and ratios
A_DECADE = 10  # bins of equal ratio above: counts and lengths
DECADES = 7
BINS = BELOW_ONE + A_DECADE * DECADES


def count_bins(values: NDArray[Any]) -> Counts:
    """How many of the values are in each bin (BINS,). What is no number is left out; the last bin is open.

    A whole share, 1, is in the last bin of shares.
    """
    values = np.asarray(values, np.float64)
    values = values[np.isfinite(values)]
    above = BELOW_ONE + np.log10(np.maximum(values, 1)) * A_DECADE
    below = np.minimum(values * BELOW_ONE, BELOW_ONE - 1)
    places = np.where(values <= 1, below, above).astype(np.int64)
    return np.bincount(np.clip(places, 0, BINS - 1), minlength=BINS)


def bin_edges() -> NDArray[np.float64]:
    """(BINS + 1,)"""
    return np.concatenate((np.arange(BELOW_ONE) / BELOW_ONE, 10 ** (np.arange(A_DECADE * DECADES + 1) / A_DECADE)))
