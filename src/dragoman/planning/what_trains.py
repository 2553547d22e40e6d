"""What a method trains, stack by stack, and what holding weights in 4 bits will save: told before any is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from rich.table import Table
from rich.text import Text

from dragoman.adapters.four_bit import four_bit_bytes
from dragoman.planning.architecture import Architecture, Layer, Layers
from dragoman.planning.memory import TrainingMemory
from dragoman.planning.names import compress_names


@dataclass(frozen=True)
class Group:
    """A row of the table: some of a model's layers under a name."""

    name: str
    layers: Layers

    @property
    def adapted(self) -> list[Layer]:
        return [layer for layer in self.layers.members if layer.rank]

    @property
    def patterns(self) -> list[str]:
        """The layers that carry adapters, as few patterns."""
        return compress_names(layer.name for layer in self.adapted)


def groups(architecture: Architecture) -> list[Group]:
    """Encoder, decoder, the decoder's attention to the encoder, embeddings, head, and what is left: a partition."""
    found: list[Group] = []
    for stack in architecture.stacks:
        parts = [part for block in stack.blocks for part in block.parts]
        cross = [layer for part in parts if part.kind == "cross-attention" for layer in part.layers]
        names = {layer.name for layer in cross}
        found.append(_group(stack.name, [layer for layer in stack.layers if layer.name not in names]))
        found.append(_group("cross-attention", cross))
    found.append(_group("embeddings", architecture.embeddings))
    found.append(_group("head", [architecture.head] if architecture.head else []))
    found.append(_group("final norms", architecture.rest))
    return [group for group in found if group.layers.members]


def _group(name: str, layers: Sequence[Layer]) -> Group:
    return Group(name, Layers(tuple(layers)))


def coverage(architecture: Architecture) -> str:
    """ "12 of 92 linear layers carry an adapter (13 %), in 6 of 16 blocks"."""
    linear = len(architecture.block_linear_layers)
    blocks = [block for stack in architecture.stacks for block in stack.blocks]
    held = sum(any(layer.rank for layer in block.layers) for block in blocks)
    count = len(architecture.adapted)
    return (
        f"{count:,} of {linear:,} linear layers carry an adapter ({percentage(count, linear)}), "
        f"in {held:,} of {len(blocks):,} blocks"
    )


def trainable_share(architecture: Architecture) -> str:
    """ "344,064 of 300,520,832 parameters train (0.11 %)"."""
    part, whole = architecture.trainable, architecture.total
    return f"{part:,} of {whole:,} parameters train ({percentage(part, whole)})"


def what_trains_table(architecture: Architecture, title: str) -> Table:
    """A row for each group: which layers the targets match, how many of how many, and how many parameters train."""
    adapted = architecture.tuning != "full"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", header_style="dim", no_wrap=True)
    if adapted:
        table.add_column("adapters", justify="right", header_style="dim")
    for name in ("trains", "of", ""):
        table.add_column(name, justify="right", header_style="dim", no_wrap=True)
    if adapted:
        table.add_column("at", header_style="dim", overflow="fold")
    for group in groups(architecture):
        inside = group.name in ("encoder", "decoder", "cross-attention")
        some = f"{len(group.adapted):,} of {len(group.layers.linear_layers):,}" if inside else ""
        at = Text("\n".join(group.patterns)) if group.adapted else Text("nothing" if inside else "", "dim")
        table.add_row(*_row(group.name, group.layers.trainable, group.layers.total, *((some, at) if adapted else ())))
    some = f"{len(architecture.adapted):,} of {len(architecture.block_linear_layers):,}"
    whole = _row("together", architecture.trainable, architecture.total, *((some, Text()) if adapted else ()))
    table.add_row(*whole, style="bold")
    return table


def _row(name: str, part: int, whole: int, some: str | None = None, at: Text | None = None) -> list[str | Text]:
    counts: list[str | Text] = [f"{part:,}" if part else "-", f"{whole:,}", percentage(part, whole) if part else ""]
    return [name, *counts] if some is None or at is None else [name, some, *counts, at]


@dataclass(frozen=True)
class FourBitSaving:
    """What 4 bits are worth on one model: of a qlora method. memory: what its training holds. Sizes in bytes."""

    architecture: Architecture
    compute: torch.dtype
    memory: TrainingMemory

    @property
    def covered(self) -> int:
        """Weights that are held in 4 bits."""
        return sum(layer.weights for layer in self.architecture.four_bit)

    @property
    def share(self) -> float:
        return self.covered / self.architecture.parameters

    @property
    def weights_before(self) -> int:
        return self.compute.itemsize * self.architecture.parameters

    @property
    def weights_after(self) -> int:
        held = sum(four_bit_bytes(layer.weights) for layer in self.architecture.four_bit)
        return self.weights_before - self.compute.itemsize * self.covered + held

    @property
    def training_before(self) -> int:
        """The whole training's without 4 bits; where there are 4 bits, a matrix at a time is turned back for use."""
        largest = max((layer.weights for layer in self.architecture.four_bit), default=0)
        return self.memory.total + self.weights_before - self.weights_after - self.compute.itemsize * largest

    def sentences(self) -> Iterator[str]:
        """What it covers and what not, and what that saves."""
        whole, stored = self.architecture.parameters, str(self.compute).removeprefix("torch.")
        yield (
            f"4 bits cover {self.covered:,} of {whole:,} weights ({percentage(self.covered, whole)}); "
            f"{_listed(list(self._uncovered()))} stay in {stored}"
        )
        yield (
            f"the weights take {_instead(self.weights_after, self.weights_before)}, "
            f"the whole training {_instead(self.memory.total, self.training_before)}"
        )
        if self.share < 0.5:
            yield "4 bits save little on this model; lora trains it faster in nearly as much memory"

    def _uncovered(self) -> Iterator[str]:
        architecture, whole = self.architecture, self.architecture.parameters
        head = architecture.head.parameters if architecture.head else 0
        outside = sum(layer.parameters for layer in architecture.embeddings) + head
        yield f"{'embeddings and head' if head else 'the embeddings'} ({percentage(outside, whole)})"
        inside = [layer for layer in architecture.block_linear_layers if not layer.four_bit]
        if inside:
            labels = ", ".join(sorted({layer.label for layer in inside}))
            yield f"layers called {labels} ({percentage(sum(layer.weights for layer in inside), whole)})"


def _instead(after: float, before: float) -> str:
    return f"{_size(after)} instead of {_size(before)} ({percentage(before - after, before)} less)"


def percentage(part: float, whole: float) -> str:
    """To a tenth, smaller ones to two figures: 14.7 %, 0.11 %, 0.0027 %."""
    percent = 100 * part / whole if whole else 0.0
    return f"{percent:.1f} %" if percent >= 1 or percent == 0 else f"{percent:#.2g} %"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _size(size: float) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"
