"""How large a micro-batch may be, and what a training holds in memory."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from dragoman.base.device import device_memory
from dragoman.models.nmt.config import NmtConfig
from dragoman.recipe.schema import Training

SHARE = 0.25  # of the device's memory, for activations
LARGEST = 2**16  # tokens: beyond this nothing gets faster
STORED = 4  # bytes of a trained parameter, its gradient, and each number that an optimizer keeps


def activation_bytes(config: NmtConfig, compute_bytes: int) -> int:
    """What one padded token leaves behind for the backward pass, about: inputs of products, norms, masks."""
    block = 14 * config.d_model + 6 * config.d_ff
    return (config.encoder_layers + config.decoder_layers) * block * compute_bytes


def micro_batch_tokens(training: Training, config: NmtConfig, device: torch.device, compute: torch.dtype) -> int:
    """The recipe's size, or for `auto` what surely fits this device: the same on every run of one machine."""
    if training.micro_batch_tokens != "auto":
        return training.micro_batch_tokens
    memory = int(SHARE * device_memory(device))
    return max(1, min(LARGEST, memory // activation_bytes(config, compute.itemsize)))


@dataclass(frozen=True)
class TrainingMemory:
    """In bytes. activations: of the largest micro-batch, about."""

    weights: int
    gradients: int
    optimizer: int
    averages: int
    activations: int

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimizer + self.averages + self.activations


def training_memory(training: Training, parameters: int, activations: int) -> TrainingMemory:
    """What training so many parameters holds. activations: bytes that a micro-batch leaves behind."""
    once = STORED * parameters
    averaging = training.averaging
    copies = 0 if averaging is None else 1 if averaging.ema is not None else averaging.last or 0
    kept = 2 * once if training.optimizer == "adamw" else 0  # Adafactor keeps a row and a column of each matrix
    return TrainingMemory(once, once, kept, copies * once, activations)
