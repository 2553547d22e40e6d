"""Pretraining, planned: as a training of its own, how long it is, and what in a recipe makes it impossible.

A pretraining is planned, and done, as the one method of a recipe of its own, which differs from the user's in that
method, in what is measured, and in the lengths of its rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dragoman.base.errors import RequestError
from dragoman.data.readers import has_column, source_files
from dragoman.models.hub import Snapshot
from dragoman.objectives.pretraining.corruption import WindowObjective, check_sentinels
from dragoman.objectives.pretraining.texts import learnt_data
from dragoman.planning.bases import FEW, skeleton
from dragoman.recipe.loading import Loaded
from dragoman.recipe.merging import PRETRAINED, PRETRAINING, start_of, training_of
from dragoman.recipe.paths import resolve_path
from dragoman.recipe.schema import Method, Recipe
from dragoman.recipe.tree import Problem
from dragoman.tokenizer.loading import load_tokenizer
from dragoman.tokenizer.specials import SENTINELS

LOSS = "loss"


def as_recipe(recipe: Recipe, objective: WindowObjective | None = None) -> Recipe:
    """The pretraining of a recipe as the method `pretraining` of a recipe of its own.

    objective: where it is given, the lengths of rows are those of full windows.
    """
    settings = recipe.pretraining
    assert settings is not None
    start = "random" if recipe.model.pretrained is None else "base"
    method = Method.model_validate({"start": start, "training": {**settings.training, "best": LOSS}})
    changed: dict[str, object] = {
        "methods": {PRETRAINING: method},
        "evaluation": recipe.evaluation.model_copy(update={"metrics": [LOSS], "main": LOSS}),
    }
    if objective is not None:
        inputs, labels = objective.lengths(settings.window)
        sides = (1, inputs - 1) if objective.causal else (inputs, labels)
        lengths = dict(zip(("max_source_length", "max_target_length"), sides, strict=True))
        changed["data"] = recipe.data.model_copy(update=lengths)
    return recipe.model_copy(update=changed)


def pretraining_key(recipe: Recipe, word: str) -> str:
    """The key that gives pretraining this setting of its training."""
    own = recipe.pretraining is not None and word in recipe.pretraining.training
    return f"{PRETRAINING}.training.{word}" if own else f"training.{word}"


@dataclass(frozen=True)
class Windowed:
    """How much there is to learn from, an epoch. inputs, labels: tokens that are read, and that are learnt."""

    windows: int
    tokens: int
    inputs: int
    labels: int

    @classmethod
    def of_text(cls, tokens: float, window: int, objective: WindowObjective) -> Windowed:
        """Of so many tokens of text."""
        windows = max(1, math.ceil(tokens / window))
        inputs, labels = objective.lengths(math.ceil(tokens / windows))
        return cls(windows, round(tokens), windows * inputs, windows * labels)


def length_in_words(steps: int, steps_per_epoch: int, text: Windowed, parts: Mapping[str, int], *, causal: bool) -> str:
    """How long a pretraining is, and what it takes: six operations for each parameter that a token goes through."""
    epochs = steps / steps_per_epoch
    head = parts["head"] or parts["embedding"]
    seen = 0 if causal else parts["encoder"] * text.inputs
    operations = 6 * epochs * (seen + (parts["decoder"] + head) * text.labels)
    return (
        f"{steps:,} {'step' if steps == 1 else 'steps'}, {epochs:.1f} epochs of {steps_per_epoch:,}; {text.windows:,} "
        f"windows, {_short(text.tokens)} tokens of text; about {_short(operations)} operations in all"
    )


def _short(count: float) -> str:
    for power, name in ((18, "quintillion"), (15, "quadrillion"), (12, "trillion"), (9, "billion"), (6, "million")):
        if count >= 10**power:
            return f"{count / 10**power:,.1f} {name}"
    return f"{count:,.0f}"


# ---- what is impossible ----


def pretraining_problems(loaded: Loaded, base: Snapshot | None) -> Iterator[Problem]:
    """Everything about pretraining that does not fit. base: the pretrained model, where it is known."""
    recipe = loaded.recipe
    for name in recipe.methods:
        if recipe.pretraining is None and start_of(recipe, name) == PRETRAINED and not loaded.doubts(PRETRAINING):
            yield loaded.problem(
                ("methods", name, "start"), "there is no pretraining to start from: add the section pretraining"
            )
    if recipe.pretraining is None:
        return
    if all(start_of(recipe, name) != PRETRAINED for name in recipe.methods) and not loaded.doubts("methods"):
        yield loaded.problem(PRETRAINING, "no method starts from it: set methods.NAME.start to pretrained")
    yield from _text(loaded)
    yield from _objective(loaded, base)
    yield from _training(loaded)


def _text(loaded: Loaded) -> Iterator[Problem]:
    recipe, settings = loaded.recipe, loaded.recipe.pretraining
    assert settings is not None
    if "corpus" in learnt_data(recipe) and recipe.corpus is None and not loaded.doubts("corpus"):
        yield loaded.problem("pretraining.data", "the recipe has no corpus")
    nothing = not (learnt_data(recipe) or settings.sources or settings.tables)
    if nothing and not any(map(loaded.doubts, ("corpus", PRETRAINING))):
        yield loaded.problem(
            PRETRAINING,
            "there is no text to learn from: add a corpus, pretraining.sources or pretraining.tables, or set "
            "pretraining.data to [pairs]",
        )
    for number, source in enumerate(settings.sources):
        if source.share is not None:
            yield loaded.problem(
                (PRETRAINING, "sources", number, "share"), "is for corpus.sources: here all that there is is taken"
            )
    for number, table in enumerate(settings.tables):
        key = (PRETRAINING, "tables", number)
        try:
            source_files(table, loaded.folder)
            unknown = [name for name in table.columns if not has_column(table, loaded.folder, name)]
        except RequestError:
            continue  # said where files are looked for
        for name in unknown:
            yield loaded.problem((*key, "columns"), f"there is no column '{name}'")


def _objective(loaded: Loaded, base: Snapshot | None) -> Iterator[Problem]:
    """Whether model, vocabulary and objective go together."""
    recipe, settings = loaded.recipe, loaded.recipe.pretraining
    assert settings is not None
    known = base is not None or recipe.model.pretrained is None
    if not known or loaded.doubts("model") or loaded.doubts("pretraining.objective"):
        return
    try:
        model = None if recipe.model.nmt is not None else skeleton(recipe, base, FEW)
    except RequestError:
        return  # a shape that there is not: said elsewhere
    causal = model is not None and model.causal
    if model is not None and model.context is not None and settings.window >= model.context:
        said = f"a {model.kind} has {model.context:,} tokens in sight: take at most {model.context - 1:,}"
        yield loaded.problem("pretraining.window", said)
    if causal and settings.objective != "causal":
        yield loaded.problem("pretraining.objective", "the model is decoder-only, which learns by objective: causal")
    if not causal and settings.objective == "causal":
        yield loaded.problem(
            "pretraining.objective", "the model is an encoder-decoder: take span_corruption or infilling"
        )
    if causal or settings.objective == "causal":
        return
    sentinels = len(SENTINELS)
    try:
        if base is not None:
            sentinels = len(load_tokenizer(base.folder).sentinel_ids)
        elif recipe.tokenizer.path is not None:
            sentinels = len(load_tokenizer(resolve_path(recipe.tokenizer.path, loaded.folder)).sentinel_ids)
    except RequestError:
        return
    if sentinels == 0:
        yield loaded.problem("pretraining.objective", "the tokenizer has no sentinels (<extra_id_0> ...) to mask with")
        return
    try:
        check_sentinels(settings, sentinels)
    except RequestError as error:
        yield loaded.problem("pretraining.window", f"{error.message}; {error.hint}")


def _training(loaded: Loaded) -> Iterator[Problem]:
    recipe, settings = loaded.recipe, loaded.recipe.pretraining
    assert settings is not None
    if settings.training.get("best", LOSS) != LOSS:
        yield loaded.problem("pretraining.training.best", "pretraining is measured by its loss alone")
    training = training_of(as_recipe(recipe), PRETRAINING)

    whole = training.max_steps
    if whole is not None and training.warmup_steps >= whole and not loaded.doubts(pretraining_key(recipe, "max_steps")):
        said = f"{training.warmup_steps} steps of warm-up in a pretraining of {whole}"
        yield loaded.problem(pretraining_key(recipe, "warmup_steps"), said)
