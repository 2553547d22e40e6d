"""Doing a recipe's `corpus`: cleaned text in runs/<name>/corpus, with its report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.base.errors import Interrupted, Stop
from dragoman.base.files import write_text
from dragoman.corpus.cleaning import Engine, clean_corpus
from dragoman.corpus.sources import absent_texts
from dragoman.recipe.loading import LoadedTexts, refusal
from dragoman.recipe.saving import effective
from dragoman.report.corpus import write_corpus_report

FOLDER = "corpus"


@dataclass(frozen=True)
class Cleaned:
    folder: Path
    receipt: dict[str, Any]
    report: Path


def clean_recipe(
    loaded: LoadedTexts, runs: Path, *, workers: int | None = None, engine: Engine = "processes"
) -> Cleaned:
    """Clean the corpus of a recipe, or go on with it.

    Raises RequestError for all sources that are not there, Interrupted after a signal.
    """
    refuse_missing(loaded)
    folder = runs / loaded.recipe.name / FOLDER
    try:
        with loaded.located():
            return clean(loaded, folder, workers=workers, engine=engine)
    except Stop as stop:
        hint = "the same command goes on from here"
        raise Interrupted("cleaning: interrupted", signal=stop.signal, hint=hint) from None


def clean(loaded: LoadedTexts, folder: Path, *, workers: int | None = None, engine: Engine = "processes") -> Cleaned:
    """Clean the corpus of a recipe into `folder`, beside its recipe with every default and its report."""
    recipe = loaded.recipe
    assert recipe.corpus is not None
    receipt = clean_corpus(recipe.corpus, loaded.folder, folder, seed=recipe.seed, workers=workers, engine=engine)
    write_text(folder / "recipe.yaml", effective(recipe, loaded.folder))
    return Cleaned(folder, receipt, write_corpus_report(folder))


def refuse_missing(loaded: LoadedTexts) -> None:
    """Raise one RequestError for all files that are not there, or that nothing says how to read."""
    assert loaded.recipe.corpus is not None
    problems = absent_texts(loaded, "corpus.sources", loaded.recipe.corpus.sources)
    if problems:
        raise refusal(problems, loaded.path)
