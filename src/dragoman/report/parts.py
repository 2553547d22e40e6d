"""The pieces that a drawing of a model is made of: a layer, a part of a block, a block, a wide bar, a legend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dragoman.planning.architecture import Architecture, Counted, Layer, Part
from dragoman.report.drawing import box, line, snowflake, text_width, words
from dragoman.report.folding import Group, drawn
from dragoman.report.html import Html
from dragoman.report.numbers import count, short_count

GAP = 6  # between neighbours
INSET = 12  # of a card's content
LAYER, STRIP = 34, 17  # heights of a layer's box, and of the strip for its adapter
NARROWEST, MOST = 74, 12  # width of a layer's box, layers of one part
TITLE, HEADER, BAR = 20, 34, 38  # heights

NAMES = {"attention": "self-attention", "other": "other layers"}


@dataclass
class Piece:
    """Shapes that stand together. cross: heights at which attention to the encoder is drawn."""

    height: float
    shapes: list[Html] = field(default_factory=list)
    cross: list[float] = field(default_factory=list)

    def add(self, other: Piece) -> None:
        self.shapes += other.shapes
        self.cross += other.cross


def block_card(x: float, y: float, width: float, group: Group, *, side_by_side: bool) -> Piece:
    """A block, or several equal ones. side_by_side: its parts in a row, where the card is wide."""
    parts = group.block.parts
    inner = width - 2 * INSET
    each = (inner - INSET * (len(parts) - 1)) / len(parts) if side_by_side else inner
    piece, down = Piece(0), y + HEADER
    heights = []
    for number, part in enumerate(parts):
        left = x + INSET + (number * (each + INSET) if side_by_side else 0)
        made = part_box(left, down, each, part)
        piece.add(made)
        heights.append(made.height)
        down += 0 if side_by_side else made.height + 10
    piece.height = HEADER + (max(heights) if side_by_side else sum(heights) + 10 * (len(heights) - 1)) + INSET
    trains = group.block.trainable > 0
    card = box(x, y, width, piece.height, "card-trains" if trains else "card", 8)
    piece.shapes = [card, *_card_header(x + INSET, y + 21, inner, group), *piece.shapes]
    return piece


def _card_header(x: float, y: float, width: float, group: Group) -> Iterator[Html]:
    block, times = group.block, len(group.blocks)
    status = state(block, each=times > 1)
    right = x + width
    yield words(right, y, status, 170, size=11, anchor="end", class_="accent" if block.trainable else "muted")
    taken = text_width(status, 11)
    if not block.trainable:
        yield snowflake(right - taken - 11, y - 4, "ice")
        taken += 18
    yield words(x, y, group.numbers, width - taken - 110, size=13, bold=True)
    x += min(text_width(group.numbers, 13, bold=True), width - taken - 110) + 8
    if times > 1:
        badge = badge_of(x, y - 12, f"× {times}")
        yield from badge.shapes
        x += badge.height + 8
    each = f"{short_count(block.parameters)}{' each' if times > 1 else ''}"
    yield words(x, y, each, right - taken - 8 - x, size=11, class_="muted")


def badge_of(x: float, y: float, text: str) -> Piece:
    """A small dark label, whose `height` is its width: it stands in a line."""
    width = text_width(text, 11, bold=True) + 12
    shapes = [
        box(x, y, width, 16, "badge", 8),
        words(x + 6, y + 12, text, width, size=11, class_="on-badge", bold=True),
    ]
    return Piece(width, shapes)


def state(layers: Counted, *, each: bool = False) -> str:
    """What a method does with these layers, in words. each: they stand for several of their kind."""
    if layers.adapter_parameters:
        return f"adapters: {count(layers.adapter_parameters)}{' each' if each else ''}"
    return "trains" if layers.trainable else "frozen"


def part_box(x: float, y: float, width: float, part: Part) -> Piece:
    """A title line, and a box for each layer below it."""
    layers = _ordered(drawn(part))
    room, size = width, 12.0
    amount = short_count(sum(layer.parameters for layer in drawn(part)))
    name = NAMES.get(part.kind, part.kind)
    shapes = [words(x, y + 12, name, room, size=size, bold=True)]
    shapes.append(words(x + width, y + 12, amount, 70, size=11, class_="muted", anchor="end"))
    left = text_width(name, size, bold=True) + 8
    shapes.append(
        words(x + left, y + 12, detail(part), room - left - text_width(amount, 11) - 8, size=11, class_="muted")
    )
    piece = Piece(TITLE, shapes)
    a_row = max(1, int((width + GAP) // (NARROWEST + GAP)))
    for first in range(0, len(layers), a_row):
        row = layers[first : first + a_row]
        each = (width - GAP * (min(a_row, len(layers)) - 1)) / min(a_row, len(layers))
        high = LAYER + (STRIP if any(layer.rank for layer in row) else 0)
        for place, layer in enumerate(row):
            piece.shapes += layer_box(x + place * (each + GAP), y + piece.height, each, layer)
        piece.height += high + GAP
    piece.height -= GAP if layers else 0
    if part.kind == "cross-attention":
        piece.cross = [y + TITLE + LAYER / 2]
    return piece


def _ordered(layers: Sequence[Layer]) -> list[Layer]:
    """Queries, keys, values and what goes in, then the others as they come; what is too much for a picture left out."""
    return sorted(layers[:MOST], key=lambda layer: f"qkvi{layer.label[0]}".index(layer.label[0]))


def layer_box(x: float, y: float, width: float, layer: Layer) -> list[Html]:
    """Its name and widths, with a strip for its adapter where it has one."""
    class_ = "trains" if layer.trains else "frozen-4bit" if layer.four_bit else "frozen"
    middle, room = x + width / 2, width - 8
    shapes = [
        box(x, y, width, LAYER + (STRIP if layer.rank else 0), class_),
        words(middle, y + 14, layer.label, room, size=11.5, anchor="middle", bold=bool(layer.rank)),
        words(middle, y + 27, widths(layer), room, size=9.5, anchor="middle", class_="muted"),
    ]
    if layer.rank:
        text = f"r {layer.rank} · {count(layer.adapter_parameters)}"
        shapes.append(box(x + 3, y + LAYER, width - 6, STRIP - 3, "adapter", 4))
        shapes.append(
            words(middle, y + LAYER + 10.5, text, width - 10, size=9.5, anchor="middle", class_="on-adapter", bold=True)
        )
    return shapes


def widths(layer: Layer) -> str:
    """ "512 → 2048" of a linear layer."""
    if layer.kind == "linear":
        return f"{layer.shape[1]} → {layer.shape[0]}"
    return " × ".join(str(size) for size in layer.shape if size > 1)


def detail(part: Part) -> str:
    """What its widths mean: heads, or the hidden width."""
    if heads := _heads(part):
        queries, shared = heads
        return f"{queries} heads of {part.head_width}" + (f" ({shared} for k, v)" if shared != queries else "")
    if part.kind == "feed-forward" and part.linear_layers:
        wide = [layer.shape[0] for layer in part.linear_layers]
        return f"{max(wide)} wide" + (", gated" if wide.count(max(wide)) == 2 else "")
    kernels = [layer.shape[-1] for layer in part.layers if layer.kind == "convolution"]
    return f"over {kernels[0]} tokens" if kernels else ""


def _heads(part: Part) -> tuple[int, int] | None:
    """Heads of the queries, and of the keys and values: from layers for each of them or for several at once."""
    if not part.head_width:
        return None
    gives = {layer.label.removesuffix("_proj"): layer.shape[0] // part.head_width for layer in part.linear_layers}
    if "q" in gives:
        return gives["q"], gives["kv"] // 2 if "kv" in gives else gives.get("k", gives["q"])
    if "qkv" in gives:
        queries = next(layer.shape[1] // part.head_width for layer in part.linear_layers if layer.label == "o")
        return queries, (gives["qkv"] - queries) // 2
    return None


def bar_box(x: float, y: float, width: float, name: str, text: str, amount: str, layers: Counted) -> Piece:
    """Embedding or head: one line in a box."""
    trains = layers.trainable > 0
    status = state(layers)
    right, base = x + width - INSET, y + BAR / 2 + 4.5
    shapes = [box(x, y, width, BAR, "trains" if trains else "frozen", 8)]
    shapes.append(words(right, base, status, 90, size=11, anchor="end", class_="accent" if trains else "muted"))
    taken = text_width(status, 11) + 12
    if not trains:
        shapes.append(snowflake(right - taken + 1, base - 4, "ice"))
        taken += 18
    shapes.append(words(right - taken, base, amount, 80, size=11, class_="muted", anchor="end"))
    taken += text_width(amount, 11) + 12
    shapes.append(words(x + INSET, base, name, width / 2, size=13, bold=True))
    left = x + INSET + text_width(name, 13, bold=True) + 10
    shapes.append(words(left, base, text, right - taken - left, size=11, class_="muted"))
    return Piece(BAR, shapes)


def legend(x: float, y: float, width: float, architecture: Architecture, *, crossing: bool) -> Piece:
    """How much trains and how much is frozen, as a bar and in words."""
    trainable, held = architecture.trainable, sum(layer.weights for layer in architecture.four_bit)
    frozen = architecture.total - trainable - held
    first = "trains" if architecture.tuning == "full" else "adapter"
    all_kinds = [("trains", first, trainable), ("frozen in 4 bits", "frozen-4bit", held), ("frozen", "frozen", frozen)]
    kinds = [kind for kind in all_kinds if kind[2]]
    shapes, at, room = [], x, width - 2 * (len(kinds) - 1)
    for place, (_, class_, amount) in enumerate(kinds):
        long = x + width - at if place == len(kinds) - 1 else max(3.0, room * amount / architecture.total)
        shapes.append(box(at, y, long, 9, class_, 2))
        at += long + 2
    at, base = x, y + 31
    for name, class_, amount in kinds:
        shapes.append(box(at, base - 10, 16, 12, class_, 3))
        said = f"{name} {short_count(amount)}"
        shapes.append(words(at + 22, base, said, 200, size=11.5))
        at += 22 + text_width(said, 11.5) + 22
    if architecture.adapted:
        shapes += layer_sign(at, base)
        at += 30 + text_width("adapter at a layer", 11.5) + 22
    if crossing:
        shapes.append(line([(at, base - 4), (at + 20, base - 4)], "flow"))
        shapes.append(words(at + 26, base, "encoder's output", x + width - at - 26, size=11.5))
    return Piece(31, shapes)


def layer_sign(x: float, base: float) -> list[Html]:
    """A layer with an adapter in the legend."""
    return [
        box(x, base - 12, 24, 16, "frozen", 3),
        box(x + 2, base - 4, 20, 6, "adapter", 2),
        words(x + 30, base, "adapter at a layer", 160, size=11.5),
    ]
