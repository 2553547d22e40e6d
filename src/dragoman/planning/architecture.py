"""A model as plain data: its stacks, their blocks and layers, and what a method does with each of them.

It is read from a network without weights (on torch's meta device), so that it can be said before anything is loaded.
"""

from __future__ import annotations

import copy
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from torch import nn

from dragoman.adapters import library
from dragoman.adapters.four_bit import sort_layers
from dragoman.adapters.targets import adapter_size, find_targets
from dragoman.recipe.schema import Adapter, Method

LayerKind = Literal["linear", "convolution", "embedding", "norm", "other"]
PartKind = Literal["attention", "cross-attention", "convolution", "feed-forward", "other"]
StackName = Literal["encoder", "decoder"]

# How the libraries' models call the parts of a block; the first that is found in a layer's path counts.
PARTS: dict[PartKind, re.Pattern[str]] = {
    "cross-attention": re.compile(r"encdec|encoder_att|cross"),
    "attention": re.compile(r"att"),
    "convolution": re.compile(r"conv|mixer"),
    "feed-forward": re.compile(r"mlp|feed_?forward|ffn|dense|fc\d|expert|(^|\.)w\d$"),
}
HEAD_WIDTHS = ("head_dim", "key_value_proj_dim")  # as attention layers call the width of one of their heads


@dataclass(frozen=True)
class Layer:
    """A module with parameters of its own. Parameters that it shares belong to the first that has them."""

    name: str  # in full, as adapters' targets are written
    kind: LayerKind
    shape: tuple[int, ...]  # of its largest parameter; (outputs, inputs) of a linear layer
    parameters: int
    trains: bool  # itself, not its adapter
    four_bit: bool = False
    rank: int = 0  # of its adapter; 0: it has none
    adapter_parameters: int = 0

    @property
    def label(self) -> str:
        return self.name.rsplit(".", 1)[-1]

    @property
    def weights(self) -> int:
        """The numbers of its matrix: its parameters without its bias."""
        return math.prod(self.shape)

    @property
    def trainable(self) -> int:
        return self.adapter_parameters + (self.parameters if self.trains else 0)


class Counted:
    """Something made of layers."""

    @property
    def layers(self) -> Sequence[Layer]:
        raise NotImplementedError

    @property
    def linear_layers(self) -> list[Layer]:
        return [layer for layer in self.layers if layer.kind == "linear"]

    @property
    def parameters(self) -> int:
        """Those of the model itself, without adapters."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def adapter_parameters(self) -> int:
        return sum(layer.adapter_parameters for layer in self.layers)

    @property
    def trainable(self) -> int:
        return sum(layer.trainable for layer in self.layers)

    @property
    def total(self) -> int:
        """Those of model and adapters."""
        return self.parameters + self.adapter_parameters


@dataclass(frozen=True)
class Layers(Counted):
    """Any layers."""

    members: tuple[Layer, ...]

    @property
    def layers(self) -> Sequence[Layer]:
        return self.members


@dataclass(frozen=True)
class Part(Counted):
    """A sub-layer of a block. head_width: of one attention head, where it is known."""

    kind: PartKind
    members: tuple[Layer, ...]
    head_width: int | None = None

    @property
    def layers(self) -> Sequence[Layer]:
        return self.members


@dataclass(frozen=True)
class Block(Counted):
    """rest: what stands between the parts: norms."""

    number: int
    parts: tuple[Part, ...]
    rest: tuple[Layer, ...]

    @property
    def layers(self) -> Sequence[Layer]:
        return [*chain.from_iterable(part.layers for part in self.parts), *self.rest]


@dataclass(frozen=True)
class Stack(Counted):
    name: StackName
    blocks: tuple[Block, ...]

    @property
    def layers(self) -> Sequence[Layer]:
        return list(chain.from_iterable(block.layers for block in self.blocks))


@dataclass(frozen=True)
class Architecture(Counted):
    """A whole model under a method. embeddings: of tokens, then of positions. head: None where it is the embedding
    itself. rest: final norms and the like.
    """

    name: str
    tuning: Literal["full", "lora", "qlora"]
    stacks: tuple[Stack, ...]
    embeddings: tuple[Layer, ...]
    head: Layer | None
    rest: tuple[Layer, ...]

    @property
    def layers(self) -> Sequence[Layer]:
        outside = [*self.embeddings, *([self.head] if self.head else []), *self.rest]
        return [*chain.from_iterable(stack.layers for stack in self.stacks), *outside]

    @property
    def block_linear_layers(self) -> list[Layer]:
        """Those that may carry adapters: all but the head."""
        return [layer for stack in self.stacks for layer in stack.linear_layers]

    @property
    def adapted(self) -> list[Layer]:
        return [layer for layer in self.layers if layer.rank]

    @property
    def four_bit(self) -> list[Layer]:
        return [layer for layer in self.layers if layer.four_bit]

    @property
    def token_embedding(self) -> Layer:
        return self.embeddings[0]

    @property
    def vocabulary_size(self) -> int:
        return self.token_embedding.shape[0]

    @property
    def width(self) -> int:
        """Of the residual stream."""
        return self.token_embedding.shape[1]


def read_architecture(network: nn.Module, method: Method, name: str, *, where: str = "adapter") -> Architecture:
    """What a method makes of a network: one of transformers' models or our own, on any device, the meta device too.

    name: for people. where: the adapter's place in the recipe. Raises RequestError where its targets match nothing.
    """
    adapted = method.tuning != "full"
    adapters = _adapters(network, method.adapter, where) if adapted else {}
    four_bit = set(sort_layers(network)[0]) if method.tuning == "qlora" else set()
    layers = [
        Layer(
            path, _kind(module), _shape(own), sum(p.numel() for p in own),
            trains=not adapted and any(p.requires_grad for p in own), four_bit=path in four_bit,
            rank=method.adapter.rank if path in adapters else 0, adapter_parameters=adapters.get(path, 0),
        )
        for path, module, own in _owners(network)
    ]  # fmt: skip
    lists = [path for path, module in network.named_modules() if _is_stack(module)]
    lists = [path for path in lists if not any(path.startswith(f"{outer}.") for outer in lists)]
    stacks = tuple(_stack(network, path, [one for one in layers if one.name.startswith(f"{path}.")]) for path in lists)
    inside = {layer.name for stack in stacks for layer in stack.layers}
    outside = [layer for layer in layers if layer.name not in inside]
    tokens, head_name = _ends(network)
    embeddings = sorted((one for one in outside if one.kind == "embedding"), key=lambda one: one.name != tokens)
    head = next((one for one in outside if one.name == head_name != tokens), None)
    return Architecture(
        name, method.tuning, stacks, tuple(embeddings), head,
        tuple(layer for layer in outside if layer not in embeddings and layer is not head),
    )  # fmt: skip


def _adapters(network: nn.Module, adapter: Adapter, where: str) -> dict[str, int]:
    """The layers that get an adapter, with its parameters; peft's are counted by laying them over a copy."""
    targets = find_targets(network, adapter, where=where)
    if adapter.library == "dragoman":
        return {target: adapter_size(network, [target], adapter.rank) for target in targets}
    wrapped = library.inject(copy.deepcopy(network), targets, adapter, 0, where=where).get_base_model()
    return {
        target: sum(p.numel() for p in wrapped.get_submodule(target).parameters() if p.requires_grad)
        for target in targets
    }


def _owners(network: nn.Module) -> Iterator[tuple[str, nn.Module, list[nn.Parameter]]]:
    """Every module that has parameters of its own which no module before it has, with these."""
    seen: set[int] = set()
    for path, module in network.named_modules():
        own = [parameter for parameter in module.parameters(recurse=False) if id(parameter) not in seen]
        seen.update(map(id, own))
        if own:
            yield path, module, own


def _ends(network: Any) -> tuple[str, str]:
    """The names of the token embedding and of the head; twice the same where they are one."""
    if hasattr(network, "get_input_embeddings"):
        ends = network.get_input_embeddings().weight, network.get_output_embeddings().weight
    else:  # our own
        ends = network.embedding.weight, network.output.weight if network.output is not None else None
    names = [name.rpartition(".")[0] for end in ends for name, one in network.named_parameters() if one is end]
    return names[0], names[-1]


def _kind(module: nn.Module) -> LayerKind:
    if isinstance(module, nn.Linear):
        return "linear"
    if isinstance(module, nn.Embedding):
        return "embedding"
    name = type(module).__name__.lower()
    return "norm" if "norm" in name else "convolution" if "conv" in name else "other"


def _shape(parameters: Sequence[nn.Parameter]) -> tuple[int, ...]:
    return tuple(max(parameters, key=lambda parameter: parameter.numel()).shape)


def _is_stack(module: nn.Module) -> bool:
    return isinstance(module, nn.ModuleList) and any(isinstance(inner, nn.Linear) for inner in module.modules())


def _stack(network: nn.Module, path: str, layers: Sequence[Layer]) -> Stack:
    numbered: dict[int, list[Layer]] = defaultdict(list)
    for layer in layers:
        numbered[int(layer.name[len(path) + 1 :].split(".", 1)[0])].append(layer)
    blocks = [_block(network, f"{path}.{number}.", number, numbered[number]) for number in sorted(numbered)]
    name: StackName = "encoder" if "encoder" in path.split(".") else "decoder"
    return Stack(name, tuple(blocks))


def _block(network: nn.Module, prefix: str, number: int, layers: Sequence[Layer]) -> Block:
    parts: dict[PartKind, list[Layer]] = defaultdict(list)
    rest: list[Layer] = []
    for layer in layers:
        path = layer.name.removeprefix(prefix).lower()
        if layer.kind == "norm":  # one before a sub-layer may be called after it, and is no part of it
            path = path.rpartition(".")[0]
        kind = next((kind for kind, pattern in PARTS.items() if pattern.search(path)), None)
        if kind is None and layer.kind == "norm":
            rest.append(layer)
        else:
            parts[kind or "other"].append(layer)
    made = [Part(kind, tuple(members), _head_width(network, members)) for kind, members in parts.items()]
    return Block(number, tuple(made), tuple(rest))


def _head_width(network: nn.Module, layers: Sequence[Layer]) -> int | None:
    around = network.get_submodule(layers[0].name.rpartition(".")[0])
    return next((getattr(around, name) for name in HEAD_WIDTHS if isinstance(getattr(around, name, None), int)), None)
