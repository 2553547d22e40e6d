"""What is wrong with a recipe beyond its shape: combinations, columns and files that only several sections show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dragoman.base.device import choose_precision, pick_device
from dragoman.base.errors import RequestError
from dragoman.data.dataset import sources_of
from dragoman.data.examples import check_columns, check_level
from dragoman.data.readers import source_files
from dragoman.data.templates import Template
from dragoman.recipe.loading import Loaded, refusal
from dragoman.recipe.merging import training_of
from dragoman.recipe.paths import resolve_path
from dragoman.recipe.schema import Recipe
from dragoman.recipe.tree import KeyPath, Problem
from dragoman.tokenizer.tokenizer import Tokenizer

# Names that a run folder has for itself.
RESERVED = {
    "recipe.yaml", "receipt.json", "quarantine.jsonl", "machine.json", "stages.json", "report.html", "tokenizer",
    "encoded", "previous",
}  # fmt: skip


def missing(loaded: Loaded) -> list[Problem]:
    """The files that are not there or may not be read, each with the place that names it."""
    found: list[Problem] = []
    for key, source in sources_of(loaded.recipe.data).items():
        with _noting(found, loaded, key):
            source_files(source, loaded.folder)
    path = loaded.recipe.tokenizer.path
    if path is not None:
        with _noting(found, loaded, ("tokenizer", "path")):
            Tokenizer.load(resolve_path(path, loaded.folder))
    return [problem for problem in found if not loaded.doubts(problem.path)]


def problems(loaded: Loaded, absent: Sequence[Problem] = ()) -> list[Problem]:
    """Everything that is impossible: settings, and columns of the files that are not absent.

    Where a value is unknown, nothing is said that may only follow from that.
    """
    found = [*_lengths(loaded), *_scores(loaded), *_methods(loaded), *_columns(loaded, absent)]
    return [problem for problem in dict.fromkeys(found) if not loaded.doubts(problem.path)]


def find_all(loaded: Loaded) -> list[Problem]:
    """All that is impossible and all that is missing."""
    absent = missing(loaded)
    return problems(loaded, absent) + absent


def refuse_impossible(loaded: Loaded, *, without_files: bool = False) -> list[Problem]:
    """Raise one RequestError with every problem. without_files: missing files alone are none, and returned."""
    absent = missing(loaded)
    found = problems(loaded, absent)
    if found or (absent and not without_files):
        raise refusal(found + absent, loaded.path)
    return absent


@contextmanager
def _noting(found: list[Problem], loaded: Loaded, key: KeyPath) -> Iterator[None]:
    """Make a problem of the key from a RequestError, and go on."""
    try:
        yield
    except RequestError as error:
        found.append(Problem(loaded.tree.last_given(key), key, str(error)))


def _columns(loaded: Loaded, absent: Sequence[Problem]) -> list[Problem]:
    found: list[Problem] = []
    if loaded.doubts("data.template"):
        return found
    data, away = loaded.recipe.data, {problem.path for problem in absent}
    with _noting(found, loaded, ("data", "template")):
        template = Template(data.template)
        if set(template.source_columns) == set(template.target_columns):
            listed = ", ".join(f"'{name}'" for name in template.source_columns)
            raise RequestError(f"source and target are made of the same column, {listed}: there is nothing to learn")
        known = {key: source for key, source in sources_of(data).items() if key not in away and not loaded.doubts(key)}
        for key, source in known.items():
            with _noting(found, loaded, key):
                check_columns(source, template, loaded.folder)
        measured = {key for key in sources_of(data) if key[1] != "train" or data.validation is None}
        if data.template.level is not None and not found and known.keys() >= measured:
            with _noting(found, loaded, ("data", "template", "level")):
                check_level([known[key] for key in known if key in measured], data.template.level, loaded.folder)
    return found


def _lengths(loaded: Loaded) -> Iterator[Problem]:
    for key in ("max_source_length", "max_target_length"):
        if getattr(loaded.recipe.data, key) < 2:
            yield loaded.problem(f"data.{key}", "leaves no room for a text: the end token takes one")


def _scores(loaded: Loaded) -> Iterator[Problem]:
    evaluation = loaded.recipe.evaluation
    if evaluation.main not in evaluation.metrics and not loaded.doubts("evaluation"):
        listed = ", ".join(evaluation.metrics)
        yield loaded.problem("evaluation.main", f"'{evaluation.main}' is not measured; evaluation.metrics has {listed}")


def _methods(loaded: Loaded) -> Iterator[Problem]:
    recipe = loaded.recipe
    for name in recipe.methods:
        if name.casefold() in RESERVED:  # some file systems do not tell cases apart
            yield loaded.problem(
                ("methods", name), f"a method cannot be called '{name}': the run folder uses that name"
            )
        training = training_of(recipe, name)
        unmeasured = training.best not in (None, "loss", *recipe.evaluation.metrics)
        if unmeasured and not loaded.doubts("evaluation.metrics"):
            yield loaded.problem(
                _key(recipe, name, "best"), f"'{training.best}' is not measured; add it to evaluation.metrics"
            )
        whole = training.max_steps
        if whole is not None and training.warmup_steps >= whole and not loaded.doubts(_key(recipe, name, "max_steps")):
            yield loaded.problem(
                _key(recipe, name, "warmup_steps"),
                f"{training.warmup_steps} steps of warm-up in a training of {whole}",
            )
        try:
            choose_precision(training.precision, pick_device())
        except RequestError as error:
            yield loaded.problem(_key(recipe, name, "precision"), f"{error.message}; {error.hint}")


def _key(recipe: Recipe, method: str, word: str) -> KeyPath:
    """The key that gives this method this setting of its training."""
    own = word in recipe.methods[method].training
    return ("methods", method, "training", word) if own else ("training", word)
