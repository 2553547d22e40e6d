"""What is wrong with a recipe's `synthesis` beyond its shape, all of it together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dragoman.base.errors import RequestError
from dragoman.corpus.pairs.gate import language_faults
from dragoman.corpus.pairs.reading import evaluation_sources, missing_of, problem_of
from dragoman.corpus.sources import absent_texts
from dragoman.recipe.loading import LoadedTexts, refusal
from dragoman.recipe.schema import Synthesis
from dragoman.recipe.tree import Problem
from dragoman.synthesis.money import Tariff
from dragoman.synthesis.texts import language_fault


def settings_of(loaded: LoadedTexts) -> Synthesis:
    """The section, which `load_texts` has made sure of."""
    assert loaded.recipe.synthesis is not None
    return loaded.recipe.synthesis


def refuse_faulty(loaded: LoadedTexts) -> None:
    """Raise one RequestError for all of it."""
    if found := impossible(loaded) + missing(loaded):
        raise refusal(found, loaded.path)


def missing(loaded: LoadedTexts) -> list[Problem]:
    """The files that are not there or may not be read, each with the place that names it."""
    found = missing_of(loaded, evaluation_sources(loaded, "synthesis"))
    translate = settings_of(loaded).translate
    if translate is not None:
        found += absent_texts(loaded, "synthesis.translate.sources", translate.sources)
    return found


def impossible(loaded: LoadedTexts) -> list[Problem]:
    """Languages that nobody knows, and limits that no request can keep."""
    settings = settings_of(loaded)
    faults: Sequence[RequestError] = language_faults(settings, "synthesis") or language_fault(settings)
    return [*(problem_of(loaded, (), fault) for fault in faults), *_limits(loaded, settings)]


def _limits(loaded: LoadedTexts, settings: Synthesis) -> Iterator[Problem]:
    """An answer as long as it may be has to fit into the budget, and into a minute."""
    tariff, most = Tariff(settings), settings.max_output_tokens
    answer = tariff.cost(0, most)
    if tariff.limit is not None and answer > tariff.limit:
        said = f"one answer of {most:,} tokens (max_output_tokens) may cost {tariff.shown(answer)}, more than all of it"
        yield loaded.problem("synthesis.budget", said)
    a_minute = settings.sending.tokens_per_minute
    if a_minute is not None and most > a_minute:
        said = f"one answer may take {most:,} tokens (max_output_tokens), which is more than a whole minute's"
        yield loaded.problem("synthesis.sending.tokens_per_minute", said)
