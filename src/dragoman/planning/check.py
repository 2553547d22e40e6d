"""What a recipe will do, said before it does it: model, data, tokens as the model sees them, training, memory."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from dragoman.base.errors import CheckError
from dragoman.data.dataset import VALIDATION, Dataset, test_set
from dragoman.data.plan import batch_plan
from dragoman.data.receipt_table import print_receipt
from dragoman.models.nmt.config import NmtConfig
from dragoman.objectives.sets import TRAIN, EncodedSets, encode_sets, train_tokenizer
from dragoman.planning.description import TOO_LARGE, MethodPlan, known_length, millions, model_table
from dragoman.planning.preview import preview
from dragoman.planning.semantics import refuse_impossible
from dragoman.planning.warnings import length_warnings, receipt_warnings
from dragoman.recipe.loading import Loaded, refusal
from dragoman.recipe.merging import training_of
from dragoman.recipe.paths import resolve_path
from dragoman.recipe.schema import Recipe
from dragoman.recipe.tree import KeyPath
from dragoman.tokenizer.tokenizer import Tokenizer


def check_recipe(loaded: Loaded, console: Console | None = None) -> None:
    """Print what the recipe will do. Needs no network, and leaves no file behind.

    Raises RequestError with all that is wrong with the recipe; where only files are missing, it first says what it can
    without them, and then raises CheckError.
    """
    console = console or Console(highlight=False, emoji=False)
    recipe = loaded.recipe
    absent = refuse_impossible(loaded, without_files=True)
    languages = recipe.data.languages
    console.print(
        Text.assemble((recipe.name, "bold"), f"  {recipe.task} from {languages.source} to {languages.target}\n")
    )
    without = {problem.path: _evaluation_set(problem.path) for problem in absent}
    if None in without.values():
        _say_without_data(recipe, console)
        raise CheckError(f"not checked: rows, tokens, length of the training\n{refusal(absent, loaded.path)}")
    left_out = [name for name in without.values() if name is not None]
    with loaded.located(), tempfile.TemporaryDirectory(prefix="dragoman-") as temporary:
        warnings = _say_with_data(loaded, Path(temporary), left_out, console)
    console.print()
    for warning in warnings:
        console.print(Text(f"warning: {warning}", "yellow"), soft_wrap=True)
    if left_out:
        raise CheckError(f"not checked: {', '.join(left_out)}\n{refusal(absent, loaded.path)}")
    said = Text() if warnings else Text("nothing is wrong.  ", "green")
    console.print(said.append(f"next: dragoman run {loaded.arguments}", "default"), soft_wrap=True)


def _evaluation_set(key: KeyPath) -> str | None:
    """The split whose source stands at a key of the recipe, where it is one to measure on."""
    if key[:2] == ("data", "test"):
        return test_set(str(key[2]))
    return VALIDATION if key == ("data", "validation") else None


def _say_without_data(recipe: Recipe, console: Console) -> None:
    config = NmtConfig.from_recipe(recipe.model.nmt, recipe.tokenizer.vocabulary_size)
    console.print(model_table(config))
    for method in recipe.methods:
        console.print(MethodPlan(recipe, method, config).table(known_length(training_of(recipe, method))))


def _say_with_data(loaded: Loaded, temporary: Path, left_out: Sequence[str], console: Console) -> list[str]:
    """Everything, from a tokenizer and encoded sets that are made for this check alone. What to warn of is returned."""
    recipe, folder = loaded.recipe, temporary / "tokenizer"
    given = recipe.tokenizer.path
    if given is not None:
        folder = resolve_path(given, loaded.folder)
    vocabulary = recipe.tokenizer.vocabulary_size if given is None else Tokenizer.load(folder).vocabulary_size
    config = NmtConfig.from_recipe(recipe.model.nmt, vocabulary)
    console.print(model_table(config))
    console.print()
    dataset = Dataset(recipe.data, loaded.folder, recipe.seed, left_out)
    if given is None:
        train_tokenizer(recipe, dataset, folder)
    tokenizer = Tokenizer.load(folder)
    sets = EncodedSets(temporary / "encoded")
    receipt = encode_sets(recipe, dataset, tokenizer, sets.folder, temporary / "quarantine.jsonl").to_json()
    print_receipt(receipt, console)
    if left_out:
        console.print(f"\nleft out, because the file is missing: {', '.join(left_out)}", soft_wrap=True)
    console.print()
    console.print(preview(sets.ids(TRAIN), tokenizer), crop=False)
    warnings = list(receipt_warnings(receipt))
    for method in recipe.methods:
        described = MethodPlan(recipe, method, config)
        training = described.training
        plan = batch_plan(sets.ids(TRAIN), training, recipe.seed, described.micro_batch)
        steps, epoch = plan.total_steps(training), plan.steps_per_epoch
        tokens = receipt["splits"][TRAIN]["source_tokens"] + receipt["splits"][TRAIN]["target_tokens"]
        length = (
            f"{steps:,} {'step' if steps == 1 else 'steps'}, {steps / epoch:.1f} epochs of {epoch:,}; "
            f"{millions(steps / epoch * tokens)} tokens, source and target together; "
            f"{plan.padding:.1%} of all positions are padding"
        )
        warnings += [f"training {method}: {said}" for said in length_warnings(training, steps)]
        if not described.fits:
            warnings.append(f"training {method}: it takes more memory than there is; {TOO_LARGE}")
        console.print(described.table(length))
    return warnings
