import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from dragoman.planning.names import compress_names


def expand(pattern: str) -> set[str]:
    """All names that a pattern stands for."""
    choices = []
    for part in pattern.split("."):
        choices.append(set())
        for choice in part.strip("{}").split(","):
            ends = re.fullmatch(r"(\d+):(\d+)", choice)
            choices[-1] |= {str(n) for n in range(int(ends[1]), int(ends[2]) + 1)} if ends else {choice}
    return {".".join(parts) for parts in itertools.product(*choices)}


def expand_all(patterns: list[str]) -> list[str]:
    return [name for pattern in patterns for name in expand(pattern.replace("..", ":"))]


def test_blocks_and_layers_become_one_pattern():
    names = [f"encoder.block.{n}.layer.0.SelfAttention.{x}" for n in range(8) for x in "qv"]
    assert compress_names(names) == ["encoder.block.{0..7}.layer.0.SelfAttention.{q,v}"]


def test_scattered_numbers_are_listed():
    names = [f"model.layers.{n}.self_attn.{x}" for n in (2, 5, 6, 8, 9, 10) for x in ("q_proj", "v_proj")]
    assert compress_names(names) == ["model.layers.{2,5,6,8..10}.self_attn.{q_proj,v_proj}"]


def test_what_does_not_fit_one_pattern_gets_several():
    assert compress_names(["a.0.q", "a.0.v", "a.1.q", "b"]) == ["a.0.{q,v}", "a.1.q", "b"]


PARTS = st.sampled_from(["a", "b", "q", "v", "0", "1", "2", "3", "10", "11"])


@given(st.sets(st.lists(PARTS, min_size=1, max_size=4).map(".".join), max_size=30))
def test_patterns_stand_for_exactly_the_names_once_each(names):
    patterns = compress_names(names)
    assert sorted(expand_all(patterns)) == sorted(names)
    assert len(patterns) <= len(names)


@given(st.sets(st.integers(0, 30), min_size=1), st.sets(st.sampled_from("qkvo"), min_size=1))
def test_a_product_is_one_pattern(numbers, letters):
    names = [f"x.{n}.y.{letter}" for n in numbers for letter in letters]
    assert len(compress_names(names)) == 1
