"""The handover to peft, for adapters beyond plain LoRA (DoRA and the like). Everything that touches peft is here.

The layers to adapt are chosen by us and given to peft as full names; the files are peft's own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings

import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from dragoman.adapters import four_bit
from dragoman.adapters.files import CONFIG, WEIGHTS
from dragoman.adapters.lora import made_for_another_model
from dragoman.adapters.targets import NO_TARGETS
from dragoman.base.errors import DragomanError, RequestError, did_you_mean
from dragoman.base.seeds import seeded
from dragoman.recipe.schema import Adapter

if TYPE_CHECKING:
    from peft import LoraConfig, PeftModel

OURS = {  # keys of LoraConfig that a recipe says in its own words
    "r": "rank", "lora_alpha": "alpha", "lora_dropout": "dropout", "use_rslora": "rslora", "target_modules": "targets",
    "exclude_modules": "targets", "layers_to_transform": "layers", "layers_pattern": "layers",
}  # fmt: skip
FOLLOWS = {
    "task_type", "peft_type", "base_model_name_or_path", "revision", "inference_mode", "auto_mapping", "peft_version",
}  # fmt: skip
NOT_LOW_RANK = {"modules_to_save", "trainable_token_indices", "target_parameters", "layer_replication"}
BEGINNINGS = (True, False, "gaussian", "orthogonal")  # of init_lora_weights; others rewrite the base, or look at data


def lora_config(adapter: Adapter, targets: Sequence[str], *, causal: bool, where: str) -> LoraConfig:
    """peft's LoraConfig of a recipe's adapter.

    where: the adapter's place in the recipe. Raises RequestError as `wrong_keys` says, the first of them, and for
    values that LoraConfig refuses.
    """
    for error in wrong_keys(adapter, where=where):
        raise error
    try:
        made: LoraConfig = _peft().LoraConfig(
            r=adapter.rank,
            lora_alpha=adapter.alpha,
            lora_dropout=adapter.dropout,
            use_rslora=adapter.rslora,
            target_modules=list(targets),
            task_type="CAUSAL_LM" if causal else "SEQ_2_SEQ_LM",
            **adapter.peft,
        )
        return made
    except (TypeError, ValueError, ImportError) as error:
        raise RequestError(f"peft refuses it: {error}", where=f"{where}.peft") from None


def wrong_keys(adapter: Adapter, *, where: str) -> Iterator[RequestError]:
    """What is wrong with each of the keys in `adapter.peft`: LoraConfig does not have it, or it is not free here."""
    free = {field.name for field in dataclasses.fields(_peft().LoraConfig)} - FOLLOWS - OURS.keys() - NOT_LOW_RANK
    for key, value in adapter.peft.items():
        place = f"{where}.peft.{key}"
        if key in OURS:
            yield RequestError("the recipe has a key of its own for it", where=place, hint=f"set {where}.{OURS[key]}")
        elif key in FOLLOWS:
            yield RequestError("it follows from the recipe", where=place, hint="leave it out")
        elif key in NOT_LOW_RANK:
            yield RequestError(f"only linear layers are adapted: {NO_TARGETS}", where=place, hint="leave it out")
        elif key not in free:
            hint = did_you_mean(key, free) or f"it knows {', '.join(sorted(free))}"
            yield RequestError("peft's LoraConfig has no such key", where=place, hint=hint)
        elif key == "init_lora_weights" and value not in BEGINNINGS:
            yield RequestError(
                f"'{value}' rewrites the base's weights as it begins, or needs data for it: here an adapter is laid "
                "over the base as everybody has it",
                where=place,
                hint="set it to true, gaussian or orthogonal, or leave it out",
            )


def inject(
    network: nn.Module, targets: Sequence[str], adapter: Adapter, seed: int, *, where: str = "adapter"
) -> PeftModel:
    """Lay peft's adapter over the targets, in place, and freeze everything else. Returns peft's model around it.

    Raises RequestError for what peft refuses, DragomanError where it adapts other layers than the targets.
    """
    causal = not network.config.is_encoder_decoder  # type: ignore[union-attr]
    config = lora_config(adapter, targets, causal=causal, where=where)
    try:
        with seeded(seed), catch_warnings(action="ignore", category=FutureWarning):
            model = _peft().get_peft_model(network, config)
    except (TypeError, ValueError, ImportError, NotImplementedError) as error:
        raise RequestError(f"peft refuses it: {error}", where=f"{where}.peft") from None
    adapted = set(model.base_model.targeted_module_names)
    if adapted != set(targets):
        wrong = sorted(adapted ^ set(targets))
        raise DragomanError(f"peft does not adapt the layers that were chosen; they differ in {wrong[0]}", where=where)
    return model


def save(model: PeftModel, folder: Path, *, base_name: str | None, revision: str | None = None) -> None:
    """Write the adapter as peft does.

    base_name, revision: the name and commit of the base on the hub; peft would write the folder it was loaded from.
    """
    config = model.peft_config["default"]
    config.base_model_name_or_path, config.revision = base_name or "", revision
    # Left to itself it asks the hub whether the vocabulary was changed.
    model.save_pretrained(str(folder), save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)  # a form that nobody has filled in


def load(network: nn.Module, folder: Path) -> PeftModel:
    """Lay the adapter of `folder` over a network, in place and frozen.

    Raises RequestError where a file is missing or damaged, or the adapter was made for another model.
    """
    for name in (CONFIG, WEIGHTS):
        if not (folder / name).is_file():
            raise RequestError(f"no adapter here: {name} is missing", where=str(folder))
    try:
        with catch_warnings(action="ignore", category=FutureWarning):  # that peft asks transformers in an older way
            model = _peft().PeftModel.from_pretrained(network, str(folder))
    except SafetensorError as error:
        raise RequestError(f"damaged: {error}", where=str(folder / WEIGHTS)) from None
    except (RuntimeError, ValueError, TypeError, KeyError) as error:
        raise made_for_another_model([str(error).strip().splitlines()[-1].strip()], where=str(folder)) from None
    with safe_open(folder / WEIGHTS, framework="pt") as file:
        there = set(file.keys())
    wanted = set(_peft().get_peft_model_state_dict(model, save_embedding_layers=False))
    problems = [f"{name} is missing" for name in sorted(wanted - there)]
    problems += [f"the model has no {name}" for name in sorted(there - wanted)]
    if problems:
        raise made_for_another_model(problems, where=str(folder))
    return model


def merge(model: PeftModel, dtype: torch.dtype | None = None) -> nn.Module:
    """The plain network with the adapter in its weights; the adapter is gone from it afterwards.

    Weights of 4 bits are dequantised first (all of them, to `dtype`; None for what they were before): peft itself would
    quantise the merged weights again, which loses what was learned.
    """
    peft = _peft()
    if any(map(four_bit.is_four_bit, model.modules())):
        config = model.peft_config["default"]
        state = peft.get_peft_model_state_dict(model, save_embedding_layers=False)
        plain: Any = model.unload()
        four_bit.dequantise(plain, dtype)
        with seeded(0), catch_warnings(action="ignore", category=FutureWarning):
            model = peft.get_peft_model(plain, config)
        peft.set_peft_model_state_dict(model, state)
    merged: nn.Module = model.merge_and_unload()
    return merged


def _peft() -> Any:
    with suppress(Exception):  # a native part that fails; peft does without
        four_bit.import_bitsandbytes()
    import peft

    return peft
