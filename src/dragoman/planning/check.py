"""What a recipe will do, said before it does it: model, precision, data, tokens, length of the training."""

from __future__ import annotations

import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from dragoman.base.device import choose_precision, pick_device
from dragoman.base.errors import CheckError, RequestError
from dragoman.data.dataset import Dataset
from dragoman.data.plan import batch_plan
from dragoman.data.receipt_table import print_receipt
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import count_parameters
from dragoman.objectives.sets import TRAIN, EncodedSets, encode_sets, train_tokenizer
from dragoman.planning.memory import micro_batch_tokens
from dragoman.planning.preview import preview
from dragoman.planning.semantics import refuse_impossible
from dragoman.recipe.loading import Loaded
from dragoman.recipe.merging import training_of
from dragoman.recipe.paths import resolve_path
from dragoman.recipe.schema import Recipe
from dragoman.tokenizer.tokenizer import Tokenizer


def check_recipe(loaded: Loaded, console: Console | None = None) -> None:
    """Print what the recipe will do. Needs no network; without the data it says what it can, then raises CheckError.

    Raises RequestError with all that is wrong with the recipe.
    """
    console = console or Console(highlight=False)
    refuse_impossible(loaded)
    recipe = loaded.recipe
    console.print(
        f"[bold]{recipe.name}[/]  {recipe.task}, {recipe.data.languages.source} to {recipe.data.languages.target}"
    )
    try:
        dataset = Dataset(recipe.data, loaded.folder, recipe.seed)
        dataset.files()
    except RequestError as error:
        describe_model(recipe, recipe.tokenizer.vocabulary_size, console)
        raise CheckError(
            f"the rest needs the data, which is not all here\n{error}", where=loaded.position("data")
        ) from error
    with tempfile.TemporaryDirectory() as temporary:
        tokenizer = _tokenizer(loaded, dataset, Path(temporary))
        describe_model(recipe, tokenizer.vocabulary_size, console)
        sets = EncodedSets(Path(temporary) / "encoded")
        receipt = encode_sets(recipe, dataset, tokenizer, sets.folder, Path(temporary) / "quarantine.jsonl").to_json()
        print_receipt(receipt, console)
        console.print("\n[bold]Examples[/]")
        for line in preview(sets.ids(TRAIN), tokenizer):
            console.print(line, soft_wrap=True)
        console.print("\n[bold]Training[/]")
        for method in recipe.methods:
            training = training_of(recipe, method)
            plan = batch_plan(sets.ids(TRAIN), training, recipe.seed)
            steps = plan.total_steps(training)
            tokens = receipt["splits"][TRAIN]["source_tokens"] + receipt["splits"][TRAIN]["target_tokens"]
            epochs = steps / plan.steps_per_epoch
            console.print(
                f"{method}: {steps:,} steps, {epochs:.1f} epochs of {plan.steps_per_epoch:,} steps, "
                f"{epochs * tokens / 1e6:,.1f} million tokens; {training.optimizer}, {training.schedule}"
            )


def _tokenizer(loaded: Loaded, dataset: Dataset, folder: Path) -> Tokenizer:
    """The recipe's tokenizer: its own folder, or one trained for this check alone."""
    if loaded.recipe.tokenizer.path is not None:
        return Tokenizer.load(resolve_path(loaded.recipe.tokenizer.path, loaded.folder))
    train_tokenizer(loaded.recipe, dataset, folder / "tokenizer")
    return Tokenizer.load(folder / "tokenizer")


def describe_model(recipe: Recipe, vocabulary_size: int, console: Console) -> None:
    """Print the parameter counts, and for each method what trains and in which precision."""
    config = NmtConfig.from_recipe(recipe.model.nmt, vocabulary_size)
    counts = count_parameters(config)
    total = sum(counts.values())
    table = Table(title="Model", title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("", header_style="dim")
    table.add_column("parameters", justify="right", header_style="dim")
    table.add_column("", style="dim")
    shapes = {
        "embedding": f"{config.vocabulary_size:,} x {config.d_model}",
        "encoder": f"{config.encoder_layers} blocks, width {config.d_model}, {config.n_heads} heads on {config.n_kv_heads}",
        "decoder": f"{config.decoder_layers} blocks, feed-forward {config.d_ff}",
        "head": "the embedding itself" if config.tied else f"{config.d_model} x {config.vocabulary_size:,}",
    }
    for part, count in counts.items():
        table.add_row(part, f"{count:,}", shapes[part])
    table.add_row("together", f"{total:,}", f"{4 * total / 2**20:,.0f} MiB in float32", style="bold")
    console.print(table)
    device = pick_device()
    for method in recipe.methods:
        training = training_of(recipe, method)
        precision = choose_precision(training.precision, device)
        size = micro_batch_tokens(training, config, device, precision.compute)
        console.print(f"{method}: all {total:,} parameters train, from random weights")
        console.print(
            f"  computed in {precision.name}, because {precision.reason}; micro-batches of at most {size:,} tokens"
        )
    console.print()
