"""The stages of a recipe: what each depends on, what it writes, and how it is done."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from dragoman.base.files import atomic_folder, digest, write_json
from dragoman.data.dataset import Dataset, sources_of
from dragoman.data.readers import source_files
from dragoman.data.receipt_table import print_receipt
from dragoman.job.folder import RunFolder
from dragoman.job.ledger import Stage, flatten
from dragoman.job.outputs import evaluate_method
from dragoman.job.training import train_method
from dragoman.objectives.sets import encode_sets, train_tokenizer
from dragoman.recipe.loading import Loaded
from dragoman.recipe.merging import best_metric_of, training_of
from dragoman.recipe.paths import resolve_path
from dragoman.recipe.schema import Recipe
from dragoman.recipe.tree import dotted
from dragoman.tokenizer.tokenizer import Tokenizer

# What training does not depend on: test sets, and what is only said about rows. More of it for the tokenizer.
NOT_FOR_TRAINING = ("data.test", "the content of data.test", "data.strict", "data.template.level")
NOT_FOR_THE_TOKENIZER = (*NOT_FOR_TRAINING, "data.max_", "data.overlong", "data.languages")


def stages(loaded: Loaded, run: RunFolder, methods: list[str]) -> list[Stage]:
    """In order: tokenizer, encode, then train and evaluate for each method. Reads the input files for their digests."""
    recipe = loaded.recipe
    dataset = Dataset(recipe.data, loaded.folder, recipe.seed)
    rows = _rows(recipe, dataset)
    tokenizer = _tokenizer(loaded, dataset, rows, run)
    encode = Stage(
        name="encode",
        version=1,
        depends={**rows, "the tokenizer": tokenizer.key},
        outputs=["encoded", "receipt.json", "quarantine.jsonl"],
        work=partial(_encode, recipe, dataset, run),
    )
    answering = flatten("generation", recipe.generation.model_dump())
    trained_on = {name: value for name, value in rows.items() if not name.startswith(NOT_FOR_TRAINING)}
    result = [tokenizer, encode]
    for name in methods:
        training = training_of(recipe, name)
        train = Stage(
            name="train",
            version=1,
            depends={
                **flatten("model", recipe.model.model_dump()),
                **flatten("training", training.model_dump(mode="json", exclude={"checkpoints"})),
                "training.best": best_metric_of(recipe, name),
                **answering,  # the best checkpoint is the one that answers best
                **trained_on,
                "the tokenizer": tokenizer.key,
            },
            outputs=[f"{name}/model", f"{name}/checkpoints", f"{name}/metrics.jsonl"],
            work=partial(train_method, recipe, name, run),
            method=name,
            resumable=True,
            spare=[f"{name}/checkpoints", f"{name}/metrics.jsonl"],
        )
        evaluate = Stage(
            name="evaluate",
            version=1,
            depends={
                **answering,
                "evaluation.metrics": recipe.evaluation.metrics,
                "the encoded data": encode.key,
                "the model": train.key,
            },
            outputs=[f"{name}/outputs.jsonl", f"{name}/scores.json"],
            work=partial(evaluate_method, recipe, name, dataset, run),
            method=name,
        )
        result += [train, evaluate]
    return result


def _rows(recipe: Recipe, dataset: Dataset) -> dict[str, object]:
    """What the rows depend on: the data section, the seed that splits them, what the files hold (not their names)."""
    named = ("train", "validation", "test")
    depends = {**flatten("data", recipe.data.model_dump(mode="json", exclude=set(named))), "seed": recipe.seed}
    for path, source in sources_of(recipe.data).items():
        name = dotted(path)
        paths = {"path", "source_path", "target_path"}
        depends |= flatten(name, source.model_dump(mode="json", exclude=paths, exclude_none=True))
        depends[f"the content of {name}"] = [digest(file) for file in source_files(source, dataset.folder)]
    return depends


def _tokenizer(loaded: Loaded, dataset: Dataset, rows: dict[str, object], run: RunFolder) -> Stage:
    """Train one on the training rows, or take the one that the recipe names."""
    recipe = loaded.recipe
    if recipe.tokenizer.path is not None:
        given = resolve_path(recipe.tokenizer.path, loaded.folder)
        Tokenizer.load(given)
        depends: dict[str, object] = {"the content of tokenizer.path": digest(given)}
        return Stage("tokenizer", 1, depends, ["tokenizer"], partial(_copy, given, run))
    needed = {name: value for name, value in rows.items() if not name.startswith(NOT_FOR_THE_TOKENIZER)}
    depends = {**flatten("tokenizer", recipe.tokenizer.model_dump()), **needed}
    return Stage("tokenizer", 1, depends, ["tokenizer"], partial(train_tokenizer, recipe, dataset, run.tokenizer))


def _copy(given: Path, run: RunFolder) -> None:
    with atomic_folder(run.tokenizer) as folder:
        shutil.copytree(given, folder, dirs_exist_ok=True)


def _encode(recipe: Recipe, dataset: Dataset, run: RunFolder) -> None:
    receipt = encode_sets(recipe, dataset, Tokenizer.load(run.tokenizer), run.sets.folder, run.quarantine).to_json()
    write_json(run.receipt, receipt)
    print_receipt(receipt)
