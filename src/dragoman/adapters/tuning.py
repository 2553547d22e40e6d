"""What a method's tuning makes of a pretrained model: every weight trains, or an adapter does on frozen ones.

What trains is held in float32. What is frozen is held in the compute type, or in 4 bits (qlora).
"""

from __future__ import annotations

from pathlib import Path

import torch

from dragoman.adapters import library, lora
from dragoman.adapters.files import load_adapter, save_adapter
from dragoman.adapters.four_bit import quantise, why_not
from dragoman.adapters.targets import find_targets
from dragoman.base.errors import RequestError
from dragoman.models.hub import Snapshot
from dragoman.models.pretrained import PretrainedModel
from dragoman.recipe.schema import Adapter, Method


def tune(
    base: Snapshot, method: Method, eos_id: int, compute: torch.dtype, device: torch.device, seed: int
) -> PretrainedModel:
    """The model as its training begins. eos_id: the tokenizer's end token. compute: what products are computed in."""
    if method.tuning == "full":
        return PretrainedModel.load(base.folder, dtype=torch.float32, eos_id=eos_id)
    model = frozen(base, eos_id, compute, device, four_bit=method.tuning == "qlora")
    targets = find_targets(model.network, method.adapter)
    if method.adapter.library == "peft":
        model.network = library.inject(model.network, targets, method.adapter, seed)
    else:
        lora.inject(model.network, targets, method.adapter, seed)
    return model


def frozen(
    base: Snapshot, eos_id: int, compute: torch.dtype, device: torch.device, *, four_bit: bool
) -> PretrainedModel:
    """The base that an adapter is laid over. Raises RequestError where the device cannot hold it in 4 bits."""
    model = PretrainedModel.load(base.folder, dtype=compute, eos_id=eos_id)
    model.requires_grad_(False)
    if four_bit:
        if (reason := why_not(device)) is not None:
            raise RequestError(f"4 bits are not possible here: {reason}", hint="use tuning: lora instead of qlora")
        quantise(model.network, compute, device)
    return model


def save_tuned(
    model: PretrainedModel, folder: Path, adapter: Adapter | None, base_name: str | None, revision: str | None
) -> None:
    """The adapter in PEFT's files where there is one, else the whole model in transformers'."""
    if adapter is None:
        model.save(folder)
    elif adapter.library == "peft":
        library.save(model.network, folder, base_name=base_name, revision=revision)
    else:
        save_adapter(model.network, folder, base_name=base_name, causal=model.causal, revision=revision)


def load_tuned(
    folder: Path, base: Snapshot, adapter: Adapter, eos_id: int, compute: torch.dtype, device: torch.device, *,
    four_bit: bool,
) -> PretrainedModel:  # fmt: skip
    """The base with the adapter that `save_tuned` wrote. Raises RequestError where it was made for another model."""
    model = frozen(base, eos_id, compute, device, four_bit=four_bit)
    if adapter.library == "peft":
        model.network = library.load(model.network, folder)
    else:
        load_adapter(model.network, folder)
    return model
