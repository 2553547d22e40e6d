"""Whether task, model, tuning and device of a recipe fit together, said before any weight is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from torch import nn

from dragoman.adapters import library
from dragoman.adapters.four_bit import why_not
from dragoman.adapters.targets import find_targets
from dragoman.base.device import choose_precision, pick_device
from dragoman.base.errors import RequestError
from dragoman.models.hub import Snapshot
from dragoman.models.networks import Network, head_of
from dragoman.models.pretrained import PretrainedModel
from dragoman.planning.bases import FEW, describe_base, is_causal, overflows, skeleton
from dragoman.planning.pretraining import as_recipe, pretraining_key, pretraining_problems
from dragoman.recipe.loading import Loaded
from dragoman.recipe.merging import PRETRAINING, training_of
from dragoman.recipe.paths import resolve_path
from dragoman.recipe.schema import Adapter, Method, Recipe, Training
from dragoman.recipe.tree import KeyPath, Problem
from dragoman.tokenizer.loading import load_tokenizer

ENTITY_METRICS = {"f1", "precision", "recall", "malformed"}


def fitting_problems(loaded: Loaded, *, base_is_known: bool) -> Iterator[Problem]:
    """Everything that does not fit. base_is_known: the base model's configuration can be read."""
    recipe = loaded.recipe
    base, model = describe_base(loaded) if base_is_known and not loaded.doubts("model") else None, None
    if base is not None:
        try:
            model = skeleton(recipe, base, FEW)
        except RequestError as error:
            yield loaded.problem("model.pretrained", str(error))
            base = None
    if base is not None and model is not None:
        yield from _tokenizer(loaded, base, model.network)
        yield from _context(loaded, model, base.name)
    elif recipe.model.transformers is not None and not loaded.doubts("model"):
        with suppress(RequestError):  # a shape that there is not: said elsewhere
            described = skeleton(recipe, None, FEW)
            yield from _context(loaded, described, f"this {described.kind}")
    yield from _task(loaded, base)
    too_large = overflows(recipe, base)
    for training, key in _trainings(recipe):
        try:
            choose_precision(training.precision, pick_device(), overflows=too_large)
        except RequestError as error:
            yield loaded.problem(key("precision"), f"{error.message}; {error.hint}")
    for name, method in recipe.methods.items():
        yield from _method(loaded, name, method)
    if model is not None:
        yield from _adapters(loaded, model.network)
    yield from pretraining_problems(loaded, base)


def _trainings(recipe: Recipe) -> Iterator[tuple[Training, Callable[[str], str | KeyPath]]]:
    """Every training of the recipe, with what tells the key of one of its settings."""
    for name in recipe.methods:
        yield training_of(recipe, name), partial(training_key, recipe, name)
    if recipe.pretraining is not None:
        yield training_of(as_recipe(recipe), PRETRAINING), partial(pretraining_key, recipe)


def _tokenizer(loaded: Loaded, base: Snapshot, network: nn.Module) -> Iterator[Problem]:
    """Whether the base has a tokenizer, and an embedding for each of its pieces."""
    try:
        pieces, rows = load_tokenizer(base.folder).vocabulary_size, head_of(network).weight.shape[0]
    except RequestError as error:
        yield loaded.problem("model.pretrained", str(error))
        return
    if pieces > rows:
        yield loaded.problem(
            "model.pretrained",
            f"its tokenizer has {pieces:,} pieces and its embedding only {rows:,} rows: the files of two models are "
            "mixed, or tokens were added to the tokenizer alone",
        )


def _context(loaded: Loaded, model: PretrainedModel, name: str) -> Iterator[Problem]:
    """Whether the longest rows that are trained on are within what the model has in sight."""
    source, target = loaded.recipe.data.max_source_length, loaded.recipe.data.max_target_length
    if model.context is None:
        return
    room = f"{name} has {model.context:,} tokens in sight"
    if model.causal and source + target > model.context:
        why = f"with data.max_target_length that is {source + target:,} tokens of one sequence, and {room}"
        yield loaded.problem("data.max_source_length", f"{why}: lower one of them")
    for side, length in (("source", source), ("target", target)):
        if not model.causal and length > model.context:
            yield loaded.problem(f"data.max_{side}_length", f"{room}: set it to {model.context:,} or less")


def _task(loaded: Loaded, base: Snapshot | None) -> Iterator[Problem]:
    recipe = loaded.recipe
    evaluation = recipe.evaluation
    if loaded.doubts("task"):
        return
    if recipe.task != "entities" and (odd := sorted(ENTITY_METRICS & set(evaluation.metrics))):
        yield loaded.problem("evaluation.metrics", f"{', '.join(odd)} count entities; the task is {recipe.task}")
    if recipe.task != "chat":
        if evaluation.questions:
            yield loaded.problem("evaluation.questions", f"are for the task chat; the task is {recipe.task}")
        return
    if recipe.model.nmt is not None and not loaded.doubts("model"):
        yield loaded.problem("task", "a chat needs a causal model: name one in model.pretrained")
    elif base is not None and not is_causal(recipe, base):
        yield loaded.problem("task", f"a chat needs a causal model; {base.name} is an encoder-decoder")
    elif base is not None:
        try:
            load_tokenizer(base.folder).chat_text([{"role": "user", "content": "?"}], answer_next=True)
        except RequestError as error:
            yield loaded.problem("model.pretrained", str(error))
    elif recipe.model.transformers is not None and not loaded.doubts("model"):
        yield from _chat_from_random_weights(loaded)


def _chat_from_random_weights(loaded: Loaded) -> Iterator[Problem]:
    """The chat template then comes with the tokenizer that the recipe names."""
    recipe, path = loaded.recipe, loaded.recipe.tokenizer.path
    try:
        if not is_causal(recipe, None):
            kind = recipe.model.transformers["model_type"] if recipe.model.transformers else ""
            yield loaded.problem("task", f"a chat needs a causal model; {kind} is an encoder-decoder")
            return
        tokenizer = None if path is None else load_tokenizer(resolve_path(path, loaded.folder))
    except RequestError:
        return  # a shape that there is not, or files that are missing: said elsewhere
    if tokenizer is None:
        yield loaded.problem(
            "tokenizer.path",
            "a chat needs a tokenizer with a chat template: name a folder with a pretrained one's files",
        )
        return
    try:
        tokenizer.chat_text([{"role": "user", "content": "?"}], answer_next=True)
    except RequestError as error:
        hint = "add chat_template.jinja to the folder, or chat_template to its tokenizer_config.json"
        yield loaded.problem("tokenizer.path", f"{error.message}\n  {hint}")


def _method(loaded: Loaded, name: str, method: Method) -> Iterator[Problem]:
    base_is_none = loaded.recipe.model.pretrained is None and not loaded.doubts("model")
    if base_is_none and method.tuning != "full":
        yield loaded.problem(
            ("methods", name, "tuning"), f"{method.tuning} adapts a pretrained model: name one in model.pretrained"
        )
    elif base_is_none and method.start == "base":
        yield loaded.problem(("methods", name, "start"), "there is no base to start from: name one in model.pretrained")
    elif method.tuning == "qlora" and (reason := why_not(pick_device())) is not None:
        yield loaded.problem(("methods", name, "tuning"), f"4 bits are not possible here: {reason}; use lora instead")


def _adapters(loaded: Loaded, network: nn.Module) -> Iterator[Problem]:
    for name, method in loaded.recipe.methods.items():
        if method.tuning == "full":
            continue
        for error in _refused(network, method.adapter):
            key, error.where = str(error.where), None  # the problem has its place itself
            yield loaded.problem(("methods", name, *key.split(".")), str(error))


def _refused(network: Network, adapter: Adapter) -> Iterator[RequestError]:
    """What is wrong with an adapter's targets, and what peft will not take."""
    wrong = list(library.wrong_keys(adapter, where="adapter")) if adapter.library == "peft" else []
    yield from wrong
    try:
        targets = find_targets(network, adapter)
        if adapter.library == "peft" and not wrong:
            library.lora_config(adapter, targets, causal=not network.config.is_encoder_decoder, where="adapter")
    except RequestError as error:
        yield error


def training_key(recipe: Recipe, method: str, word: str) -> KeyPath:
    """The key that gives this method this setting of its training."""
    own = word in recipe.methods[method].training
    return ("methods", method, "training", word) if own else ("training", word)
