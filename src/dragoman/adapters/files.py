"""An adapter's files, which are PEFT's: adapter_config.json and adapter_model.safetensors.

Tensors are named `base_model.model.<layer>.lora_A.weight`. Targets are written as full names: PEFT's own way to choose
blocks (`layers_to_transform`) cannot tell an encoder's from a decoder's. What a file's tensors name is what is adapted;
everything that the configuration asks for beyond plain LoRA is refused, for another answer would be a wrong one.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from dragoman.adapters.lora import adapter_state, freeze, load_adapter_state, lora_layers, made_for_another_model, wrap
from dragoman.adapters.targets import NO_TARGETS, head_and_embeddings, linear_layers
from dragoman.base.errors import RequestError
from dragoman.base.files import read_json, write_json

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PREFIX = "base_model.model."
READ = {
    "peft_type", "r", "lora_alpha", "lora_dropout", "use_rslora", "rank_pattern", "alpha_pattern", "target_modules",
    "init_lora_weights", "base_model_name_or_path",
}  # fmt: skip
WITHOUT_EFFECT = {  # on the answers of an adapter that is there, or told by its tensors
    "auto_mapping", "peft_version", "revision", "task_type", "inference_mode", "megatron_core", "qalora_group_size",
    "layers_to_transform", "layers_pattern", "exclude_modules", "eva_config", "runtime_config", "ensure_weight_tying",
}  # fmt: skip
BASE_UNCHANGED = (True, False, None, "gaussian", "orthogonal", "eva")  # ways to initialise that leave the base alone


@dataclass(frozen=True)
class AdapterConfig:
    """What adapter_config.json says of a plain LoRA adapter."""

    rank: int
    alpha: float
    rank_pattern: dict[str, int]
    alpha_pattern: dict[str, float]
    rslora: bool
    dropout: float
    targets: list[str] | str | None  # None where it does not say which layers exactly
    base_name: str | None

    def rank_of(self, layer: str) -> int:
        return int(_by_pattern(self.rank_pattern, layer, self.rank))

    def alpha_of(self, layer: str) -> float:
        return _by_pattern(self.alpha_pattern, layer, self.alpha)

    def asks_for(self, layer: str) -> bool:
        """Whether the layer is certainly to have an adapter."""
        if self.targets is None:
            return False
        if isinstance(self.targets, str):
            return re.fullmatch(self.targets, layer) is not None
        return any(layer == target or layer.endswith(f".{target}") for target in self.targets)


def save_adapter(
    network: nn.Module, folder: Path, *, base_name: str | None, causal: bool, revision: str | None = None
) -> None:
    """Write the adapter of a network into `folder`.

    base_name, revision: the name and commit of the base on the hub, for whoever loads it. causal: a causal model, else
    an encoder-decoder.
    """
    layers = lora_layers(network)
    ranks = {name: layer.rank for name, layer in layers.items()}
    alphas = {name: layer.alpha for name, layer in layers.items()}
    (rank, _), (alpha, _) = Counter(ranks.values()).most_common(1)[0], Counter(alphas.values()).most_common(1)[0]
    some = next(iter(layers.values()))
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM" if causal else "SEQ_2_SEQ_LM",
        "base_model_name_or_path": base_name,
        "revision": revision,
        "r": rank,
        "lora_alpha": _whole(alpha),
        "lora_dropout": some.dropout.p,
        "use_rslora": some.rslora,
        "rank_pattern": {re.escape(name): value for name, value in ranks.items() if value != rank},
        "alpha_pattern": {re.escape(name): _whole(value) for name, value in alphas.items() if value != alpha},
        "target_modules": sorted(layers),
        "bias": "none",
        "fan_in_fan_out": False,
        "init_lora_weights": True,
        "inference_mode": True,
    }
    state = {PREFIX + name: tensor.cpu().contiguous() for name, tensor in adapter_state(network).items()}
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / CONFIG, config)
    save_file(state, folder / WEIGHTS, metadata={"format": "pt"})


def load_adapter(network: nn.Module, folder: Path) -> None:
    """Lay the adapter of `folder` over a network without adapters, in place, and freeze everything else.

    Raises RequestError where the files are damaged, hold more than plain LoRA, or were made for another model.
    """
    config = read_config(folder)
    state = _read_weights(folder)
    base = f"its base is {config.base_name}" if config.base_name else None
    known = linear_layers(network)
    named = dict.fromkeys(name.rsplit(".", 2)[0] for name in state)
    if on_head := sorted(set(named) & head_and_embeddings(network)):
        raise RequestError(f"it adapts {on_head[0]}, but {NO_TARGETS}", where=str(folder))
    if unknown := [name for name in named if name not in known]:
        raise made_for_another_model(
            [f"the model has no linear layer {name}" for name in unknown], where=str(folder), hint=base
        )
    freeze(network)
    for name in known:
        if name in named or config.asks_for(name):
            rank, alpha = config.rank_of(name), config.alpha_of(name)
            wrap(network, name, rank, alpha, rslora=config.rslora, dropout=config.dropout)
    load_adapter_state(network, state, where=str(folder), hint=base)


def read_config(folder: Path) -> AdapterConfig:
    """Read adapter_config.json. Raises RequestError where it is no plain LoRA."""
    path = folder / CONFIG
    if not path.is_file():
        raise RequestError(f"no adapter here: {CONFIG} is missing", where=str(folder))
    try:
        given = read_json(path)
    except (json.JSONDecodeError, UnicodeDecodeError):
        given = None
    if not isinstance(given, dict):
        raise RequestError("damaged: no JSON object", where=str(path))
    if beyond := beyond_lora(given):
        hint = "load it with peft (in a recipe: library: peft)"
        raise RequestError(f"more than plain LoRA: {', '.join(beyond)}", where=str(path), hint=hint)
    chosen_otherwise = any(given.get(key) for key in ("layers_to_transform", "exclude_modules"))
    targets = given.get("target_modules")
    try:
        return AdapterConfig(
            rank=int(given.get("r", 8)),
            alpha=float(given.get("lora_alpha", 8)),
            rank_pattern={str(key): int(value) for key, value in (given.get("rank_pattern") or {}).items()},
            alpha_pattern={str(key): float(value) for key, value in (given.get("alpha_pattern") or {}).items()},
            rslora=bool(given.get("use_rslora")),
            dropout=float(given.get("lora_dropout") or 0.0),
            targets=None if chosen_otherwise or targets == "all-linear" else targets,
            base_name=given.get("base_model_name_or_path"),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise RequestError(f"damaged: {error}", where=str(path)) from None


def beyond_lora(config: Mapping[str, Any]) -> list[str]:
    """What of PEFT's configuration is more than plain LoRA, as `key: value`: such an adapter is peft's to load."""
    if config.get("peft_type") != "LORA":
        return [f"peft_type: {config.get('peft_type')}"]
    beyond = {key: value for key, value in config.items() if value and value != "none"}
    for key in READ | WITHOUT_EFFECT:
        beyond.pop(key, None)
    start = config.get("init_lora_weights", True)
    if start not in BASE_UNCHANGED:
        beyond["init_lora_weights"] = start
    return [f"{key}: {json.dumps(value)[:40]}" for key, value in sorted(beyond.items())]


def _read_weights(folder: Path) -> dict[str, Tensor]:
    """The tensors by `<layer>.lora_A.weight`, in float32."""
    path = folder / WEIGHTS
    if not path.is_file():
        raise RequestError(f"no adapter here: {WEIGHTS} is missing", where=str(folder))
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise RequestError(f"damaged: {error}", where=str(path)) from None
    known = re.compile(rf"{re.escape(PREFIX)}.+[.]lora_[AB][.]weight")
    foreign = [name for name in tensors if not known.fullmatch(name)]
    if foreign or not tensors:
        what = f"it holds {foreign[0]}" if foreign else "it holds no tensor"
        raise RequestError(f"no plain LoRA adapter: {what}", where=str(path))
    return {name.removeprefix(PREFIX): tensor.to(torch.float32) for name, tensor in tensors.items()}


def _by_pattern(patterns: Mapping[str, float], layer: str, default: float) -> float:
    """The value of the first key that matches the end of the layer's name, as PEFT reads its patterns."""
    for key, value in patterns.items():
        if re.match(rf"(.*\.)?({key})$", layer):
            return value
    return default


def _whole(number: float) -> float | int:
    """PEFT's alpha is an integer where it can be."""
    return int(number) if float(number).is_integer() else number
