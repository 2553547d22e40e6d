"""What a recipe will do, said before it does it: model, data, tokens as the model sees them, training, memory."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dragoman.base.device import choose_precision, device_memory, pick_device
from dragoman.base.errors import CheckError
from dragoman.data.dataset import Dataset
from dragoman.data.plan import DEFAULT_EPOCHS, batch_plan
from dragoman.data.receipt_table import print_receipt
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import count_parameters
from dragoman.objectives.sets import TRAIN, EncodedSets, encode_sets, train_tokenizer
from dragoman.planning.memory import activation_bytes, micro_batch_tokens, training_memory
from dragoman.planning.preview import preview
from dragoman.planning.semantics import refuse_impossible
from dragoman.recipe.loading import Loaded, refusal
from dragoman.recipe.merging import training_of
from dragoman.recipe.paths import resolve_path
from dragoman.recipe.schema import Recipe, Training
from dragoman.tokenizer.tokenizer import Tokenizer


def check_recipe(loaded: Loaded, console: Console | None = None) -> None:
    """Print what the recipe will do. Needs no network, and leaves no file behind.

    Raises RequestError with all that is wrong with the recipe; where only files are missing, it first says what it can
    without them, and then raises CheckError.
    """
    console = console or Console(highlight=False)
    recipe = loaded.recipe
    absent = refuse_impossible(loaded, without_files=True)
    languages = recipe.data.languages
    console.print(
        Text.assemble((recipe.name, "bold"), f"  {recipe.task} from {languages.source} to {languages.target}\n")
    )
    if absent:
        _say_without_data(recipe, console)
        raise CheckError(f"not checked: rows, tokens, length of the training\n{refusal(absent, loaded.path)}")
    with loaded.located(), tempfile.TemporaryDirectory(prefix="dragoman-") as temporary:
        _say_with_data(loaded, Path(temporary), console)
    console.print(Text.assemble(("\nnothing is wrong.", "green"), f"  next: dragoman run {loaded.path}"))


def _say_without_data(recipe: Recipe, console: Console) -> None:
    config = NmtConfig.from_recipe(recipe.model.nmt, recipe.tokenizer.vocabulary_size)
    console.print(_model(config))
    for method in recipe.methods:
        console.print(_training(recipe, method, config, _length(training_of(recipe, method))))


def _say_with_data(loaded: Loaded, temporary: Path, console: Console) -> None:
    """Everything, from a tokenizer and encoded sets that are made for this check alone."""
    recipe, folder = loaded.recipe, temporary / "tokenizer"
    given = recipe.tokenizer.path
    if given is not None:
        folder = resolve_path(given, loaded.folder)
    vocabulary = recipe.tokenizer.vocabulary_size if given is None else Tokenizer.load(folder).vocabulary_size
    config = NmtConfig.from_recipe(recipe.model.nmt, vocabulary)
    console.print(_model(config))
    console.print()
    dataset = Dataset(recipe.data, loaded.folder, recipe.seed)
    if given is None:
        train_tokenizer(recipe, dataset, folder)
    tokenizer = Tokenizer.load(folder)
    sets = EncodedSets(temporary / "encoded")
    receipt = encode_sets(recipe, dataset, tokenizer, sets.folder, temporary / "quarantine.jsonl").to_json()
    print_receipt(receipt, console)
    console.print()
    console.print(preview(sets.ids(TRAIN), tokenizer))
    for method in recipe.methods:
        training = training_of(recipe, method)
        plan = batch_plan(sets.ids(TRAIN), training, recipe.seed)
        steps, epoch = plan.total_steps(training), plan.steps_per_epoch
        tokens = receipt["splits"][TRAIN]["source_tokens"] + receipt["splits"][TRAIN]["target_tokens"]
        length = (
            f"{steps:,} {'step' if steps == 1 else 'steps'}, {steps / epoch:.1f} epochs of {epoch:,}; "
            f"{_million(steps / epoch * tokens)} tokens, source and target together"
        )
        if training.warmup_steps >= steps:
            length += (
                f"\nfewer than training.warmup_steps ({training.warmup_steps:,}): the rate never gets to its height"
            )
        console.print(_training(recipe, method, config, length))


def _model(config: NmtConfig) -> Table:
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


def _training(recipe: Recipe, method: str, config: NmtConfig, length: str) -> Table:
    """What trains and for how long, in which precision and why, and the memory that it takes."""
    training, device = training_of(recipe, method), pick_device()
    precision = choose_precision(training.precision, device)
    parameters = sum(count_parameters(config).values())
    micro = micro_batch_tokens(training, config, device, precision.compute)
    longest = recipe.data.max_source_length + recipe.data.max_target_length
    batch = training.batch.tokens or (training.batch.rows or 1) * longest
    held = training_memory(
        training, parameters, min(micro, batch) * activation_bytes(config, precision.compute.itemsize)
    )
    parts: dict[str, Any] = {
        "weights": held.weights, "gradients": held.gradients, training.optimizer: held.optimizer,
        "averages": held.averages, "activations": held.activations,
    }  # fmt: skip
    memory = f"about {_bytes(held.total)} of {_bytes(device_memory(device))}: " + ", ".join(
        f"{name} {_bytes(size)}" for name, size in parts.items() if size
    )
    stopping = training.early_stopping
    best = training.best or recipe.evaluation.main
    table = Table.grid(padding=(0, 2))
    table.title, table.title_justify, table.title_style = f"\nTraining: {method}", "left", "bold"
    table.add_column(style="dim", no_wrap=True)
    rows = {
        "trains": f"all {parameters:,} parameters, from random weights",
        "length": length,
        "step": _batch(training) + (f", in parts of at most {micro:,} tokens" if batch > micro else ""),
        "rate": f"{training.learning_rate:g} after a warm-up of {training.warmup_steps:,} steps, {training.schedule}",
        "keeps": f"the weights with the best {best} on the validation rows"
        + (f"; stops after {stopping.patience} without a better one" if stopping else ""),
        "precision": f"{precision.name}, because {precision.reason}",
        "memory": memory,
    }
    for name, text in rows.items():
        table.add_row(name, Text(text))
    if held.total > device_memory(device):
        table.add_row(
            "", Text("more than there is: choose a smaller model, or training.micro_batch_tokens", style="red")
        )
    return table


def _length(training: Training) -> str:
    """How long a training is, as far as that is known without the data."""
    if training.max_steps is not None:
        return f"{training.max_steps:,} steps"
    return f"{training.epochs or DEFAULT_EPOCHS:g} epochs; how many steps depends on the data"


def _batch(training: Training) -> str:
    batch = training.batch
    return f"{batch.tokens:,} tokens" if batch.tokens is not None else f"{batch.rows:,} rows"


def _million(count: float) -> str:
    return f"{count / 1e6:,.1f} million" if count >= 1e6 else f"{count:,.0f}"


def _bytes(size: float) -> str:
    for unit in ("kB", "MB"):
        size /= 1000
        if size < 1000:
            return f"{size:,.1f} {unit}"
    return f"{size / 1000:,.1f} GB"
