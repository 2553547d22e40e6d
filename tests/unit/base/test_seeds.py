import torch
from hypothesis import given
from hypothesis import strategies as st

from dragoman.base.seeds import derive, seeded

parts = st.lists(st.one_of(st.integers(), st.text(alphabet="ab\x1f1", max_size=3)), max_size=3)


@given(st.integers(0, 2**63), parts)
def test_a_seed_is_63_bits_and_always_the_same(seed, place):
    assert 0 <= derive(seed, *place) < 2**63
    assert derive(seed, *place) == derive(seed, *place)


def test_other_places_have_other_seeds():
    places = [(seed, what, step, m) for seed in range(5) for what in ("a", "b") for step in range(20) for m in range(5)]
    assert len({derive(*place) for place in places}) == len(places)
    assert derive(1, 23) != derive(12, 3)


def test_a_block_draws_the_same_and_disturbs_nothing():
    torch.manual_seed(0)
    expected = torch.rand(2)
    torch.manual_seed(0)
    draws = []
    for _ in range(2):
        with seeded(5):
            draws.append(torch.rand(3))
    assert torch.equal(*draws)
    assert torch.equal(torch.rand(2), expected)
