"""From a recipe's `pairs` to its pairs and evaluation texts; and what is wrong with its files and columns."""

from __future__ import annotations

from collections.abc import Iterator

from dragoman.base.errors import RequestError, UnreachableError
from dragoman.data.dataset import sources_of
from dragoman.data.examples import check_columns, read_examples
from dragoman.data.quarantine import Quarantine
from dragoman.data.readers import read_source, source_files
from dragoman.data.receipt import Receipt
from dragoman.data.rows import BadRow, Example
from dragoman.data.templates import Template
from dragoman.data.values import look_up
from dragoman.recipe import schema
from dragoman.recipe.loading import LoadedTexts, refusal
from dragoman.recipe.tree import KeyPath, Problem

PAIRS, EVALUATION = "pairs", "evaluation"  # what the receipt and the quarantine call them


def pairs_of(loaded: LoadedTexts) -> schema.Pairs:
    """The section, which `load_texts` has made sure of."""
    assert loaded.recipe.pairs is not None
    return loaded.recipe.pairs


def template_of(pairs: schema.Pairs) -> Template:
    """Raises RequestError for a template that cannot be read."""
    sides = (text if "{" in text or "}" in text else f"{{{text}}}" for text in (pairs.source, pairs.target))
    return Template(schema.Template(source=next(sides), target=next(sides)), key="pairs")


def refuse_missing(loaded: LoadedTexts) -> None:
    """Raise one RequestError for all files that are not there and all columns that they do not have."""
    pairs, found = pairs_of(loaded), list[Problem]()
    template = template_of(pairs)
    for number, source in enumerate(pairs.sources):
        try:
            check_columns(source, template, loaded.folder)
        except RequestError as error:
            found.append(_problem(loaded, ("pairs", "sources", number), error))
    for key, source in _evaluation_sources(loaded).items():
        try:
            source_files(source, loaded.folder)
        except RequestError as error:
            found.append(_problem(loaded, key, error))
    if found:
        raise refusal(found, loaded.path)


def read_pairs(loaded: LoadedTexts, quarantine: Quarantine, receipt: Receipt) -> Iterator[Example]:
    """The pairs of all sources, in order. Rows that are none go into the quarantine. Memory does not grow with rows."""
    pairs = pairs_of(loaded)
    return read_examples(
        pairs.sources, template_of(pairs), loaded.folder, split=PAIRS, quarantine=quarantine, receipt=receipt
    )


def read_evaluation(loaded: LoadedTexts, quarantine: Quarantine, receipt: Receipt) -> Iterator[str]:
    """Every text that no pair may hold, one after the other."""
    counts = receipt.split(EVALUATION)
    for key, source in _evaluation_sources(loaded).items():
        names = _columns(loaded, key)
        for row in read_source(source, loaded.folder):
            counts.read_row()
            if isinstance(row, BadRow):
                counts.quarantine(row.reason)
                quarantine.add(EVALUATION, row)
            else:
                values = row.columns if names is None else [look_up(row.columns, name) for name in names]
                yield from texts_in(values)


def texts_in(value: object) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts_in(item)


def _evaluation_sources(loaded: LoadedTexts) -> dict[KeyPath, schema.Source]:
    """The sets of `pairs.evaluation` and of the recipe's data, by their keys."""
    pairs, recipe = pairs_of(loaded), loaded.recipe
    if pairs.rules.evaluation is None:
        return {}
    found: dict[KeyPath, schema.Source] = {("pairs", EVALUATION, n): one for n, one in enumerate(pairs.evaluation)}
    if isinstance(recipe, schema.Recipe):
        found |= {key: source for key, source in sources_of(recipe.data).items() if key[1] != "train"}
    return found


def _columns(loaded: LoadedTexts, key: KeyPath) -> list[str] | None:
    """The columns whose texts are to be kept out: of the recipe's own sets those that its template names, else all."""
    if key[0] == "pairs" or not isinstance(loaded.recipe, schema.Recipe):
        return None
    return sorted(Template(loaded.recipe.data.template, loaded.recipe.task).columns)


def _problem(loaded: LoadedTexts, key: KeyPath, error: RequestError) -> Problem:
    return Problem(loaded.tree.last_given(key), key, str(error), isinstance(error, UnreachableError))
