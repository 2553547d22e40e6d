"""A model and its training as tables for people to read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

import torch
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from dragoman.base.device import choose_precision, device_memory, pick_device
from dragoman.data.plan import DEFAULT_EPOCHS
from dragoman.models.hub import Snapshot
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel, count_parameters
from dragoman.models.pretrained import PretrainedModel
from dragoman.planning.architecture import Architecture, read_architecture
from dragoman.planning.bases import describe_base, skeleton
from dragoman.planning.memory import (
    TrainingMemory,
    activation_bytes,
    micro_batch_tokens,
    training_memory,
    tuning_memory,
    tuning_tokens,
)
from dragoman.planning.rehearsal import RowLengths, StepMemory, rehearse
from dragoman.planning.what_trains import FourBitSaving, coverage, trainable_share, what_trains_table
from dragoman.recipe.loading import Loaded
from dragoman.recipe.merging import best_metric_of, start_of, training_of
from dragoman.recipe.schema import Recipe, Training
from dragoman.training.optimizers import available_optimizer

STARTS = {
    "random": "random weights", "base": "the pretrained weights", "pretrained": "what this recipe pretrains",
}  # fmt: skip
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


class MethodPlan(ABC):
    """The training of one method on this machine."""

    def __init__(self, recipe: Recipe, method: str, *, overflows: bool = False):
        self.recipe, self.method = recipe, method
        self.training = training_of(recipe, method)
        self.device = pick_device()
        self.precision = choose_precision(self.training.precision, self.device, overflows=overflows)
        self.optimizer = available_optimizer(self.training.optimizer, self.device)

    @property
    @abstractmethod
    def trains(self) -> str:
        """What trains, in words."""

    @property
    @abstractmethod
    def architecture(self) -> Architecture:
        """The model under this method."""

    @property
    @abstractmethod
    def micro_batch(self) -> int:
        """In tokens, at most."""

    @property
    @abstractmethod
    def memory(self) -> TrainingMemory:
        """What the training holds."""

    @property
    def batch(self) -> int:
        """The tokens of a step, at most."""
        data, batch = self.recipe.data, self.training.batch
        return batch.tokens or (batch.rows or 1) * (data.max_source_length + data.max_target_length)

    @property
    def fits(self) -> bool:
        return self.memory.total <= device_memory(self.device)

    def table(self, length: str) -> Table:
        """What trains and for how long, in which precision and why, and the memory that it takes."""
        training, held = self.training, self.memory
        parts: dict[str, Any] = {
            "weights": held.weights, "gradients": held.gradients, self.optimizer: held.optimizer,
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
            "trains": self.trains,
            "length": length,
            "step": _batch(training) + cut,
            "rate": f"{training.learning_rate:g} after a warm-up of {training.warmup_steps:,} steps, "
            f"{training.schedule}",
            "optimizer": self.optimizer
            + ("" if self.optimizer == training.optimizer else f", as {training.optimizer} needs a GPU"),
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


class OwnPlan(MethodPlan):
    """Of our own model."""

    def __init__(self, recipe: Recipe, method: str, config: NmtConfig):
        super().__init__(recipe, method)
        self.config = config
        self.parameters = sum(count_parameters(config).values())

    @cached_property
    def architecture(self) -> Architecture:
        with torch.device("meta"):
            return read_architecture(NmtModel(self.config), self.recipe.methods[self.method], self.recipe.name)

    @property
    def trains(self) -> str:
        return f"all {self.parameters:,} parameters, from {STARTS[start_of(self.recipe, self.method)]}"

    @property
    def micro_batch(self) -> int:
        return micro_batch_tokens(self.training, self.config, self.device, self.precision.compute)

    @property
    def memory(self) -> TrainingMemory:
        token = activation_bytes(self.config, self.precision.compute.itemsize)
        activations = min(self.micro_batch, self.batch) * token
        return training_memory(self.architecture, self.training, self.optimizer, activations)


class TuningPlan(MethodPlan):
    """Of one of transformers' models, pretrained or not. network: without weights."""

    def __init__(self, recipe: Recipe, method: str, model: PretrainedModel, name: str):
        super().__init__(recipe, method, overflows=model.overflows)
        self.how = recipe.methods[method]
        self._architecture = read_architecture(model.network, self.how, name, where=f"methods.{method}.adapter")
        self.model = model

    @cached_property
    def step(self) -> StepMemory:
        row = RowLengths(self.recipe.data.max_source_length, self.recipe.data.max_target_length)
        return rehearse(self.model, self.how, self.precision.compute, row)

    @property
    def architecture(self) -> Architecture:
        return self._architecture

    @property
    def trains(self) -> str:
        four_bit = " in 4 bits" if self.how.tuning == "qlora" else ""
        return f"{trainable_share(self.architecture)}, from {STARTS[start_of(self.recipe, self.method)]}{four_bit}"

    @property
    def micro_batch(self) -> int:
        compute = self.precision.compute
        return tuning_tokens(self.architecture, self.training, self.optimizer, compute, self.step, self.device)

    @property
    def memory(self) -> TrainingMemory:
        tokens = min(self.micro_batch, self.batch)
        return tuning_memory(
            self.architecture, self.training, self.optimizer, self.precision.compute, self.step, tokens
        )

    def tables(self, length: str) -> Iterator[RenderableType]:
        """All there is to say: what the adapters match, what 4 bits save, and the training."""
        yield self.table(length)
        yield what_trains_table(self.architecture, f"\nWhat trains: {self.method}")
        if self.how.tuning != "full":
            yield Text(coverage(self.architecture), "dim")
        if self.how.tuning == "qlora":
            saving = FourBitSaving(self.architecture, self.precision.compute, self.memory)
            for sentence in saving.sentences():
                yield Text(sentence)


def plan_methods(
    recipe: Recipe, base: Snapshot | None, vocabulary_size: int, methods: Iterable[str] | None = None
) -> list[MethodPlan]:
    """The training of each method, or of these alone, in order. base: the pretrained model, weights or none."""
    methods = recipe.methods if methods is None else methods
    if recipe.model.nmt is not None:
        config = NmtConfig.from_recipe(recipe.model.nmt, vocabulary_size)
        return [OwnPlan(recipe, method, config) for method in methods]
    model = skeleton(recipe, base, vocabulary_size)
    name = base.name if base is not None else model.kind
    return [TuningPlan(recipe, method, model, name) for method in methods]


def pictured_plan(loaded: Loaded, method: str | None) -> MethodPlan:
    """The training to draw: of the method that is named, else of the first with an adapter, else of the first.

    Raises RequestError where there is no such method, or the base model cannot be read.
    """
    recipe = loaded.recipe
    if method is None:
        adapted = (name for name, how in recipe.methods.items() if how.tuning != "full")
        method = next(adapted, next(iter(recipe.methods)))
    training_of(recipe, method)
    base = describe_base(loaded)
    vocabulary = recipe.tokenizer.vocabulary_size
    [plan] = plan_methods(recipe, base, vocabulary, [method])
    return plan


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
