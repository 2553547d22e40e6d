"""From a recipe's `pairs` to its pairs and evaluation texts; and what is wrong with its files and columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from dragoman.base.errors import RequestError
from dragoman.corpus.pairs.gate import language_faults
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

PAIRS: Final = "pairs"
EVALUATION: Final = "evaluation"  # keys of a recipe, and what the receipt and the quarantine call them
Making = Literal["pairs", "synthesis"]  # the sections with pairs


def pairs_of(loaded: LoadedTexts) -> schema.Pairs:
    """The section, which `load_texts` has made sure of."""
    assert loaded.recipe.pairs is not None
    return loaded.recipe.pairs


def template_of(pairs: schema.Pairs) -> Template:
    """Raises RequestError for a template that cannot be read."""
    sides = (text if "{" in text or "}" in text else f"{{{text}}}" for text in (pairs.source, pairs.target))
    return Template(schema.Template(source=next(sides), target=next(sides)), key="pairs")


def refuse_faulty(loaded: LoadedTexts) -> None:
    """Raise one RequestError for all that is wrong: languages, templates, files that are not there, columns."""
    absent = missing(loaded)
    if found := impossible(loaded, absent) + absent:
        raise refusal(found, loaded.path)


def missing(loaded: LoadedTexts) -> list[Problem]:
    """The files that are not there or may not be read, each with the place that names it."""
    own: dict[KeyPath, schema.Source] = {(PAIRS, "sources", n): one for n, one in enumerate(pairs_of(loaded).sources)}
    return missing_of(loaded, own | evaluation_sources(loaded, PAIRS))


def missing_of(loaded: LoadedTexts, sources: Mapping[KeyPath, schema.Source]) -> list[Problem]:
    """The same of any sources by their keys."""
    found = list[Problem]()
    for key, source in sources.items():
        try:
            source_files(source, loaded.folder)
        except RequestError as error:
            found.append(problem_of(loaded, key, error))
    return found


def impossible(loaded: LoadedTexts, absent: Sequence[Problem]) -> list[Problem]:
    """All else that is wrong: languages, templates, columns of the files that are not absent."""
    pairs, away = pairs_of(loaded), {problem.path for problem in absent}
    found = [problem_of(loaded, (), fault) for fault in language_faults(pairs, PAIRS)]
    try:
        template = template_of(pairs)
    except RequestError as error:
        return [*found, problem_of(loaded, (), error)]
    if set(template.source_columns) == set(template.target_columns):
        listed = ", ".join(f"'{name}'" for name in template.source_columns) or "none"
        found.append(loaded.problem(PAIRS, f"source and target are made of the same columns: {listed}"))
    for number, source in enumerate(pairs.sources):
        key: KeyPath = (PAIRS, "sources", number)
        if key not in away:
            try:
                check_columns(source, template, loaded.folder)
            except RequestError as error:
                found.append(problem_of(loaded, key, error))
    return found


def read_pairs(loaded: LoadedTexts, quarantine: Quarantine, receipt: Receipt) -> Iterator[Example]:
    """The pairs of all sources, in order. Rows that are none go into the quarantine. Memory does not grow with rows."""
    pairs = pairs_of(loaded)
    return read_examples(
        pairs.sources, template_of(pairs), loaded.folder, split=PAIRS, quarantine=quarantine, receipt=receipt
    )


def read_evaluation(loaded: LoadedTexts, quarantine: Quarantine, receipt: Receipt) -> Iterator[str]:
    """Every text that no pair may hold, one after the other."""
    counts = receipt.split(EVALUATION)
    for found in evaluation_texts(loaded, PAIRS):
        counts.read_row()
        if isinstance(found, BadRow):
            counts.quarantine(found.reason)
            quarantine.add(EVALUATION, found)
        else:
            yield from found


def evaluation_texts(loaded: LoadedTexts, section: Making) -> Iterator[list[str] | BadRow]:
    """Of each row the texts that no pair of a section may hold; rows that cannot be used."""
    for key, source in evaluation_sources(loaded, section).items():
        names = _columns(loaded, key)
        for row in read_source(source, loaded.folder):
            if isinstance(row, BadRow):
                yield row
            else:
                yield list(texts_in(row.columns if names is None else [look_up(row.columns, name) for name in names]))


def texts_in(value: object) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts_in(item)


def evaluation_sources(loaded: LoadedTexts, section: Making) -> dict[KeyPath, schema.Source]:
    """The sets that a section names and those of the recipe's data, by their keys; none where the rule is off."""
    recipe = loaded.recipe
    own = recipe.pairs if section == PAIRS else recipe.synthesis
    assert own is not None
    if own.rules.evaluation is None:
        return {}
    found: dict[KeyPath, schema.Source] = {(section, EVALUATION, n): one for n, one in enumerate(own.evaluation)}
    if isinstance(recipe, schema.Recipe):
        found |= {key: source for key, source in sources_of(recipe.data).items() if key[1] != "train"}
    return found


def problem_of(loaded: LoadedTexts, key: KeyPath, error: RequestError) -> Problem:
    """A problem out of an error. key: of what it is about; (): the error says it itself, in `where`."""
    if not key and error.where is not None:
        key, error.where = tuple(error.where.split(".")), None
        return loaded.problem(key, str(error))
    return loaded.fault(key, error)


def _columns(loaded: LoadedTexts, key: KeyPath) -> list[str] | None:
    """The columns whose texts are to be kept out: of the recipe's own sets those that its template names, else all."""
    if key[0] != "data" or not isinstance(loaded.recipe, schema.Recipe):
        return None
    return sorted(Template(loaded.recipe.data.template, loaded.recipe.task).columns)
