"""Hidden states as rows: all positions of a ragged batch below one another, then filler (`base.device.filler`).

What stands in the filler never matters: attention leaves it out, and no label is at a position of it.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from dragoman.base.device import filler

Shape = tuple[int, int]  # batch, length


def filled(x: Tensor) -> Tensor:
    """Rows (N, D) and their filler of zeros: (M, D)."""
    extra = filler(len(x), x.device, x.dtype)
    return F.pad(x, (0, 0, 0, extra)) if extra else x
