"""From a recipe's words to an optimizer over a model's trainable parameters."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from dragoman.recipe.schema import Training


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Matrices decay; norms and biases do not."""
    trainable = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in trainable if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in trainable if p.dim() < 2], "weight_decay": 0.0},
    ]


def make_optimizer(model: nn.Module, training: Training) -> Optimizer:
    """AdamW (Loshchilov & Hutter 2019), fused, or Adafactor (Shazeer & Stern 2018) with the recipe's own learning rate.

    Adafactor is transformers', without parameter scaling: torch's scales a step by the parameter's size, so what
    starts at zero stays there.
    """
    groups = parameter_groups(model, training.weight_decay)
    if training.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=training.learning_rate, betas=training.betas, fused=True)
    from transformers.optimization import Adafactor  # slow to import, seldom needed

    return Adafactor(groups, lr=training.learning_rate, scale_parameter=False, relative_step=False, warmup_init=False)


def set_learning_rate(optimizer: Optimizer, learning_rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
