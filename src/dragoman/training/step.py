"""The differentiable part of one training step, as one module: what a distributed wrapper has to wrap."""

from __future__ import annotations

from torch import Tensor, nn

from dragoman.models.face import Batch, TextModel
from dragoman.objectives.loss import cross_entropy


class TrainingStep(nn.Module):
    """Hidden states, then the head, then the loss, all inside one forward."""

    def __init__(self, model: TextModel, label_smoothing: float):
        super().__init__()
        self.model, self.label_smoothing = model, label_smoothing

    def forward(self, batch: Batch, denominator: float) -> Tensor:
        """The loss of a micro-batch, summed over its labels and divided by `denominator`: a float32 scalar in nats."""
        hidden = self.model.hidden(batch)
        smoothing = self.label_smoothing if self.training else 0.0
        return cross_entropy(hidden, self.model.head(), batch.labels, denominator, smoothing=smoothing)
