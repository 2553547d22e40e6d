"""The differentiable part of one training step, as one module: what a distributed wrapper has to wrap."""

from __future__ import annotations

import os
from collections.abc import Callable

from torch import Tensor, nn

from dragoman.models.face import Batch, TextModel
from dragoman.objectives.loss import cross_entropy


def repeatably_compiled(function: Callable[[Batch], Tensor]) -> Callable[[Batch], Tensor]:
    """torch.compile such that two runs give the same bits: fixed algorithms and threads, one graph for all lengths."""
    import torch
    import torch._inductor.config  # takes seconds

    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what CUDA's matrix products need for that
    torch.use_deterministic_algorithms(True)
    torch._inductor.config.cpp.dynamic_threads = False
    return torch.compile(function, dynamic=True)


class TrainingStep(nn.Module):
    """Hidden states, then the head, then the loss, all inside one forward."""

    def __init__(self, model: TextModel, label_smoothing: float, *, compiled: bool = False):
        super().__init__()
        self.model, self.label_smoothing = model, label_smoothing
        self.hidden = repeatably_compiled(model.hidden) if compiled else model.hidden

    def forward(self, batch: Batch, denominator: float) -> Tensor:
        """The loss of a micro-batch, summed over its labels and divided by `denominator`: a float32 scalar in nats."""
        hidden = self.hidden(batch)
        smoothing = self.label_smoothing if self.training else 0.0
        return cross_entropy(hidden, self.model.head(), batch.labels, denominator, smoothing=smoothing)
