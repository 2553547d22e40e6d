"""A model and its training as tables for people to read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from rich.table import Table
from rich.text import Text

from dragoman.base.device import Precision, choose_precision, device_memory, pick_device
from dragoman.data.plan import DEFAULT_EPOCHS
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import count_parameters
from dragoman.planning.memory import TrainingMemory, activation_bytes, micro_batch_tokens, training_memory
from dragoman.recipe.merging import best_metric_of, training_of
from dragoman.recipe.schema import Recipe, Training

TOO_LARGE = "choose a smaller model, or training.micro_batch_tokens"


def model_table(config: NmtConfig) -> Table:
    """The parameters of each part."""
    counts = count_parameters(config)
    table = Table(
        title="Model", title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    table.add_column("", header_style="dim")
    table.add_column("parameters", justify="right", header_style="dim")
    table.add_column("", style="dim")
    heads = f"{config.n_heads} heads that share {config.n_kv_heads} of keys and values"
    shapes = {
        "embedding": f"{config.vocabulary_size:,} pieces x {config.d_model}, for source and target",
        "encoder": f"{_blocks(config.encoder_layers)} of width {config.d_model}, {heads}",
        "decoder": f"{_blocks(config.decoder_layers)}, feed-forward {config.d_ff}",
        "head": "the embedding itself" if config.tied else f"{config.d_model} x {config.vocabulary_size:,}",
    }
    for part, count in counts.items():
        table.add_row(part, f"{count:,}" if count else "-", shapes[part])
    table.add_row("together", f"{sum(counts.values()):,}", style="bold")
    return table


def _blocks(count: int) -> str:
    return f"{count} block" if count == 1 else f"{count} blocks"


@dataclass(frozen=True)
class MethodPlan:
    """The training of one method on this machine."""

    recipe: Recipe
    method: str
    config: NmtConfig

    @cached_property
    def training(self) -> Training:
        return training_of(self.recipe, self.method)

    @cached_property
    def device(self) -> torch.device:
        return pick_device()

    @cached_property
    def precision(self) -> Precision:
        return choose_precision(self.training.precision, self.device)

    @property
    def parameters(self) -> int:
        return sum(count_parameters(self.config).values())

    @cached_property
    def micro_batch(self) -> int:
        """In tokens, at most."""
        return micro_batch_tokens(self.training, self.config, self.device, self.precision.compute)

    @property
    def batch(self) -> int:
        """The tokens of a step, at most."""
        data, batch = self.recipe.data, self.training.batch
        return batch.tokens or (batch.rows or 1) * (data.max_source_length + data.max_target_length)

    @cached_property
    def memory(self) -> TrainingMemory:
        token = activation_bytes(self.config, self.precision.compute.itemsize)
        return training_memory(self.training, self.parameters, min(self.micro_batch, self.batch) * token)

    @property
    def fits(self) -> bool:
        return self.memory.total <= device_memory(self.device)

    def table(self, length: str) -> Table:
        """What trains and for how long, in which precision and why, and the memory that it takes."""
        training, held = self.training, self.memory
        parts: dict[str, Any] = {
            "weights": held.weights, "gradients": held.gradients, training.optimizer: held.optimizer,
            "averages": held.averages, "activations": held.activations,
        }  # fmt: skip
        memory = f"about {in_bytes(held.total)} of {in_bytes(device_memory(self.device))}: " + ", ".join(
            f"{name} {in_bytes(size)}" for name, size in parts.items() if size
        )
        cut = f", in parts of at most {self.micro_batch:,} tokens" if self.batch > self.micro_batch else ""
        stopping = training.early_stopping
        best = best_metric_of(self.recipe, self.method)
        table = Table.grid(padding=(0, 2))
        table.title, table.title_justify, table.title_style = f"\nTraining: {self.method}", "left", "bold"
        table.add_column(style="dim", no_wrap=True)
        rows = {
            "trains": f"all {self.parameters:,} parameters, from random weights",
            "length": length,
            "step": _batch(training) + cut,
            "rate": f"{training.learning_rate:g} after a warm-up of {training.warmup_steps:,} steps, "
            f"{training.schedule}",
            "keeps": f"the weights with the best {best} on the validation rows"
            + (f"; stops after {stopping.patience} without a better one" if stopping else ""),
            "precision": f"{self.precision.name}, because {self.precision.reason}",
            "memory": memory,
        }
        for name, text in rows.items():
            table.add_row(name, Text(text))
        if not self.fits:
            table.add_row("", Text(f"more than there is: {TOO_LARGE}", style="red"))
        return table


def known_length(training: Training) -> str:
    """How long a training is, as far as that is known without the data."""
    if training.max_steps is not None:
        return f"{training.max_steps:,} steps"
    return f"{training.epochs or DEFAULT_EPOCHS:g} epochs; how many steps depends on the data"


def _batch(training: Training) -> str:
    batch = training.batch
    return f"{batch.tokens:,} tokens" if batch.tokens is not None else f"{batch.rows:,} rows"


def millions(count: float) -> str:
    return f"{count / 1e6:,.1f} million" if count >= 1e6 else f"{count:,.0f}"


def in_bytes(size: float) -> str:
    for unit in ("kB", "MB"):
        size /= 1000
        if size < 1000:
            return f"{size:,.1f} {unit}"
    return f"{size / 1000:,.1f} GB"
