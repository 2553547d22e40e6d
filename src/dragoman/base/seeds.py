"""Randomness as a function of where we are, not of what ran before.

Every random draw of a run comes from `derive(seed, what, step, ...)`: validation, a resume or another number of
workers cannot shift it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager


def derive(seed: int, *parts: int | str) -> int:
    """A 63-bit seed for one place: `derive(seed, "dropout", step, micro_batch)`. Other places, independent seeds."""
    text = "\x1f".join(str(part) for part in (seed, *parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch's generators for a block and put them back as they were afterwards."""
    import torch  # here: most who derive seeds have no use for it, and it is slow to load

    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield
