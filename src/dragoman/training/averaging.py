"""Averaged weights: what is validated and saved instead of the last step's, where the recipe asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from dragoman.recipe.schema import Averaging

Weights = dict[str, Tensor]


def _copy(model: nn.Module) -> Weights:
    return {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}


class Averager:
    """Keeps an exponential moving average (`ema`), or the weights of the last validations (`last`)."""

    def __init__(self, settings: Averaging | None, model: nn.Module):
        self.settings, self.model = settings, model
        self.shadow: Weights | None = _copy(model) if settings and settings.ema is not None else None
        self.steps = 0
        self.history: list[Weights] = []

    @torch.no_grad()
    def after_step(self) -> None:
        """Move the moving average. Early on it forgets faster, so that the random start does not linger."""
        if self.shadow is None or self.settings is None or self.settings.ema is None:
            return
        self.steps += 1
        decay = min(self.settings.ema, (1 + self.steps) / (10 + self.steps))
        parameters = dict(self.model.named_parameters())
        torch._foreach_lerp_(list(self.shadow.values()), [parameters[name] for name in self.shadow], 1 - decay)

    def at_validation(self) -> None:
        """Remember these weights, and forget the oldest."""
        if self.settings is not None and self.settings.last is not None:
            self.history = [*self.history, _copy(self.model)][-self.settings.last :]

    def averaged(self) -> Weights | None:
        """The averaged weights; None where the model's own are the ones to use."""
        if self.shadow is not None:
            return self.shadow
        if len(self.history) < 2:
            return None
        return {name: torch.stack([weights[name] for weights in self.history]).mean(0) for name in self.history[0]}

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The model with averaged weights for a block; its own come back afterwards, bit for bit."""
        averaged = self.averaged()
        if averaged is None:
            yield
            return
        own = _copy(self.model)
        try:
            self._put(averaged)
            yield
        finally:
            self._put(own)

    @torch.no_grad()
    def _put(self, weights: Weights) -> None:
        for name, parameter in self.model.named_parameters():
            if name in weights:
                parameter.copy_(weights[name])

    def state_dict(self) -> dict[str, Any]:
        return {"shadow": self.shadow, "steps": self.steps, "history": self.history}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.shadow, self.steps, self.history = state["shadow"], state["steps"], state["history"]
