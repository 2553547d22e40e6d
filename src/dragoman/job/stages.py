"""The stages of a recipe: what each depends on, what it writes, and how it is done."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, get_args

from dragoman.base.files import atomic_folder, digest, write_json
from dragoman.data.dataset import Dataset, sources_of
from dragoman.data.readers import source_files
from dragoman.data.readers.hub import hub_commit
from dragoman.data.receipt_table import print_receipt
from dragoman.evaluation.comparison import BASE
from dragoman.generation.saved import CARD
from dragoman.job.folder import RunFolder
from dragoman.job.inputs import Inputs
from dragoman.job.ledger import Stage, flatten
from dragoman.job.outputs import evaluate_base, evaluate_method
from dragoman.job.pretraining import corpus_stage, pretraining_stages, text_depends
from dragoman.job.training import train_method
from dragoman.models.hub import Snapshot
from dragoman.objectives.pretraining.texts import VOCABULARY_BYTES, vocabulary_texts
from dragoman.objectives.sets import encode_sets, train_tokenizer
from dragoman.planning.bases import base_of, is_causal
from dragoman.recipe.loading import Loaded
from dragoman.recipe.merging import PRETRAINED, best_metric_of, start_of, training_of
from dragoman.recipe.paths import resolve_path
from dragoman.recipe.schema import LossMetric, Recipe
from dragoman.recipe.tree import dotted
from dragoman.tokenizer.loading import load_tokenizer
from dragoman.training.trackers import TRACKED

# What training does not depend on: test sets, and what is only said about rows. More of it for the tokenizer.
NOT_FOR_TRAINING = ("data.test", "the content of data.test", "data.strict", "data.template.level")
NOT_FOR_THE_TOKENIZER = (*NOT_FOR_TRAINING, "data.max_", "data.overlong")


def stages(loaded: Loaded, run: RunFolder) -> list[Stage]:
    """In order: corpus, tokenizer, encode, the text and the training of pretraining, then train and evaluate for each
    method; the untouched base model is evaluated before all methods. Reads the input files for their digests.
    """
    recipe = loaded.recipe
    base = base_of(loaded)
    dataset = Dataset(recipe.data, loaded.folder, recipe.seed, task=recipe.task)
    inputs = Inputs()
    rows = _rows(recipe, dataset, inputs)
    corpus, text = corpus_stage(loaded, run), text_depends(recipe, loaded.folder)
    raw = text if corpus is None else {**text, "the corpus": corpus.key}
    tokenizer = _tokenizer(loaded, dataset, {**_learnt(rows, NOT_FOR_THE_TOKENIZER), **raw}, run, base, inputs)
    causal = is_causal(recipe, base)
    encode = Stage(
        name="encode",
        version=2,
        depends={**rows, "task": recipe.task, "causal": causal, "the tokenizer": tokenizer.key},
        outputs=["encoded", "receipt.json", "quarantine.jsonl"],
        work=partial(inputs.reading, partial(_encode, recipe, dataset, run, causal)),
    )
    model = {} if base is None else {"the base model": base.identity}
    model |= flatten("model", recipe.model.model_dump(exclude_none=True, exclude={"pretrained", "revision"}))
    answering = flatten("generation", recipe.generation.model_dump())
    named = flatten("data.languages", recipe.data.languages.model_dump())  # in the models' cards
    trained_on = _learnt(rows, NOT_FOR_TRAINING)
    evaluation = recipe.evaluation
    measured: dict[str, Any] = {"evaluation.metrics": evaluation.metrics, "evaluation.questions": evaluation.questions}
    if set(evaluation.metrics) <= set(get_args(LossMetric)):
        measured["evaluation.samples"] = evaluation.samples  # then only the sample table's rows are answered
    pretraining = pretraining_stages(
        loaded, run, base, tokenizer=tokenizer, corpus=corpus, text=text, rows=_learnt(rows, NOT_FOR_THE_TOKENIZER),
        model=model,
    )  # fmt: skip
    result = [*([corpus] if corpus is not None else []), tokenizer, encode, *pretraining]
    if base is not None:
        result.append(
            Stage(
                name="evaluate",
                version=2,
                depends={
                    **answering,
                    **measured,
                    **model,
                    "training.precision": recipe.training.precision,
                    "the encoded data": encode.key,
                },
                outputs=[f"{BASE}/outputs.jsonl", f"{BASE}/scores.json", f"{BASE}/questions.jsonl"],
                work=partial(evaluate_base, recipe, base, dataset, run),
                method=BASE,
            )
        )
    for name in recipe.methods:
        training, method, best = training_of(recipe, name), recipe.methods[name], best_metric_of(recipe, name)
        spare = [f"{name}/{made}" for made in ("checkpoints", "metrics.jsonl", "export", "bench", *TRACKED)]
        tuning = method.model_dump(include={"start", "tuning"} | ({"adapter"} if method.tuning != "full" else set()))
        pretrained = start_of(recipe, name) == PRETRAINED
        train = Stage(
            name="train",
            version=1,
            depends={
                "task": recipe.task,
                **model,
                **flatten("method", {key: value for key, value in tuning.items() if value is not None}),
                **flatten("training", training.model_dump(mode="json", exclude={"checkpoints"})),
                "training.best": best,
                **({} if best in get_args(LossMetric) else answering),  # the best checkpoint may be what answers best
                **trained_on,
                "the tokenizer": tokenizer.key,
                **({"the pretraining": pretraining[-1].key} if pretrained else {}),
            },
            outputs=[f"{name}/model", f"{name}/architecture.svg", *spare],
            work=partial(train_method, recipe, name, run, base),
            method=name,
            resumable=True,
            spare=spare,
            rewritten=[f"{name}/model/{CARD}"],
        )
        evaluate = Stage(
            name="evaluate",
            version=2,
            depends={
                **answering,
                **measured,
                **named,
                "the encoded data": encode.key,
                "the model": train.key,
            },
            outputs=[f"{name}/outputs.jsonl", f"{name}/scores.json", f"{name}/questions.jsonl"],
            work=partial(evaluate_method, recipe, name, dataset, run),
            method=name,
        )
        result += [train, evaluate]
    return result


def _rows(recipe: Recipe, dataset: Dataset, inputs: Inputs) -> dict[str, object]:
    """What the rows depend on: the data section, the seed that splits them, what the files hold (not their names)."""
    elsewhere = {"train", "validation", "test", "languages"}
    depends = {**flatten("data", recipe.data.model_dump(mode="json", exclude=elsewhere)), "seed": recipe.seed}
    for path, source in sources_of(recipe.data).items():
        name = dotted(path)
        paths = {"path", "source_path", "target_path", "hub", "revision", "streaming"}
        depends |= flatten(name, source.model_dump(mode="json", exclude=paths, exclude_none=True))
        if source.hub is not None:
            depends[f"the content of {name}"] = hub_commit(source, dataset.folder)
        else:
            depends[f"the content of {name}"] = [inputs.digest(file) for file in source_files(source, dataset.folder)]
    return depends


def _learnt(rows: dict[str, object], elsewhere: tuple[str, ...]) -> dict[str, object]:
    """Of what rows depend on, what a stage does that looks at training rows alone."""
    return {name: value for name, value in rows.items() if not name.startswith(elsewhere)}


def _tokenizer(
    loaded: Loaded, dataset: Dataset, text: dict[str, object], run: RunFolder, base: Snapshot | None, inputs: Inputs
) -> Stage:
    """Train one, or take the base model's, or the one that the recipe names. text: what all that is trained on is."""
    recipe = loaded.recipe
    if base is not None:
        return Stage("tokenizer", 1, {"the base model": base.identity}, ["tokenizer"], partial(_copy, base.folder, run))
    if recipe.tokenizer.path is not None:
        given = resolve_path(recipe.tokenizer.path, loaded.folder)
        depends: dict[str, object] = {"the content of tokenizer.path": digest(given)}
        return Stage("tokenizer", 1, depends, ["tokenizer"], partial(_copy, given, run))
    depends = {"task": recipe.task, **flatten("tokenizer", recipe.tokenizer.model_dump()), **text}
    train = partial(_train_tokenizer, recipe, dataset, run)
    return Stage("tokenizer", 1, depends, ["tokenizer"], partial(inputs.reading, train))


def _train_tokenizer(recipe: Recipe, dataset: Dataset, run: RunFolder) -> None:
    texts = vocabulary_texts(recipe, dataset.folder, run.corpus / "shards")
    train_tokenizer(recipe, dataset, run.tokenizer, texts.beginnings(VOCABULARY_BYTES))


def _copy(given: Path, run: RunFolder) -> None:
    tokenizer = load_tokenizer(given)
    with atomic_folder(run.tokenizer) as folder:
        tokenizer.copy_to(folder)


def _encode(recipe: Recipe, dataset: Dataset, run: RunFolder, causal: bool) -> None:
    tokenizer = load_tokenizer(run.tokenizer)
    receipt = encode_sets(recipe, dataset, tokenizer, run.sets.folder, run.quarantine, causal=causal).to_json()
    write_json(run.receipt, receipt)
    print_receipt(receipt)
