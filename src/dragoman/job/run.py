"""A recipe's stages in order: what is done is skipped, what is half done goes on."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dragoman.base.device import tune_allocator
from dragoman.base.errors import RequestError, did_you_mean
from dragoman.base.files import atomic_folder, clear_temporaries, digest, lock, write_json, write_text
from dragoman.base.progress import console
from dragoman.data.dataset import Dataset
from dragoman.data.receipt_table import print_receipt
from dragoman.job.folder import RunFolder
from dragoman.job.ledger import Ledger, Stage, flatten
from dragoman.job.outputs import evaluate_method
from dragoman.job.training import train_method
from dragoman.objectives.sets import encode_sets, train_tokenizer
from dragoman.planning.semantics import refuse_impossible
from dragoman.recipe.loading import Loaded
from dragoman.recipe.merging import training_of
from dragoman.recipe.paths import resolve_path
from dragoman.recipe.saving import effective
from dragoman.recipe.schema import Recipe
from dragoman.report.page import write_report
from dragoman.tokenizer.tokenizer import Tokenizer


@dataclass(frozen=True)
class Result:
    folder: Path
    report: Path
    seconds: dict[str, float]  # by stage


def run_recipe(loaded: Loaded, runs: Path, *, method: str | None = None, restart: bool = False) -> Result:
    """Do a recipe's job in `runs/<name>`, or go on with it.

    method: only this one of the recipe's methods. restart: train anew, what is there is set aside.
    Raises RequestError for what is wrong with the recipe or the data, Interrupted after a signal.
    """
    recipe = loaded.recipe
    refuse_impossible(loaded)
    if method is not None and method not in recipe.methods:
        known = ", ".join(recipe.methods)
        raise RequestError(
            f"the recipe has no method '{method}'", where="--method", hint=did_you_mean(method, recipe.methods) or known
        )
    tune_allocator()
    run = RunFolder(runs / recipe.name)
    with lock(run.path):
        clear_temporaries(run.path)
        write_text(run.recipe, effective(recipe, loaded.folder))
        ledger = Ledger(run.path)
        methods = [method] if method is not None else list(recipe.methods)
        for stage in stages(loaded, run, methods):
            if not ledger.run(stage, restart=restart and stage.resumable):
                console.print(f"{stage.label}: done before", style="dim")
        report = write_report(run.path)
        return Result(run.path, report, {r["stage"] + (f" {r['method']}" if r["method"] else ""): r["seconds"] for r in ledger.records})


def stages(loaded: Loaded, run: RunFolder, methods: list[str]) -> list[Stage]:
    """The stages of a recipe, each with what it depends on."""
    recipe = loaded.recipe
    data = flatten("data", recipe.data.model_dump(mode="json"))
    seed = {"seed": recipe.seed}
    dataset = Dataset(recipe.data, loaded.folder, recipe.seed)
    files = {f"the content of {file}": digest(file) for file in dataset.files()}

    limits = ("data.max_", "data.overlong", "data.test")
    rows = {name: value for name, value in data.items() if not name.startswith(limits)}
    if recipe.tokenizer.path is None:
        tokenizer = Stage(
            "tokenizer", 1, {**flatten("tokenizer", recipe.tokenizer.model_dump()), **rows, **seed, **files},
            ["tokenizer"], lambda: train_tokenizer(recipe, dataset, run.tokenizer),
        )  # fmt: skip
    else:
        given = resolve_path(recipe.tokenizer.path, loaded.folder)
        Tokenizer.load(given)
        tokenizer = Stage(
            "tokenizer", 1, {f"the content of {given}": digest(given)}, ["tokenizer"], partial(_copy_tokenizer, given, run)
        )
    encode = Stage(
        "encode", 1, {**data, **seed, **files, "the tokenizer": tokenizer.key},
        ["encoded", "receipt.json", "quarantine.jsonl"],
        lambda: _encode(recipe, dataset, run),
    )  # fmt: skip
    result = [tokenizer, encode]
    answering = flatten("generation", recipe.generation.model_dump())
    measuring = {**answering, **flatten("evaluation", recipe.evaluation.model_dump(include={"metrics", "main"}))}
    for name in methods:
        training = flatten("training", training_of(recipe, name).model_dump(mode="json"))
        model = flatten("model", recipe.model.model_dump())
        depends = {**model, **training, **measuring, **seed, "the encoded data": encode.key}
        train = Stage(
            "train", 1, depends, [f"{name}/{part}" for part in ("model", "checkpoints", "metrics.jsonl")], partial(train_method, recipe, name, run), method=name, resumable=True
        )
        evaluate = Stage(
            "evaluate", 1, {**measuring, "the model": train.key},
            [f"{name}/outputs.jsonl", f"{name}/scores.json"], partial(evaluate_method, recipe, name, dataset, run), method=name,
        )  # fmt: skip
        result += [train, evaluate]
    return result


def _encode(recipe: Recipe, dataset: Dataset, run: RunFolder) -> None:
    receipt = encode_sets(recipe, dataset, Tokenizer.load(run.tokenizer), run.sets.folder, run.quarantine).to_json()
    write_json(run.receipt, receipt)
    print_receipt(receipt)


def _copy_tokenizer(given: Path, run: RunFolder) -> None:
    with atomic_folder(run.tokenizer) as folder:
        shutil.copytree(given, folder, dirs_exist_ok=True)
