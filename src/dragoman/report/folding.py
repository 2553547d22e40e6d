"""Equal blocks of a stack drawn once: neighbours, and patterns that repeat (two of one kind, one of another, again)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from dragoman.planning.architecture import Block, Counted, Layer

LONGEST = 8  # blocks of a pattern


@dataclass(frozen=True)
class Group:
    """Equal blocks: `blocks` in all, `neighbours` of them in each repetition of the pattern."""

    blocks: tuple[Block, ...]
    neighbours: int

    @property
    def block(self) -> Block:
        return self.blocks[0]

    @property
    def numbers(self) -> str:
        """ "blocks 0-1, 3-4"."""
        numbers = [block.number for block in self.blocks]
        runs = [list(run) for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
        written = [f"{run[0][1]}" if len(run) == 1 else f"{run[0][1]}–{run[-1][1]}" for run in runs]
        return f"block{'s' if len(numbers) > 1 else ''} {', '.join(written)}"


@dataclass(frozen=True)
class Fold:
    """Groups that come one after the other, `times` times over."""

    groups: tuple[Group, ...]
    times: int


def fold(blocks: Sequence[Block]) -> list[Fold]:
    """The blocks in order, as few folds."""
    looks = [_look(block) for block in blocks]
    folds, place = [], 0
    while place < len(blocks):
        period, times = _repeats(looks[place:])
        runs = list(_neighbours(looks[place : place + period]))
        groups = [
            Group(tuple(blocks[place + turn * period + i] for turn in range(times) for i in run), len(run))
            for run in runs
        ]
        if len(groups) == 1:  # nothing but neighbours: no pattern to speak of
            folds.append(Fold((Group(groups[0].blocks, len(groups[0].blocks)),), 1))
        else:
            folds.append(Fold(tuple(groups), times))
        place += period * times
    return folds


def _repeats(looks: Sequence[object]) -> tuple[int, int]:
    """The period that covers most of the beginning, with how often it comes; the shortest of equals."""
    best = (1, 1)
    for period in range(1, min(LONGEST, len(looks) // 2) + 1):
        times = 1
        while looks[times * period : (times + 1) * period] == looks[:period]:
            times += 1
        if times > 1 and period * times > best[0] * best[1]:
            best = (period, times)
    return best


def _neighbours(looks: Sequence[object]) -> Iterator[list[int]]:
    for _, run in groupby(range(len(looks)), lambda i: looks[i]):
        yield list(run)


def _look(block: Block) -> object:
    """All that is drawn of a block."""
    return [(part.kind, part.head_width, [_layer(layer) for layer in drawn(part)]) for part in block.parts]


def _layer(layer: Layer) -> object:
    return layer.label, layer.shape, layer.trains, layer.four_bit, layer.rank


def drawn(part: Counted) -> list[Layer]:
    """The layers of a part that are worth a box: not its norms and position biases."""
    return [layer for layer in part.layers if layer.kind not in ("norm", "embedding")]
