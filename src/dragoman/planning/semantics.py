"""What is wrong with a recipe beyond its shape: combinations, columns and files that only several sections show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dragoman.base.device import choose_precision, pick_device
from dragoman.base.errors import RequestError
from dragoman.data.dataset import Dataset
from dragoman.data.examples import check_columns
from dragoman.data.readers import source_files
from dragoman.data.templates import Template
from dragoman.recipe.loading import Loaded, refusal
from dragoman.recipe.merging import training_of
from dragoman.recipe.paths import resolve_path
from dragoman.recipe.tree import Problem
from dragoman.tokenizer.tokenizer import Tokenizer

RESERVED = ("tokenizer", "encoded", "previous")  # names that a run folder has for itself


def problems(loaded: Loaded) -> list[Problem]:
    """Everything impossible in a recipe, each with its place. What needs a file that is not there is left out."""
    found = [*_settings(loaded), *_methods(loaded), *_columns(loaded)]
    return list(dict.fromkeys(found))


def missing(loaded: Loaded) -> list[Problem]:
    """The files that cannot be read, each with the place that names it."""
    found: list[Problem] = []
    recipe = loaded.recipe
    for key, source in Dataset(recipe.data.model_copy(update={"template": _PLAIN}), loaded.folder, 0).sources.items():
        with _noting(loaded, key, found):
            source_files(source, loaded.folder)
    if recipe.tokenizer.path is not None:
        with _noting(loaded, "tokenizer.path", found):
            Tokenizer.load(resolve_path(recipe.tokenizer.path, loaded.folder))
    return found
