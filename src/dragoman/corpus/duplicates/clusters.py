"""Pairs -> clusters: whatever is linked, directly or through others, is together; its lowest member stands for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


class Clusters:
    """Union-find over pairs that come in lots. Memory: 16 bytes for each member that stands for nothing.

    members, leaders: which of them stands for each (M,), members ascending and without the leaders themselves.
    """

    def __init__(self) -> None:
        self.members = self.leaders = np.zeros(0, np.int64)

    def link(self, some: Places, others: Places) -> None:
        """Put the two of each pair into one cluster."""
        some, others = np.concatenate((self.members, some)), np.concatenate((self.leaders, others))
        names = np.unique(np.concatenate((some, others)))
        parents = _roots(len(names), np.searchsorted(names, some), np.searchsorted(names, others))
        linked = np.flatnonzero(parents != np.arange(len(names)))
        self.members, self.leaders = names[linked], names[parents[linked]]

    def leaders_of(self, places: Places) -> Places:
        """Who stands for each of `places`: itself where it is linked to nothing lower."""
        if not len(self.members):
            return places
        found = np.minimum(np.searchsorted(self.members, places), len(self.members) - 1)
        return np.where(self.members[found] == places, self.leaders[found], places)


def _roots(count: int, some: Places, others: Places) -> Places:
    """The lowest node (count,) of each node's component, given edges between nodes 0..count-1.

    All edges at a time: the higher of two roots is hung under the lower one, then every path is shortened, until both
    ends of every edge have one root. A parent is never above its child, so there are no cycles.
    """
    parents = np.arange(count)
    while len(some):
        ends = parents[some], parents[others]
        low, high = np.minimum(*ends), np.maximum(*ends)
        apart = low != high
        some, others = some[apart], others[apart]
        np.minimum.at(parents, high[apart], low[apart])
        while not np.array_equal(shorter := parents[parents], parents):
            parents = shorter
    return parents
