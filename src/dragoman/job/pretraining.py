"""The stages that clean the corpus, tokenise raw text and pretrain on it: what each depends on, and the work."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from dragoman.base.device import Precision
from dragoman.base.errors import RequestError
from dragoman.base.files import atomic_folder, digest, write_json
from dragoman.base.progress import say
from dragoman.data.documents import pieces_of
from dragoman.data.documents.fingerprints import fingerprint
from dragoman.evaluation.loss import row_losses
from dragoman.job.corpus import clean
from dragoman.job.folder import RunFolder
from dragoman.job.ledger import Stage, flatten
from dragoman.job.models import make_model
from dragoman.job.training import Bench
from dragoman.models.face import TextModel
from dragoman.models.hub import Snapshot
from dragoman.objectives.pretraining.corruption import make_objective
from dragoman.objectives.pretraining.encoding import encode_texts, table_content
from dragoman.objectives.pretraining.receipt import receipt_lines
from dragoman.objectives.pretraining.shards import Encoding
from dragoman.objectives.pretraining.texts import learnt_data, texts_of
from dragoman.objectives.pretraining.windows import Windows
from dragoman.planning.pretraining import LOSS, as_recipe
from dragoman.recipe.loading import Loaded
from dragoman.recipe.merging import PRETRAINING, training_of
from dragoman.recipe.schema import Recipe, TextSource
from dragoman.tokenizer.loading import load_tokenizer
from dragoman.training.trackers import TRACKED

PRETRAIN = "pretrain"  # the stage's name
NOT_IN_KEYS = {"path", "hub", "revision"}  # of a source: its content is, wherever it stands


def corpus_stage(loaded: Loaded, run: RunFolder) -> Stage | None:
    """Clean the recipe's corpus, where it has one that a vocabulary or pretraining is made from."""
    recipe = loaded.recipe
    for_vocabulary = recipe.model.pretrained is None and recipe.tokenizer.path is None
    for_pretraining = recipe.pretraining is not None and "corpus" in learnt_data(recipe)
    if recipe.corpus is None or not (for_vocabulary or for_pretraining):
        return None
    told = recipe.corpus.model_dump(mode="json", exclude={"sources"})
    depends = {**flatten("corpus", told), **_sources("corpus.sources", recipe.corpus.sources, loaded.folder)}
    return Stage(
        name="corpus",
        version=1,
        depends={**depends, "seed": recipe.seed},
        outputs=["corpus"],
        work=partial(_clean, loaded, run),
        keeps=True,
    )


def text_depends(recipe: Recipe, folder: Path) -> dict[str, Any]:
    """What the raw text of pretraining that is no corpus depends on: the content of its sources and tables."""
    if recipe.pretraining is None:
        return {}
    depends = _sources("pretraining.sources", recipe.pretraining.sources, folder)
    for number, table in enumerate(recipe.pretraining.tables):
        depends[f"the content of pretraining.tables.{number}"] = table_content(table, folder)
    return depends


def pretraining_stages(
    loaded: Loaded, run: RunFolder, base: Snapshot | None, *, tokenizer: Stage, corpus: Stage | None,
    text: dict[str, Any], rows: dict[str, Any], model: dict[str, Any],
) -> list[Stage]:  # fmt: skip
    """Tokenise the text, and pretrain on it, where the recipe says so.

    text, rows: what raw text and training rows depend on. model: what the model does, before any training.
    """
    recipe = loaded.recipe
    settings = recipe.pretraining
    if settings is None:
        return []
    data = learnt_data(recipe)
    own = {"causal": settings.objective == "causal", "data": data, "validation_share": settings.validation_share}
    rules = flatten("pretraining.token_rules", settings.token_rules.model_dump())
    learnt_rows = {**rows, "task": recipe.task} if "pairs" in data else {}
    encode = Stage(
        name="encode",
        method=PRETRAINING,
        version=1,
        depends={
            **flatten(PRETRAINING, own), **rules, **text, **learnt_rows,
            "seed": recipe.seed, "the tokenizer": tokenizer.key,
            **({"the corpus": corpus.key} if corpus is not None and "corpus" in data else {}),
        },
        outputs=[f"{PRETRAINING}/encoded", f"{PRETRAINING}/receipt.json"],
        work=partial(_encode, recipe, loaded.folder, run, repr(sorted(learnt_rows.items()))),
        keeps=True,
    )  # fmt: skip
    training = training_of(as_recipe(recipe), PRETRAINING)
    objective = settings.model_dump(include={"objective", "noise", "mean_span", "window"})
    spare = [f"{PRETRAINING}/{made}" for made in ("checkpoints", "metrics.jsonl", *TRACKED)]
    pretrain = Stage(
        name=PRETRAIN,
        version=1,
        depends={
            **model,
            **flatten(PRETRAINING, objective),
            **flatten("training", training.model_dump(mode="json", exclude={"checkpoints"})),
            "seed": recipe.seed,
            "the encoded text": encode.key,
        },
        outputs=[f"{PRETRAINING}/model", *spare],
        work=partial(_pretrain, recipe, run, base),
        resumable=True,
        spare=spare,
    )
    return [encode, pretrain]


def _sources(key: str, sources: list[TextSource], folder: Path) -> dict[str, Any]:
    """What raw text depends on: how it is read, and its content."""
    depends: dict[str, Any] = {}
    for number, source in enumerate(sources):
        depends |= flatten(f"{key}.{number}", source.model_dump(exclude=NOT_IN_KEYS, exclude_none=True))
        pieces = pieces_of([source], folder)
        depends[f"the content of {key}.{number}"] = [fingerprint(piece, source) for piece in pieces]
    return depends


def _clean(loaded: Loaded, run: RunFolder) -> None:
    receipt = clean(loaded, run.corpus).receipt
    if not receipt["kept"]["documents"]:
        hint = f"dragoman corpus explain says why; {run.corpus / 'receipt.json'} counts them"
        raise RequestError("no document of the corpus is left", where="corpus", hint=hint)


def _encode(recipe: Recipe, folder: Path, run: RunFolder, pairs: str) -> None:
    """pairs: what the training rows depend on, where they are text to learn from."""
    settings = recipe.pretraining
    assert settings is not None
    encoding = Encoding(
        run.tokenizer, digest(run.tokenizer), settings.objective == "causal", settings.token_rules,
        settings.validation_share, recipe.seed,
    )  # fmt: skip
    receipt = encode_texts(texts_of(recipe, folder, run.corpus / "shards"), encoding, run.windows, pairs=pairs)
    write_json(run.pretraining / "receipt.json", receipt)
    for line in receipt_lines(receipt):
        say(line)


def _pretrain(recipe: Recipe, run: RunFolder, base: Snapshot | None) -> None:
    """Pretrain, or go on with it, and save the best weights."""
    settings = recipe.pretraining
    assert settings is not None
    objective = make_objective(settings, load_tokenizer(run.tokenizer))
    own = as_recipe(recipe, objective)
    bench = Bench.prepare(own, PRETRAINING, run, base)
    model = make_model(own, PRETRAINING, bench.tokenizer, base, run.pretrained, bench.precision.compute, bench.device)
    if model.causal != objective.causal:
        raise RequestError("does not go with this model", where="pretraining.objective")
    train, validation = (
        Windows(run.windows, split, objective, settings.window, recipe.seed) for split in ("train", "validation")
    )
    say(f"{PRETRAINING}: {len(train):,} windows, {train.tokens:,} tokens of text; {len(validation):,} to measure on")
    bench.train(model, train, _Measured(validation, bench.precision, bench.tokenizer.pad_id), run.pretraining)
    with atomic_folder(run.pretrained) as folder:
        model.save(folder)


class _Measured:
    """The loss of a model on the windows that are held out."""

    def __init__(self, windows: Windows, precision: Precision, pad_id: int):
        self.windows, self.precision, self.pad_id = windows, precision, pad_id

    def __call__(self, model: TextModel) -> dict[str, float]:
        found = row_losses(model, self.windows, self.precision, self.pad_id, model.start_id)
        return {LOSS: float(found.nats.sum() / found.labels.sum())}
