from itertools import product
from math import prod

from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.recipe.schema.synthesis import Generate
from dragoman.synthesis.grid import Cell, quotas, spread


@settings(deadline=None)
@given(st.integers(0, 400), st.lists(st.integers(1, 6), min_size=1, max_size=4), st.integers(0, 5))
def test_a_total_is_spread_evenly_over_cells_and_over_every_axis(total, sizes, seed):
    counts = spread(total, sizes, seed)
    assert len(counts) == prod(sizes)
    assert sum(counts) == total
    assert max(counts) - min(counts) <= 1
    places = list(product(*map(range, sizes)))
    for axis, size in enumerate(sizes):
        sums = [sum(n for place, n in zip(places, counts, strict=True) if place[axis] == v) for v in range(size)]
        assert max(sums) - min(sums) <= 1


def test_the_seed_says_who_gets_what_is_left_over():
    drawn = {tuple(spread(7, [3, 4, 2], seed)) for seed in range(20)}
    assert len(drawn) > 10
    assert spread(7, [3, 4, 2], 3) == spread(7, [3, 4, 2], 3)


def test_cells_are_all_combinations():
    grid = Generate(topics=["a", "b"], levels=["A1", "C2"], registers=["neutral"], lengths=["short"])
    found = quotas(grid, 100, 1)
    assert len(found) == 2 * 2 * 1 * 1 * 2
    assert sum(found.values()) == 100
    assert Cell("b", "C2", "neutral", "short", "target-to-source") in found
