"""A training whose numbers are not finite any more: the error, and the layer that they come from."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from dragoman.base.errors import DragomanError
from dragoman.models.face import Batch
from dragoman.training.step import TrainingStep


def diverged(what: str, culprit: str, step: int, title: str) -> DragomanError:
    """what: happened at this step of the training that has this title. culprit: what is not finite."""
    return DragomanError(
        f"{what} at step {step}: {culprit} is not finite",
        where=title,
        hint="lower training.learning_rate, lengthen training.warmup_steps, or set training.precision: float32",
    )


def first_non_finite(step: TrainingStep, batch: Batch) -> str:
    """Run the batch again and name the first module whose weights or output are not finite."""
    for name, parameter in step.model.named_parameters():
        if not torch.isfinite(parameter).all():
            return f"the weight {name}"
    found: list[str] = []

    def watch(name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            if not found and isinstance(output, Tensor) and not torch.isfinite(output).all():
                found.append(f"the output of {name}")

        return hook

    handles = [m.register_forward_hook(watch(name)) for name, m in step.model.named_modules() if name]
    try:
        with torch.no_grad():
            step.model.hidden(batch)
    finally:
        for handle in handles:
            handle.remove()
    return found[0] if found else "the loss itself"


def non_finite_gradient(model: nn.Module) -> str:
    """The first parameter whose gradient is not finite, in words: together they may overflow where none does alone."""
    names = (name for name, p in model.named_parameters() if p.grad is not None and not p.grad.isfinite().all())
    return f"the gradient of {next(names, 'all together')}"
