"""A picture of a model under a method: stacks, blocks and layers, what is frozen, what trains, where adapters sit.

Read from top to bottom: embedding, blocks, head; the encoder left of the decoder that reads it. Equal blocks are drawn
once.
"""

from __future__ import annotations

from collections.abc import Sequence

from dragoman.planning.architecture import Architecture, Layer, Layers, Stack
from dragoman.planning.what_trains import percentage
from dragoman.report.drawing import arrow_head, box, drawing, line, words
from dragoman.report.folding import Fold, drawn, fold
from dragoman.report.html import Html
from dragoman.report.numbers import count, short_count
from dragoman.report.parts import BAR, Piece, badge_of, bar_box, block_card, legend

WIDTH, MARGIN, GUTTER = 800, 24, 40
STEP = 20  # of an arrow between neighbours
LEAD = 52  # of the arrow into a stack
FRAME = 10  # around a pattern that repeats
TUNING = {"full": "all weights", "lora": "LoRA", "qlora": "QLoRA"}


def architecture_svg(architecture: Architecture) -> str:
    """A self-contained SVG, 800 wide, that follows light and dark."""
    crossing = len(architecture.stacks) > 1
    inner = WIDTH - 2 * MARGIN
    shapes, down = _heading(architecture, inner)
    key = legend(MARGIN, down, inner, architecture, crossing=crossing)
    shapes += key.shapes
    down += key.height + 20
    first = _embeddings(MARGIN, down, inner, architecture)
    shapes += first.shapes
    down += first.height
    columns = [(inner - GUTTER * (len(architecture.stacks) - 1)) / len(architecture.stacks)] * len(architecture.stacks)
    made = []
    for number, stack in enumerate(architecture.stacks):
        left = MARGIN + number * (columns[0] + GUTTER)
        made.append(_stack(left, down, columns[0], stack, wide=not crossing))
        shapes += made[-1].shapes
    if crossing:
        shapes += _flow(MARGIN + columns[0] / 2, down + made[0].height, MARGIN + columns[0], made[1].cross)
    left = WIDTH - MARGIN - columns[0]
    bottom = down + made[-1].height
    shapes += _arrow(left + columns[0] / 2, bottom)
    shapes += _head(left, bottom + STEP, columns[0], architecture).shapes
    bottom = max(bottom + STEP + BAR, down + made[0].height + (STEP if crossing else 0))
    shapes.append(words(MARGIN, bottom + 26, _not_drawn(architecture), inner, size=10.5, class_="muted"))
    height = bottom + 42
    paper = box(0.5, 0.5, WIDTH - 1, height - 1, "paper", 10)
    title = f"{architecture.name}, {TUNING[architecture.tuning]}: {_share(architecture)}"
    return str(drawing(WIDTH, height, title, [paper, *shapes]))


def _heading(architecture: Architecture, width: float) -> tuple[list[Html], float]:
    shapes = [
        words(MARGIN, 42, architecture.name, width - 120, size=20, bold=True),
        words(WIDTH - MARGIN, 42, TUNING[architecture.tuning], 110, size=14, anchor="end", class_="muted"),
        words(MARGIN, 64, _share(architecture), width, size=12.5, class_="muted"),
    ]
    return shapes, 80


def _share(architecture: Architecture) -> str:
    part, whole = architecture.trainable, architecture.total
    return f"{count(part)} of {count(whole)} parameters train ({percentage(part, whole)})"


def _embeddings(x: float, y: float, width: float, architecture: Architecture) -> Piece:
    layers = Layers(architecture.embeddings)
    token, others = architecture.token_embedding, len(architecture.embeddings) - 1
    text = f"{token.shape[0]:,} tokens × {token.shape[1]}"
    text += ", for encoder and decoder" if len(architecture.stacks) > 1 and others == 0 else ""
    text += f", and {others} more" if others else ""
    return bar_box(x, y, width, "embedding", text, short_count(layers.parameters), layers)


def _head(x: float, y: float, width: float, architecture: Architecture) -> Piece:
    head = architecture.head
    if head is None:
        return bar_box(x, y, width, "head", "the embedding again", "", Layers(architecture.embeddings))
    text = f"{head.shape[1]} → {head.shape[0]:,}"
    return bar_box(x, y, width, "head", text, short_count(head.parameters), Layers((head,)))


def _stack(x: float, y: float, width: float, stack: Stack, *, wide: bool) -> Piece:
    """From the arrow that enters it down to its last block."""
    middle = x + width / 2
    piece = Piece(0, list(_arrow(middle, y, long=LEAD)))
    title = f"{len(stack.blocks)} blocks, {short_count(stack.parameters)}"
    piece.shapes.append(words(x, y + 34, stack.name, width / 2 - 12, size=15, bold=True))
    piece.shapes.append(words(x + width, y + 34, title, width / 2 - 12, size=11, class_="muted", anchor="end"))
    down = y + LEAD
    for number, one in enumerate(fold(stack.blocks)):
        if number:
            piece.shapes += _arrow(middle, down)
            down += STEP
        made = _fold(x, down, width, one, wide=wide)
        piece.add(made)
        down += made.height
    piece.height = down - y
    return piece


def _fold(x: float, y: float, width: float, one: Fold, *, wide: bool) -> Piece:
    frame = FRAME if one.times > 1 else 0
    piece, down = Piece(0), y + (frame + 8 if frame else 0)
    for number, group in enumerate(one.groups):
        if number:
            piece.shapes += _arrow(x + width / 2, down)
            down += STEP
        made = block_card(x + frame, down, width - 2 * frame, group, side_by_side=wide)
        piece.add(made)
        down += made.height
    piece.height = down + frame - y
    if frame:
        around = box(x, y, width, piece.height, "again", 10)
        piece.shapes = [around, *badge_of(x + FRAME + 2, y - 8, f"{one.times} times over").shapes, *piece.shapes]
    return piece


def _arrow(x: float, y: float, long: float = STEP) -> Sequence[Html]:
    return line([(x, y), (x, y + long - 7)], "stream"), arrow_head(x, y + long - 1, "stream-head")


def _flow(x: float, y: float, edge: float, heights: Sequence[float]) -> list[Html]:
    """The encoder's output, from below its last block (x, y) along its column's edge to each cross-attention."""
    if not heights:
        return []
    turn, low, end = edge + 12, y + 12, edge + GUTTER + 10
    ends = [min(heights), max(*heights, low)]
    shapes = [line([(x, y), (x, low), (turn, low)], "flow"), line([(turn, ends[0]), (turn, ends[1])], "flow")]
    for height in heights:
        shapes += [line([(turn, height), (end - 6, height)], "flow"), arrow_head(end, height, "flow-head", right=True)]
    return shapes


def _not_drawn(architecture: Architecture) -> str:
    """Where the rest of the total is."""
    inside = [part for stack in architecture.stacks for block in stack.blocks for part in block.parts]
    shown: list[Layer] = [layer for part in inside for layer in drawn(part)]
    shown += [*architecture.embeddings, *([architecture.head] if architecture.head else [])]
    rest = architecture.parameters - sum(layer.parameters for layer in shown)
    return f"Not drawn: norms and the like, {count(rest)} parameters together." if rest else ""
