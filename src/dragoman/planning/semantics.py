"""What is wrong with a recipe beyond its shape: combinations, columns and files that only several sections show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dragoman.base.device import version_of
from dragoman.base.errors import RequestError
from dragoman.data.dataset import sources_of
from dragoman.data.documents import text_files
from dragoman.data.dropping import DropRules
from dragoman.data.entities import check_none
from dragoman.data.examples import check_columns, check_drop_if, check_level
from dragoman.data.readers import source_files
from dragoman.data.templates import Template
from dragoman.planning.bases import describe_base
from dragoman.planning.fitting import fitting_problems, training_key
from dragoman.recipe.loading import Loaded, refusal
from dragoman.recipe.merging import training_of
from dragoman.recipe.paths import resolve_path
from dragoman.recipe.schema import Recipe, Source, TextSource
from dragoman.recipe.tree import KeyPath, Problem, dotted
from dragoman.tokenizer.loading import load_tokenizer

# Names that a run folder has for itself.
RESERVED = {
    "recipe.yaml", "receipt.json", "quarantine.jsonl", "machine.json", "stages.json", "report.html", "comparison.json",
    "tokenizer", "encoded", "previous", "base", "corpus", "pairs", "synthesis", "pretraining",
}  # fmt: skip


def missing(loaded: Loaded) -> list[Problem]:
    """The files that are not there or may not be read, each with the place that names it."""
    found: list[Problem] = []
    for key, source in sources_of(loaded.recipe.data).items():
        with _noting(found, loaded, key):
            source_files(source, loaded.folder)
    for key, files in _raw_text(loaded.recipe).items():
        with _noting(found, loaded, key):
            if isinstance(files, Source):
                source_files(files, loaded.folder)
            elif files.path is not None:
                text_files(files, loaded.folder)
            else:
                from dragoman.data.documents.hub import hub_pieces

                hub_pieces(0, files, loaded.folder)
    path, base = loaded.recipe.tokenizer.path, loaded.recipe.model.pretrained
    if path is not None:
        with _noting(found, loaded, ("tokenizer", "path")):
            load_tokenizer(resolve_path(path, loaded.folder))
    if base is not None and not loaded.doubts("model"):
        with _noting(found, loaded, ("model", "pretrained")):
            describe_base(loaded)
    return [problem for problem in found if not loaded.doubts(problem.path)]


def _raw_text(recipe: Recipe) -> dict[KeyPath, TextSource | Source]:
    """What the corpus and pretraining read, by its key."""
    named: dict[KeyPath, TextSource | Source] = {}
    if recipe.corpus is not None:
        named |= {("corpus", "sources", i): source for i, source in enumerate(recipe.corpus.sources)}
    if recipe.pretraining is not None:
        named |= {("pretraining", "sources", i): source for i, source in enumerate(recipe.pretraining.sources)}
        named |= {("pretraining", "tables", i): table for i, table in enumerate(recipe.pretraining.tables)}
    return named


def problems(loaded: Loaded, absent: Sequence[Problem] = ()) -> list[Problem]:
    """Everything that is impossible: settings, and columns of the files that are not absent.

    Where a value is unknown, nothing is said that may only follow from that.
    """
    found = [*_lengths(loaded), *_scores(loaded), *_methods(loaded), *_trackers(loaded), *_columns(loaded, absent)]
    away = {problem.path for problem in absent}
    found += fitting_problems(loaded, base_is_known=("model", "pretrained") not in away)
    return [problem for problem in dict.fromkeys(found) if not loaded.doubts(problem.path)]


def find_all(loaded: Loaded) -> list[Problem]:
    """All that is impossible and all that is missing."""
    absent = missing(loaded)
    return problems(loaded, absent) + absent


def refuse_impossible(loaded: Loaded, *, without_files: bool = False, besides: Sequence[Problem] = ()) -> list[Problem]:
    """Raise one RequestError with every problem. without_files: missing files alone are none, and returned.

    besides: problems that were found elsewhere.
    """
    absent = missing(loaded)
    found = problems(loaded, absent) + list(besides)
    if found or (absent and not without_files):
        raise refusal(found + absent, loaded.path)
    return absent


@contextmanager
def _noting(found: list[Problem], loaded: Loaded, key: KeyPath) -> Iterator[None]:
    """Make a problem of the key from a RequestError, and go on."""
    try:
        yield
    except RequestError as error:
        if error.where == dotted(key):  # which a problem says by itself
            error.where = None
        found.append(loaded.fault(key, error))


def _columns(loaded: Loaded, absent: Sequence[Problem]) -> list[Problem]:
    found: list[Problem] = []
    if loaded.doubts("data.template"):
        return found
    entities = loaded.recipe.data.entities if loaded.recipe.task == "entities" else None
    data, away = loaded.recipe.data, {problem.path for problem in absent}
    known: dict[KeyPath, Source] = {}
    measured = {key for key in sources_of(data) if key[1] != "train" or data.validation is None}
    with _noting(found, loaded, ("data", "template")):
        template = Template(data.template, loaded.recipe.task)
        if template.conversation is None and set(template.source_columns) == set(template.target_columns):
            listed = ", ".join(f"'{name}'" for name in template.source_columns)
            raise RequestError(f"source and target are made of the same column, {listed}: there is nothing to learn")
        known = {key: source for key, source in sources_of(data).items() if key not in away and not loaded.doubts(key)}
        for key, source in known.items():
            with _noting(found, loaded, key):
                check_columns(source, template, loaded.folder, entities)
        if entities is not None:
            check_none(entities.none)
        if data.template.level is not None and not found and known.keys() >= measured:
            with _noting(found, loaded, ("data", "template", "level")):
                check_level([known[key] for key in known if key in measured], data.template.level, loaded.folder)
    with _noting(found, loaded, ("data", "drop_if")):
        drop = DropRules(data.drop_if)
        if known.keys() >= measured:
            check_drop_if([known[key] for key in known], drop, loaded.folder, entities)
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


def _trackers(loaded: Loaded) -> Iterator[Problem]:
    wanted = loaded.recipe.trackers
    for library, asked_for in (("tensorboard", wanted.tensorboard), ("wandb", wanted.wandb is not None)):
        if asked_for and version_of(library) is None:
            yield loaded.problem(("trackers", library), f"needs a library that is not here: pip install {library}")


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
                training_key(recipe, name, "best"), f"'{training.best}' is not measured; add it to evaluation.metrics"
            )
        whole, its_key = training.max_steps, training_key(recipe, name, "max_steps")
        if whole is not None and training.warmup_steps >= whole and not loaded.doubts(its_key):
            yield loaded.problem(
                training_key(recipe, name, "warmup_steps"),
                f"{training.warmup_steps} steps of warm-up in a training of {whole}",
            )
