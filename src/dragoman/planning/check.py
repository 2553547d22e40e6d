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
from dragoman.models.hub import Snapshot
from dragoman.models.nmt.config import NmtConfig
from dragoman.objectives.pretraining.texts import vocabulary_texts
from dragoman.objectives.sets import TRAIN, EncodedSets, encode_sets, train_tokenizer
from dragoman.planning.bases import describe_base, is_causal
from dragoman.planning.description import (
    TOO_LARGE,
    MethodPlan,
    TuningPlan,
    known_length,
    millions,
    model_table,
    plan_methods,
)
from dragoman.planning.pretraining import as_recipe
from dragoman.planning.pretraining_plan import plan_pretraining
from dragoman.planning.preview import preview
from dragoman.planning.semantics import find_all, refuse_impossible
from dragoman.planning.texts import find_faults, say_texts
from dragoman.planning.warnings import length_warnings, receipt_warnings, template_warnings
from dragoman.recipe.loading import Loaded, refusal
from dragoman.recipe.paths import resolve_path
from dragoman.recipe.schema import Recipe
from dragoman.recipe.tree import KeyPath, Problem
from dragoman.tokenizer.face import TextTokenizer
from dragoman.tokenizer.loading import load_tokenizer

VOCABULARY_SAMPLE = 16 << 20  # bytes of raw text: all of it would take as long as the run's own vocabulary


def find_everything(loaded: Loaded) -> list[Problem]:
    """All that is impossible and all that is missing, sections that make text included."""
    texts = find_faults(loaded)
    found = [problem for problem in texts.impossible + texts.absent if not loaded.doubts(problem.path)]
    return find_all(loaded) + found


def check_recipe(loaded: Loaded, console: Console | None = None) -> None:
    """Print what the recipe will do. Needs no network, and leaves no file behind.

    Raises RequestError with all that is wrong with the recipe; where only files are missing, it first says what it can
    without them, and then raises CheckError.
    """
    console = console or Console(highlight=False, emoji=False)
    recipe = loaded.recipe
    texts = find_faults(loaded)
    absent = refuse_impossible(loaded, without_files=True, besides=texts.impossible)
    console.print(Text.assemble((recipe.name, "bold"), f"  {_task(recipe)}\n"))
    without = {problem.path: _evaluation_set(problem.path) for problem in absent}
    base_is_away = any(problem.path == ("model", "pretrained") for problem in absent)
    base = None if base_is_away else describe_base(loaded)
    if None in without.values():
        if not base_is_away:
            _say_without_data(recipe, base, console)
        say_texts(loaded, console)
        unchecked = ", ".join(["rows", "tokens", "length of the training", *texts.unchecked])
        raise CheckError(f"not checked: {unchecked}\n{refusal(absent + texts.absent, loaded.path)}")
    left_out = [name for name in without.values() if name is not None]
    with loaded.located(), tempfile.TemporaryDirectory(prefix="dragoman-") as temporary:
        warnings = _say_with_data(loaded, base, Path(temporary), left_out, console)
    say_texts(loaded, console)
    console.print()
    for warning in warnings:
        console.print(Text(f"warning: {warning}", "yellow"), soft_wrap=True)
    if left_out or texts.absent:
        unchecked = ", ".join([*left_out, *texts.unchecked])
        raise CheckError(f"not checked: {unchecked}\n{refusal(absent + texts.absent, loaded.path)}")
    said = Text() if warnings else Text("nothing is wrong.  ", "green")
    console.print(said.append(f"next: dragoman run {loaded.arguments}", "default"), soft_wrap=True)


def _evaluation_set(key: KeyPath) -> str | None:
    """The split whose source stands at a key of the recipe, where it is one to measure on."""
    if key[:2] == ("data", "test"):
        return test_set(str(key[2]))
    return VALIDATION if key == ("data", "validation") else None


def _task(recipe: Recipe) -> str:
    languages = recipe.data.languages
    return f"translation from {languages.source} to {languages.target}" if recipe.task == "translation" else recipe.task


def _say_without_data(recipe: Recipe, base: Snapshot | None, console: Console) -> None:
    vocabulary = recipe.tokenizer.vocabulary_size
    if recipe.model.nmt is not None:
        console.print(model_table(NmtConfig.from_recipe(recipe.model.nmt, vocabulary)))
    plans = plan_methods(as_recipe(recipe), base, vocabulary) if recipe.pretraining is not None else []
    for plan in [*plans, *plan_methods(recipe, base, vocabulary)]:
        _say_plan(plan, known_length(plan.training), console)


def _say_plan(plan: MethodPlan, length: str, console: Console) -> None:
    for part in plan.tables(length) if isinstance(plan, TuningPlan) else [plan.table(length)]:
        console.print(part)


def _given_tokenizer(loaded: Loaded, base: Snapshot | None) -> TextTokenizer | None:
    """The base model's, or the one that the recipe names."""
    given = loaded.recipe.tokenizer.path
    if base is not None:
        return load_tokenizer(base.folder)
    return None if given is None else load_tokenizer(resolve_path(given, loaded.folder))


def _say_with_data(
    loaded: Loaded, base: Snapshot | None, temporary: Path, left_out: Sequence[str], console: Console
) -> list[str]:
    """Everything, from a tokenizer and encoded sets that are made for this check alone. What to warn of is returned."""
    recipe = loaded.recipe
    tokenizer = _given_tokenizer(loaded, base)
    vocabulary = recipe.tokenizer.vocabulary_size if tokenizer is None else tokenizer.vocabulary_size
    if recipe.model.nmt is not None:
        console.print(model_table(NmtConfig.from_recipe(recipe.model.nmt, vocabulary)))
    console.print()
    dataset = Dataset(recipe.data, loaded.folder, recipe.seed, left_out, recipe.task)
    if tokenizer is None:
        raw = vocabulary_texts(recipe, loaded.folder, None).beginnings(VOCABULARY_SAMPLE)
        train_tokenizer(recipe, dataset, temporary / "tokenizer", raw)
        tokenizer = load_tokenizer(temporary / "tokenizer")
    sets = EncodedSets(temporary / "encoded")
    causal = is_causal(recipe, base)
    quarantine = temporary / "quarantine.jsonl"
    receipt = encode_sets(recipe, dataset, tokenizer, sets.folder, quarantine, causal=causal).to_json()
    print_receipt(receipt, console)
    if left_out:
        console.print(f"\nleft out, because the file is missing: {', '.join(left_out)}", soft_wrap=True)
    console.print()
    console.print(preview(sets.ids(TRAIN), tokenizer), crop=False)
    warnings = [*template_warnings(recipe, causal), *receipt_warnings(receipt)]
    tokens = receipt["splits"][TRAIN]["source_tokens"] + receipt["splits"][TRAIN]["target_tokens"]
    if recipe.pretraining is not None:
        pretraining = plan_pretraining(loaded, base, tokenizer, tokens)
        _say_plan(pretraining.training, pretraining.length, console)
        warnings += pretraining.warnings()
    for described in plan_methods(recipe, base, tokenizer.vocabulary_size):
        method, training = described.method, described.training
        plan = batch_plan(sets.ids(TRAIN), training, recipe.seed, described.micro_batch)
        steps, epoch = plan.total_steps(training), plan.steps_per_epoch
        length = (
            f"{steps:,} {'step' if steps == 1 else 'steps'}, {steps / epoch:.1f} epochs of {epoch:,}; "
            f"{millions(steps / epoch * tokens)} tokens, source and target together; "
            f"{plan.padding:.1%} of all positions are padding"
        )
        warnings += [f"training {method}: {said}" for said in length_warnings(training, steps)]
        if not described.fits:
            warnings.append(f"training {method}: it takes more memory than there is; {TOO_LARGE}")
        _say_plan(described, length, console)
    return warnings
