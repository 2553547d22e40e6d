"""Numbers by 64-bit keys, for many millions of them: 12 bytes an entry, added one by one.

The newest entries are in a dictionary. When that is full it becomes two sorted arrays, and arrays of about the same
size are merged, so that there are few of them and each entry is moved a few times in all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NEWEST = 1 << 16  # entries of the dictionary


class KeyIndex:
    """A key may have several numbers; they are found in the order in which they were added."""

    def __init__(self, newest: int = NEWEST):
        self._limit, self._waiting = newest, 0
        self._newest: dict[int, list[int]] = {}
        self._levels: list[tuple[NDArray[np.uint64], NDArray[np.uint32]]] = []  # the oldest and largest first

    def __len__(self) -> int:
        return self._waiting + sum(len(keys) for keys, _ in self._levels)

    def add(self, key: int, number: int) -> None:
        """key: below 2^64. number: below 2^32."""
        self._newest.setdefault(key, []).append(number)
        self._waiting += 1
        if self._waiting >= self._limit:
            self._settle()

    def find(self, keys: Sequence[int], most: int | None = None) -> list[int]:
        """The numbers of these keys, each once, ascending. most: of one key, the first so many at least."""
        found: set[int] = set()
        wanted = np.array(keys, np.uint64)
        for known, numbers in self._levels:
            for first, last in zip(*(np.searchsorted(known, wanted, side) for side in ("left", "right")), strict=True):
                if first < last:
                    found.update(numbers[first : last if most is None else min(last, first + most)].tolist())
        for key in keys:
            found.update(self._newest.get(key, ())[:most])
        return sorted(found)

    def _settle(self) -> None:
        entries = sorted((key, number) for key, own in self._newest.items() for number in own)
        self._push(np.array([key for key, _ in entries], np.uint64), np.array([n for _, n in entries], np.uint32))
        self._newest, self._waiting = {}, 0

    def _push(self, keys: NDArray[np.uint64], numbers: NDArray[np.uint32]) -> None:
        while self._levels and len(self._levels[-1][0]) < 2 * len(keys):
            older_keys, older_numbers = self._levels.pop()
            keys, numbers = np.concatenate((older_keys, keys)), np.concatenate((older_numbers, numbers))
            order = np.argsort(keys, kind="stable")  # of equal keys the older stay in front
            keys, numbers = keys[order], numbers[order]
        self._levels.append((keys, numbers))
