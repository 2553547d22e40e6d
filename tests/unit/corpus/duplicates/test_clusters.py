import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpus.duplicates.clusters import Clusters

PAIRS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=60)


def components(pairs):
    """The same by another way: repaint until nothing changes."""
    colours = {node: node for pair in pairs for node in pair}
    for a, b in pairs:
        old, new = max(colours[a], colours[b]), min(colours[a], colours[b])
        colours = {node: new if colour == old else colour for node, colour in colours.items()}
    return colours


def link(clusters, pairs):
    some, others = np.array(pairs, np.int64).reshape(-1, 2).T
    clusters.link(some, others)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(PAIRS, max_size=4))
def test_everything_that_is_linked_has_the_lowest_as_its_leader(lots):
    clusters = Clusters()
    for pairs in lots:
        link(clusters, pairs)
    wanted = components([pair for pairs in lots for pair in pairs])
    members = dict(zip(clusters.members.tolist(), clusters.leaders.tolist(), strict=True))
    assert members == {node: leader for node, leader in wanted.items() if node != leader}
    assert clusters.members.tolist() == sorted(members)
    everyone = np.arange(45)
    assert clusters.leaders_of(everyone).tolist() == [wanted.get(node, node) for node in range(45)]


def test_a_long_chain_in_the_worst_order():
    order = np.random.default_rng(3).permutation(20_000)
    clusters = Clusters()
    clusters.link(order[:-1], order[1:])
    assert clusters.members.tolist() == list(range(1, 20_000))
    assert set(clusters.leaders.tolist()) == {0}
