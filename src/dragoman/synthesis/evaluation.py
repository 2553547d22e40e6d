"""The texts that no pair may hold: of the sets that the section names, and of the recipe's own."""

from __future__ import annotations

from collections.abc import Iterator

from dragoman.base.progress import progress
from dragoman.corpus.pairs import EvaluationOverlap
from dragoman.corpus.pairs.reading import texts_in
from dragoman.data.dataset import sources_of
from dragoman.data.readers.sources import read_source, source_files
from dragoman.data.rows import BadRow
from dragoman.data.templates import Template
from dragoman.data.values import look_up
from dragoman.recipe.loading import LoadedTexts
from dragoman.recipe.schema import Recipe, Source, Synthesis


def read_overlap(loaded: LoadedTexts, settings: Synthesis) -> EvaluationOverlap | None:
    """All of them, to compare others with; None where there are none, or the rule is off.

    Raises RequestError for a file that is not there or cannot be read.
    """
    if settings.rules.evaluation is None:
        return None
    sources = _sources(loaded, settings)
    for source, _ in sources:
        source_files(source, loaded.folder)
    if not sources:
        return None
    with progress("reading evaluation sets", unit="texts") as bar:
        texts = (text for source, columns in sources for text in _texts(loaded, source, columns))
        return EvaluationOverlap(bar.over(texts), settings.rules.evaluation.similarity)


def _sources(loaded: LoadedTexts, settings: Synthesis) -> list[tuple[Source, list[str] | None]]:
    """Each with the columns that count: of the recipe's own sets those that its template names, else all."""
    found: list[tuple[Source, list[str] | None]] = [(source, None) for source in settings.evaluation]
    recipe = loaded.recipe
    if isinstance(recipe, Recipe):
        columns = sorted(Template(recipe.data.template, recipe.task).columns)
        found += [(source, columns) for key, source in sources_of(recipe.data).items() if key[1] != "train"]
    return found


def _texts(loaded: LoadedTexts, source: Source, columns: list[str] | None) -> Iterator[str]:
    for row in read_source(source, loaded.folder):
        if not isinstance(row, BadRow):
            values = row.columns if columns is None else [look_up(row.columns, name) for name in columns]
            yield from texts_in(values)
