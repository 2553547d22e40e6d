"""Which training rows are held out for validation.

- A function of the sources alone and the seed, not of the order of rows: rows are ranked by a hash of their source.
- Rows with equal sources (see `keys`) stay together, so that no validation source is ever trained on.
- The count is exact wherever the sizes of these groups allow it.
- Memory: 9 bytes a row (a sorted copy of the keys and the answer) beside the keys themselves (8 bytes a row).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dragoman.base.errors import RequestError
from dragoman.base.seeds import derive

CHUNK = 2**18  # rows that are looked up at once


def hold_out(keys: NDArray[np.uint64], rows: int, seed: int) -> NDArray[np.bool_]:
    """Choose validation rows: True for a row that is held out.

    keys: one for each usable row (`collect_keys`). rows: how many are wanted; at most a tenth of all are taken, but
    at least one. Where no set of groups has that size, the closest below, or else the smallest group.
    Raises RequestError where there are not two different sources.
    """
    if len(keys) == 0 or bool((keys == keys[0]).all()):
        count = "one row" if len(keys) == 1 else f"{len(keys):,} rows with one and the same source"
        raise RequestError(
            f"a model cannot be trained and measured on {count if len(keys) else 'no row'}",
            where="data.train",
            hint="add rows with other sources, or name a file to measure on in data.validation",
        )
    wanted = min(rows, max(1, len(keys) // 10))
    salt = np.uint64(derive(seed, "hold out"))
    ranks = _scramble(keys, salt)
    ranks.sort()
    chosen = np.array(_choose(ranks, wanted), dtype=np.uint64)
    held_out = np.empty(len(keys), dtype=np.bool_)
    for i in range(0, len(keys), CHUNK):
        held_out[i : i + CHUNK] = np.isin(_scramble(keys[i : i + CHUNK], salt), chosen)
    return held_out


def _choose(ranks: NDArray[np.uint64], wanted: int) -> list[np.uint64]:
    """The groups to hold out, lowest ranks first, `wanted` rows in all if that can be."""
    chosen, missing = [], wanted
    for rank, size in _groups(ranks):
        if size <= missing:
            chosen.append(rank)
            missing -= size
        if missing == 0:
            return chosen
    # First come, first served does not fill it: find out which sizes do, and take the lowest ranks of each size.
    counts = _fill_exactly(Counter(size for _, size in _groups(ranks)), wanted)
    if not counts:
        return [min(_groups(ranks), key=lambda group: group[1])[0]]
    chosen = []
    for rank, size in _groups(ranks):
        if counts[size]:
            counts[size] -= 1
            chosen.append(rank)
    return chosen


def _groups(ranks: NDArray[np.uint64]) -> Iterator[tuple[np.uint64, int]]:
    """Each different value of a sorted array, and how often it occurs."""
    start = 0
    for i in range(0, len(ranks), CHUNK):
        block = ranks[i : i + CHUNK + 1]  # one more, to see whether its last value ends there
        for end in (i + 1 + np.flatnonzero(block[1:] != block[:-1])).tolist():
            yield ranks[start], end - start
            start = end
    yield ranks[start], len(ranks) - start


def _fill_exactly(available: Counter[int], wanted: int) -> Counter[int]:
    """How many groups of each size to take so that they hold `wanted` rows, or as close below it as can be.

    available: how many groups there are of each size. A bounded subset sum: bit n of `reachable` says that n rows can
    be held out. Different sizes are few (their sum is at most the number of rows), so this is quick.
    """
    stages, reachable, below = [], 1, (1 << (wanted + 1)) - 1
    sizes = sorted(size for size in available if size <= wanted)
    for size in sizes:
        stages.append(reachable)
        count, step = min(available[size], wanted // size), 1
        while count:  # count shifts by one, as shifts by 1, 2, 4, ... and the rest
            step = min(step, count)
            reachable |= (reachable << (step * size)) & below
            count, step = count - step, step * 2
    total = reachable.bit_length() - 1
    taken: Counter[int] = Counter()
    for size, before in zip(reversed(sizes), reversed(stages), strict=True):
        while not before >> total & 1:
            taken[size] += 1
            total -= size
    return taken


def _scramble(keys: NDArray[np.uint64], salt: np.uint64) -> NDArray[np.uint64]:
    """Another order for each seed: the finalizer of SplitMix64 (Steele, Lea and Flood 2014), which is one to one."""
    mixed = keys ^ salt
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return mixed
