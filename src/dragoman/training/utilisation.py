"""How much of what a device can do a training makes use of: model FLOPs a second, over those of a single product.

The single product is that of two large square matrices, in the type that the training computes in, measured in the
same process and between the same steps: other programs on the machine slow down both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

import torch

from dragoman.base.progress import say
from dragoman.training.checkpoints import State
from dragoman.training.work import total_work

SIZES = {"cpu": 2048}  # of the product's matrices
LARGE = 8192  # of other devices'
EVERY = 60.0  # seconds between two measurements, at least
WORTH = 10.0  # seconds in steps: what is shorter says nothing


class Gauge:
    """Measures single products while a training runs."""

    def __init__(self, device: torch.device, dtype: torch.dtype):
        self.device, self.dtype = device, dtype
        self.rates: list[float] = []
        self.looked_at = time.monotonic()

    def look(self) -> None:
        """Measure, unless that was done within the last minute."""
        if time.monotonic() - self.looked_at >= EVERY:
            self.rates.append(product_rate(self.device, self.dtype))
            self.looked_at = time.monotonic()

    def read(self, work: Callable[[], Sequence[int]], state: State) -> dict[str, float]:
        """For metrics.jsonl: FLOPs of all steps together, and a second, of the product too, and the share. Says so.

        work: of a row (`training.work.row_work`). Empty where there is nothing to say.
        """
        if state.stepping < WORTH:
            return {}
        try:
            flops = total_work(work(), state.moments)
            peak = median(self.rates or [product_rate(self.device, self.dtype)])
        except Exception as error:  # no training fails for a figure
            reason = str(error).partition("\n")[0]
            say(f"utilisation was not measured: {reason}", "yellow")
            return {}
        rate = flops / state.stepping
        say(
            f"{rate / 1e9:,.0f} GFLOP/s in the model's matrix products over whole steps, {rate / peak:.1%} of the "
            f"{peak / 1e9:,.0f} of one large product",
            "dim",
        )
        return {
            "flops": flops,
            "flops_per_second": round(rate),
            "product_flops_per_second": round(peak),
            "utilisation": round(rate / peak, 4),
        }


def product_rate(device: torch.device, dtype: torch.dtype, *, times: int = 3) -> float:
    """FLOP/s of one large product, the best of a few."""
    n = SIZES.get(device.type, LARGE)
    dice = torch.Generator(device=device).manual_seed(0)  # of its own: a training's numbers are not shifted
    x, y = (torch.randn(n, n, device=device, generator=dice).to(dtype) for _ in range(2))
    seconds = []
    for _ in range(times + 1):
        _wait(device)
        began = time.perf_counter()
        x @ y
        _wait(device)
        seconds.append(time.perf_counter() - began)
    return 2 * n**3 / min(seconds[1:])


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
