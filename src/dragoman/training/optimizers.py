"""From a recipe's words to an optimizer over a model's trainable parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dragoman.adapters.four_bit import import_bitsandbytes
from dragoman.recipe.schema import Training
from dragoman.training.muon import MuonWithAdamW, block_matrices


def parameter_groups(parameters: Iterable[Tensor], weight_decay: float) -> list[dict[str, Any]]:
    """Matrices decay; norms and biases do not."""
    trainable = [p for p in parameters if p.requires_grad]
    return [
        {"params": [p for p in trainable if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in trainable if p.dim() < 2], "weight_decay": 0.0},
    ]


def make_optimizer(model: nn.Module, training: Training, device: torch.device) -> Optimizer:
    """AdamW (Loshchilov & Hutter 2019), fused, or with states of 8 bits (Dettmers et al. 2022), Muon with it, or
    Adafactor (Shazeer & Stern 2018) with the recipe's own learning rate.

    Adafactor is transformers', without parameter scaling: torch's scales a step by the parameter's size, so what
    starts at zero stays there.
    """
    kind = available_optimizer(training.optimizer, device)
    if kind == "muon":
        matrices = block_matrices(model)
        own = set(map(id, matrices))
        groups = parameter_groups((p for p in model.parameters() if id(p) not in own), training.weight_decay)
        return MuonWithAdamW(matrices, groups, training.learning_rate, training.betas, training.weight_decay)
    groups = parameter_groups(model.parameters(), training.weight_decay)
    if kind == "adafactor":
        from transformers.optimization import Adafactor  # slow to import, seldom needed

        settings = {"scale_parameter": False, "relative_step": False, "warmup_init": False}
        return Adafactor(groups, lr=training.learning_rate, **settings)
    if kind == "adamw":
        return torch.optim.AdamW(groups, lr=training.learning_rate, betas=training.betas, fused=True)
    library = import_bitsandbytes().optim
    eight_bit = library.AdamW8bit if kind == "adamw8bit" else library.PagedAdamW8bit
    made: Optimizer = eight_bit(groups, lr=training.learning_rate, betas=training.betas)
    return made


def available_optimizer(wanted: str, device: torch.device) -> str:
    """The optimizer that the device has: states of 8 bits need a GPU (on a CPU they take 70 times as long)."""
    return "adamw" if wanted.endswith("8bit") and device.type != "cuda" else wanted


def set_learning_rate(optimizer: Optimizer, learning_rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
