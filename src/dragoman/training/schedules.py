"""The learning rate as a function of the step: a linear rise, then one of four ways down."""

from __future__ import annotations

import math
from typing import Literal

Schedule = Literal["cosine", "linear", "inverse_sqrt", "constant"]


def learning_rate_factor(step: int, total: int, warmup: int, schedule: Schedule) -> float:
    """What the highest learning rate is multiplied by at `step` (0-based) of `total`: in (0, 1].

    cosine and linear reach zero one step after the last; inverse_sqrt falls as sqrt(warmup / step) (Vaswani et al.
    2017).
    """
    if step < warmup:
        return (step + 1) / (warmup + 1)
    if schedule == "constant":
        return 1.0
    if schedule == "inverse_sqrt":
        return math.sqrt(max(warmup, 1) / max(step, 1))
    done = (step - warmup) / max(1, total - warmup)
    return (1 + math.cos(math.pi * done)) / 2 if schedule == "cosine" else 1 - done
