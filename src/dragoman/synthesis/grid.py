"""The grid that pairs are written over, and how many pairs each of its cells gets."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from dragoman.base.seeds import derive
from dragoman.recipe.schema.synthesis import Generate


class Cell(NamedTuple):
    """Where in the grid a pair belongs."""

    topic: str
    level: str
    register: str
    length: str
    direction: str


def quotas(grid: Generate, pairs: int, seed: int) -> dict[Cell, int]:
    """The cells in the recipe's order, each with its number of pairs, in the sum `pairs`."""
    axes: list[Sequence[str]] = [grid.topics, grid.levels, grid.registers, grid.lengths, grid.directions]
    counts = spread(pairs, [len(axis) for axis in axes], seed)
    return {Cell(*values): count for values, count in zip(product(*axes), counts, strict=True)}


def spread(total: int, sizes: Sequence[int], seed: int) -> list[int]:
    """Cut a total into the cells of a grid, the last axis running fastest.

    No two cells differ by more than 1, and neither do the sums over all cells of any two values of one axis: what is
    left over at each division goes to the axis's values in turn, in an order drawn by the seed.
    """
    orders = []
    for axis, size in enumerate(sizes):
        order = list(range(size))
        random.Random(derive(seed, "grid", axis)).shuffle(order)
        orders.append(order)
    turns = [0] * len(sizes)

    def share(amount: int, axis: int) -> list[int]:
        if axis == len(sizes):
            return [amount]
        each, left = divmod(amount, sizes[axis])
        counts = [each] * sizes[axis]
        for _ in range(left):
            counts[orders[axis][turns[axis] % sizes[axis]]] += 1
            turns[axis] += 1
        return [count for part in counts for count in share(part, axis + 1)]

    return share(total, 0)
