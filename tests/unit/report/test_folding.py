from hypothesis import given
from hypothesis import strategies as st

from dragoman.planning.architecture import Block, Layer, Part
from dragoman.report.folding import fold


def blocks(looks: str) -> list[Block]:
    """A block for each letter; equal letters look equal."""
    return [
        Block(n, (Part("attention", (Layer(f"{n}.{look}", "linear", (4, 4), 16, trains=False),)),), ())
        for n, look in enumerate(looks)
    ]


def shape(looks: str) -> list[tuple[int, list[tuple[str, int]]]]:
    return [(one.times, [(group.numbers, group.neighbours) for group in one.groups]) for one in fold(blocks(looks))]


def test_equal_neighbours_are_one_group():
    assert shape("aaaa") == [(1, [("blocks 0–3", 4)])]
    assert shape("abbccc") == [(1, [("block 0", 1)]), (1, [("blocks 1–2", 2)]), (1, [("blocks 3–5", 3)])]


def test_a_pattern_that_repeats_is_drawn_once():
    assert shape("ccaccaccacacacac") == [
        (3, [("blocks 0–1, 3–4, 6–7", 2), ("blocks 2, 5, 8", 1)]),
        (3, [("blocks 9, 11, 13", 1), ("blocks 10, 12, 14", 1)]),
        (1, [("block 15", 1)]),
    ]


@given(st.text("abc", max_size=24))
def test_unfolding_gives_the_blocks_back(looks):
    unfolded = []
    for one in fold(blocks(looks)):
        for turn in range(one.times):
            for group in one.groups:
                each = len(group.blocks) // one.times
                unfolded += group.blocks[turn * each : (turn + 1) * each]
    assert [block.number for block in unfolded] == list(range(len(looks)))


@given(st.text("ab", max_size=12))
def test_a_group_holds_equal_blocks_only(looks):
    for one in fold(blocks(looks)):
        for group in one.groups:
            assert len({looks[block.number] for block in group.blocks}) == 1
