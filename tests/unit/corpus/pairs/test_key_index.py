from __future__ import annotations

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpus.pairs.key_index import KeyIndex

KEYS = st.sampled_from([0, 1, 2, 3, 7, 2**32, 2**63, 2**64 - 1])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(KEYS, max_size=60), st.integers(1, 7), st.lists(KEYS, max_size=3))
def test_it_is_a_dictionary_of_lists(keys, newest, wanted):
    index, plain = KeyIndex(newest), defaultdict(list)
    for number, key in enumerate(keys):
        index.add(key, number)
        plain[key].append(number)
    assert len(index) == len(keys)
    assert index.find(wanted) == sorted(set().union(*(plain[key] for key in wanted)))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(KEYS, max_size=60), st.integers(1, 7), KEYS, st.integers(1, 4))
def test_the_first_of_many(keys, newest, wanted, most):
    index = KeyIndex(newest)
    for number, key in enumerate(keys):
        index.add(key, number)
    whole = [number for number, key in enumerate(keys) if key == wanted]
    some = index.find([wanted], most)
    assert some[: min(most, len(whole))] == whole[:most]
    assert set(some) <= set(whole)


def test_arrays_are_few_and_keep_their_order():
    index = KeyIndex(4)
    for number in range(1000):
        index.add(number % 5, number)
    assert len(index._levels) <= 9
    assert index.find([3]) == list(range(3, 1000, 5))
