"""Whether a score, or a difference of two, may be chance: the bootstrap over rows.

A resample draws as many rows as there are, with replacement, and is scored as the set was: from the sums of the rows'
statistics (see `metrics`), so that every metric is resampled alike. The same seed draws the same rows for every system
and metric: that is what pairs two systems (Koehn 2004, "Statistical Significance Tests for Machine Translation
Evaluation").
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dragoman.evaluation.metrics import Array, Metric

RESAMPLES = 1000
CONFIDENCE = 0.95
SEED = 12345  # sacreBLEU's
_DRAWN_AT_ONCE = 2**20  # rows, about 24 MB


class Interval(NamedTuple):
    low: float
    high: float


def resampled_values(metric: Metric, statistics: Array, *, resamples: int = RESAMPLES, seed: int = SEED) -> Array:
    """(resamples,) values of a metric on resamples of the rows of `statistics` (rows, k)."""
    return metric.values(resampled_sums(statistics, resamples, seed))


def resampled_sums(statistics: Array, resamples: int, seed: int) -> Array:
    """(resamples, k): the sums of resampled rows. What is drawn depends on the seed and the number of rows alone."""
    rows, draw = len(statistics), np.random.default_rng(seed)
    several = max(1, _DRAWN_AT_ONCE // rows)
    parts = []
    for begin in range(0, resamples, several):
        now = min(several, resamples - begin)
        drawn = draw.integers(rows, size=(now, rows)) + rows * np.arange(now)[:, None]
        times = np.bincount(drawn.ravel(), minlength=now * rows).reshape(now, rows)  # each row is in each resample
        parts.append(times.astype(np.float64) @ statistics)
    return np.concatenate(parts)


def interval(values: Array) -> Interval:
    """The percentile interval of resampled values that holds CONFIDENCE of them."""
    outside = 50 * (1 - CONFIDENCE)
    with np.errstate(invalid="ignore"):  # between infinities
        low, high = np.percentile(values, [outside, 100 - outside])
    return Interval(float(low), float(high))


def p_value(difference: float, resampled: Array) -> float:
    """How likely a difference as large is by chance alone.

    difference: of the values on all rows. resampled: (resamples,) differences on the same resamples. Computed as
    sacreBLEU's PairedTest does: how often the size of a difference exceeds its mean by more than the size found. But
    for systems that never differ it is 1, where sacreBLEU has the smallest there is.
    """
    if not difference and not resampled.any():
        return 1.0
    sizes = np.abs(resampled)
    return float((np.sum(sizes - sizes.mean() > abs(difference)) + 1) / (len(resampled) + 1))
