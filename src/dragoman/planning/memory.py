"""What a training holds in memory, told before it begins, and how large a micro-batch may be."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch

from dragoman.adapters.four_bit import four_bit_bytes
from dragoman.base.device import device_memory
from dragoman.models.nmt.config import NmtConfig
from dragoman.planning.architecture import Architecture, Layer
from dragoman.planning.rehearsal import StepMemory
from dragoman.recipe.schema import Training

SHARE = 0.25  # of the device's memory, for activations
OF_WHAT_IS_LEFT = 0.8  # of it, where a model leaves little
SPARE = 1.2  # a process needs more than its tensors: 1.15 to 1.26 times as much was measured
LARGEST = 2**16  # tokens: beyond this nothing gets faster
LARGEST_TUNED = {"cpu": 2**11}  # tokens of a pretrained model's micro-batch, where that comes earlier
STORED = 4  # bytes of a trained parameter, its gradient, and each number that an optimizer keeps
SMALL, STATE_BLOCK = 4096, 256  # numbers: bitsandbytes keeps smaller tensors in float32, and a scale for each block


@dataclass(frozen=True)
class TrainingMemory:
    """In bytes. activations: of the largest micro-batch, with the loss, about."""

    weights: int
    gradients: int
    optimizer: int
    averages: int
    activations: int
    update: int = 0  # what the optimizer needs for a moment, when the activations are gone

    @property
    def total(self) -> int:
        """The most that is held at once."""
        kept = self.weights + self.gradients + self.optimizer + self.averages
        return kept + max(self.activations, self.update)


# ---- our own model ----


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


def training_memory(architecture: Architecture, training: Training, optimizer: str, activations: int) -> TrainingMemory:
    """What training all of our own model holds. activations: bytes that a micro-batch leaves behind."""
    once = STORED * architecture.parameters
    kept, update = state_bytes(architecture, optimizer), _update_bytes(architecture, optimizer)
    return TrainingMemory(once, once, kept, _copies(training) * once, activations, update)


# ---- pretrained models ----


def tuning_memory(
    architecture: Architecture, training: Training, optimizer: str, compute: torch.dtype, step: StepMemory, tokens: int
) -> TrainingMemory:
    """What full, lora or qlora training of a pretrained model holds.

    optimizer: the one that the device has (`training.optimizers.available_optimizer`). compute: the type that products
    are computed in. step: the same method's. tokens: of a micro-batch, padding included.
    """
    trained = STORED * architecture.trainable
    return TrainingMemory(
        weights=weight_bytes(architecture, compute),
        gradients=trained,
        optimizer=state_bytes(architecture, optimizer),
        averages=_copies(training) * trained,
        activations=round(SPARE * step.of(tokens)),
        update=_update_bytes(architecture, optimizer),
    )


def tuning_tokens(
    architecture: Architecture, training: Training, optimizer: str, compute: torch.dtype, step: StepMemory,
    device: torch.device,
) -> int:  # fmt: skip
    """The recipe's micro-batch, or for `auto` what surely fits this device: the same on every run of one machine.

    One row at least, even where that does not fit.
    """
    if training.micro_batch_tokens != "auto":
        return training.micro_batch_tokens
    memory = device_memory(device)
    held = tuning_memory(architecture, training, optimizer, compute, step, 0)
    left = memory - held.weights - held.gradients - held.optimizer - held.averages
    room = min(SHARE * memory, OF_WHAT_IS_LEFT * left)
    most = LARGEST_TUNED.get(device.type, LARGEST)
    return max(step.lengths.tokens, step.tokens_in(int(room / SPARE), most))


def weight_bytes(architecture: Architecture, compute: torch.dtype) -> int:
    """What trains is held in float32; what is frozen in the compute type, or in 4 bits."""
    return sum(_weight_bytes(layer, compute) for layer in architecture.layers)


def _weight_bytes(layer: Layer, compute: torch.dtype) -> int:
    adapter = STORED * layer.adapter_parameters
    if layer.four_bit:
        return adapter + four_bit_bytes(layer.weights) + compute.itemsize * (layer.parameters - layer.weights)
    return adapter + (STORED if layer.trains else compute.itemsize) * layer.parameters


def trained_shapes(layers: Iterable[Layer]) -> list[tuple[int, ...]]:
    """The shapes of all tensors that train: of adapters two a layer."""
    shapes: list[tuple[int, ...]] = []
    for layer in layers:
        if layer.trains:
            shapes.append(layer.shape)
            shapes += [(layer.parameters - layer.weights,)] if layer.parameters > layer.weights else []
        if layer.rank:
            shapes += [(layer.rank, layer.shape[1]), (layer.shape[0], layer.rank)]
    return shapes


def state_bytes(architecture: Architecture, optimizer: str) -> int:
    """What an optimizer remembers. Muon: a number for each of the blocks' matrices, and as AdamW of everything else."""
    if optimizer == "muon":
        of_all = optimizer_bytes("adamw", trained_shapes(architecture.layers))
        return of_all - STORED * sum(map(math.prod, _block_matrices(architecture)))
    return optimizer_bytes(optimizer, trained_shapes(architecture.layers))


def _block_matrices(architecture: Architecture) -> list[tuple[int, ...]]:
    """The shapes of what Muon trains (`training.muon.block_matrices`)."""
    inside = [layer for stack in architecture.stacks for layer in stack.layers if layer.kind != "embedding"]
    return [shape for shape in trained_shapes(inside) if len(shape) == 2]


def optimizer_bytes(kind: str, shapes: Iterable[tuple[int, ...]]) -> int:
    """What an optimizer remembers of tensors of these shapes.

    AdamW two numbers for each; with states of 8 bits two bytes, and a float32 for each block of them; Adafactor a row
    and a column of each matrix, and all of a vector.
    """
    if kind == "adafactor":
        return STORED * sum(shape[0] + shape[1] if len(shape) == 2 else math.prod(shape) for shape in shapes)
    sizes = [math.prod(shape) for shape in shapes]
    if kind == "adamw":
        return 2 * STORED * sum(sizes)
    return sum(2 * STORED * n if n < SMALL else 2 * (n + STORED * -(-n // STATE_BLOCK)) for n in sizes)


def _update_bytes(architecture: Architecture, optimizer: str) -> int:
    """Adafactor and Muon work on a whole matrix twice over."""
    matrices = {"adafactor": trained_shapes(architecture.layers), "muon": _block_matrices(architecture)}
    return 2 * STORED * max(map(math.prod, matrices.get(optimizer, [])), default=0)


def _copies(training: Training) -> int:
    averaging = training.averaging
    return 0 if averaging is None else 1 if averaging.ema is not None else averaging.last or 0
