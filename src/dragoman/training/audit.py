"""Watching that a training does what was announced: that what should train does, and that what is frozen stays.

- The optimizer holds exactly the parameters that train.
- Each of them gets a gradient that is not all zeros within the first STEPS steps (LoRA's A does once B has moved).
- Frozen weights are the same bits at the end as at the start.
- One fixed row has the same gradient before and after an evaluation: there are 4-bit kernels that an evaluation leaves
  without a backward pass, and nothing else would show it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dragoman.base.errors import DragomanError
from dragoman.base.progress import say

STEPS = 20
SHOWN = 3


class Audit:
    """Raises DragomanError where something else trains than was announced."""

    def __init__(self, model: nn.Module, optimizer: Optimizer):
        self.model = model
        self.waiting = {name for name, p in model.named_parameters() if p.requires_grad}
        self.trainable = len(self.waiting)
        self.frozen = {name: digest_of(p) for name, p in model.named_parameters() if not p.requires_grad}
        self.compared = False
        self.steps = 0  # of this process
        held = {id(p) for group in optimizer.param_groups for p in group["params"]}
        announced = {id(p) for p in model.parameters() if p.requires_grad}
        if held != announced:
            raise DragomanError(
                f"the optimizer holds {len(held)} parameters, but {len(announced)} should train",
                hint="this is a fault of dragoman's: please report it with your recipe",
            )

    def after_backward(self) -> None:
        """Note which parameters have a gradient; after the first steps say which never had one."""
        if not self.waiting or self.steps == STEPS:
            return
        self.steps += 1
        parameters = dict(self.model.named_parameters())
        for name in sorted(self.waiting):
            gradient = parameters[name].grad
            if gradient is not None and bool(gradient.any()):
                self.waiting.discard(name)
        if self.steps == STEPS and self.waiting:
            self._say_idle()

    def _say_idle(self) -> None:
        names = sorted(self.waiting)
        listed = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
        if len(names) == self.trainable:
            raise DragomanError(
                f"nothing trains: no parameter had a gradient in {self.steps} steps ({listed})",
                hint="this is a fault of dragoman's or of a library's: please report it with your recipe",
            )
        say(
            f"warning: {len(names)} of {self.trainable} parameters had no gradient in {STEPS} steps: {listed}", "yellow"
        )

    @contextmanager
    def around_evaluation(self, backward: Callable[[], None]) -> Iterator[None]:
        """Compare the gradient that `backward` gives before and after the block, the first time that one ends well.

        backward: must compute the same each time, random numbers included.
        """
        if self.compared:
            yield
            return
        before = self._gradient_norms(backward)
        yield
        after = self._gradient_norms(backward)
        self.compared = True
        noise = 1e-3 * float(max(before.values(), default=torch.zeros(())))  # some gradients are zero but for rounding
        changed = [name for name, norm in before.items() if not torch.allclose(norm, after[name], 1e-3, noise)]
        if changed:
            raise DragomanError(
                f"the evaluation changed how {len(changed)} parameters are trained, {changed[0]} first",
                hint="this is a fault of dragoman's or of a library's: please report it with your machine and recipe",
            )

    def _gradient_norms(self, backward: Callable[[], None]) -> dict[str, Tensor]:
        self.model.zero_grad()
        backward()
        none = torch.zeros(())
        norms = {
            name: none if p.grad is None else p.grad.norm().cpu()
            for name, p in self.model.named_parameters()
            if p.requires_grad
        }
        self.model.zero_grad()
        return norms

    def at_end(self) -> None:
        """Raise DragomanError where a frozen weight has changed, or a short training has trained nothing at all."""
        if 0 < self.steps < STEPS and len(self.waiting) == self.trainable:
            self._say_idle()
        parameters = dict(self.model.named_parameters())
        changed = [name for name, known in self.frozen.items() if digest_of(parameters[name]) != known]
        if changed:
            raise DragomanError(
                f"{len(changed)} frozen weights have changed, {changed[0]} first",
                hint="this is a fault of dragoman's: please report it with your recipe",
            )


def digest_of(tensor: Tensor) -> str:
    """A hash of the tensor's bytes."""
    content = tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy()
    return hashlib.blake2b(content.data, digest_size=16).hexdigest()
