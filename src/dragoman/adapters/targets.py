"""Which linear layers get an adapter: a recipe's names, patterns, blocks and stacks, as full module names.

Nothing is matched in silence: every target, block and stack that the recipe names has to be there. The head and the
embeddings are never adapted: losses read the head's tensors, and most models share them with the embeddings.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Literal

from torch import nn

from dragoman.base.errors import RequestError
from dragoman.recipe.schema import Adapter

Stack = Literal["encoder", "decoder", "cross_attention"]

QUERY_AND_VALUE = (("q", "v"), ("q_proj", "v_proj"))  # T5 and mT5; Llama, LFM2, Qwen, BART and Marian
CROSS_ATTENTION = {"EncDecAttention", "encoder_attn"}  # T5 and mT5; BART and Marian
NO_TARGETS = "an adapter never sits on the head or the embeddings"


def block_of(name: str) -> int | None:
    """The number of the block that a module belongs to, counted from 0 in its stack; None outside of blocks."""
    return next((int(part) for part in name.split(".") if part.isdigit()), None)


def stack_of(name: str) -> Stack:
    """The stack that a module belongs to. A causal model is all decoder; cross-attention is a stack of its own."""
    parts = set(name.split("."))
    if parts & CROSS_ATTENTION:
        return "cross_attention"
    return "encoder" if "encoder" in parts else "decoder"


def head_and_embeddings(network: nn.Module) -> set[str]:
    """The names of the output layer and of every embedding."""
    of_transformers = getattr(network, "get_output_embeddings", None)
    head = of_transformers() if of_transformers else None
    return {
        name
        for name, module in network.named_modules()
        if isinstance(module, nn.Embedding) or module is head or name.split(".")[-1] == "lm_head"
    }


def linear_layers(network: nn.Module) -> dict[str, nn.Linear]:
    """Every linear layer but the head, by its full name. 4-bit ones count: they are linear layers too."""
    never = head_and_embeddings(network)
    found = network.named_modules()
    return {name: module for name, module in found if isinstance(module, nn.Linear) and name not in never}


def find_targets(network: nn.Module, adapter: Adapter, *, where: str = "adapter") -> list[str]:
    """The full names of the layers that get an adapter, in the network's order. The network may be on the meta device.

    A target is the last part of a name or a dotted end of it (`q`, `SelfAttention.q`), a pattern with * ? [ over the
    whole name, or a regular expression over the whole name between slashes. where: the adapter's place in the recipe.
    Raises RequestError where a target, a block or a stack that is asked for is not there.
    """
    layers = linear_layers(network)
    matched: set[str] = set()
    for target in adapter.targets or _query_and_value(layers, where):
        matches = _matcher(target, where)
        found = set(filter(matches, layers))
        if not found:
            raise _no_match(target, matches, network, layers, where)
        matched |= found
    chosen = [
        name
        for name in layers
        if name in matched
        and (adapter.layers is None or block_of(name) in adapter.layers)
        and (adapter.stacks is None or stack_of(name) in adapter.stacks)
    ]
    for block in adapter.layers or []:
        if block not in map(block_of, chosen):
            beside = " of the stacks that are named" if adapter.stacks else ""
            raise _none_there(f"block {block}{beside}", matched, f"{where}.layers")
    for stack in adapter.stacks or []:
        if stack not in map(stack_of, chosen):
            beside = " in the blocks that are named" if adapter.layers else ""
            raise _none_there(f"the {stack.replace('_', '-')}{beside}", matched, f"{where}.stacks")
    return chosen


def adapter_size(network: nn.Module, targets: Iterable[str], rank: int) -> int:
    """How many parameters LoRA of this rank trains on these layers: rank * (inputs + outputs) each."""
    layers = linear_layers(network)
    return sum(rank * (layers[name].in_features + layers[name].out_features) for name in targets)


def _query_and_value(layers: Iterable[str], where: str) -> tuple[str, ...]:
    ends = _ends(layers)
    for names in QUERY_AND_VALUE:
        if set(names) <= ends:
            return names
    raise RequestError(
        "this model has no query and value layers of a known name",
        where=f"{where}.targets",
        hint=f"name the layers to adapt; its linear layers: {', '.join(sorted(ends)) or 'none'}",
    )


def _matcher(target: str, where: str) -> Callable[[str], bool]:
    if len(target) > 1 and target.startswith("/") and target.endswith("/"):
        try:
            expression = re.compile(target[1:-1])
        except re.error as error:
            raise RequestError(f"no regular expression: {error}", where=f"{where}.targets", hint=target) from None
        return lambda name: expression.fullmatch(name) is not None
    if any(sign in target for sign in "*?["):
        return lambda name: fnmatchcase(name, target)
    return lambda name: name == target or name.endswith(f".{target}")


def _no_match(
    target: str, matches: Callable[[str], bool], network: nn.Module, layers: Iterable[str], where: str
) -> RequestError:
    """Why a target matches no linear layer, and what may have been meant."""
    ends = _ends(layers)
    hint = f"its linear layers: {', '.join(sorted(ends)) or 'none'}"
    others = [name for name, _ in network.named_modules() if name and matches(name)]
    if others and set(others) <= head_and_embeddings(network):
        problem = f"'{target}' matches only {_some(others)}, and {NO_TARGETS}"
    elif others:
        problem = f"'{target}' matches only {_some(others)}: no linear layer"
    else:
        problem = f"no linear layer of this model matches '{target}'"
        if near := _nearest(target, layers):
            hint = f"nearest: {', '.join(near)}; {hint}"
    return RequestError(problem, where=f"{where}.targets", hint=hint)


def _none_there(place: str, matched: Iterable[str], where: str) -> RequestError:
    return RequestError(f"no target is in {place}", where=where, hint=f"the targets are in {_places(matched)}")


def _nearest(target: str, layers: Iterable[str]) -> list[str]:
    """Up to three names that look like the target: as many parts of them as it has."""
    plain = re.sub(r"\W+", ".", target).strip(".")
    parts = plain.count(".") + 1
    known = {".".join(name.split(".")[-parts:]) for name in layers}
    close = difflib.get_close_matches(plain, known, n=3, cutoff=0.5)
    return close or difflib.get_close_matches(plain.split(".")[-1], _ends(layers), n=3, cutoff=0.3)


def _ends(names: Iterable[str]) -> set[str]:
    return {name.split(".")[-1] for name in names}


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _places(names: Iterable[str]) -> str:
    """The stacks of these modules with their blocks: "encoder 0, 1, 2; decoder 0, 1"."""
    blocks: dict[str, set[int]] = {}
    for name in names:
        number = block_of(name)
        blocks.setdefault(stack_of(name), set()).update(() if number is None else (number,))
    return "; ".join(f"{stack} {', '.join(map(str, sorted(blocks[stack])))}".strip() for stack in sorted(blocks))
