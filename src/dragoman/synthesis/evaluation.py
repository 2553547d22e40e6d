"""The texts that no pair may hold: of the sets that the section names, and of the recipe's own."""

from __future__ import annotations

from dragoman.base.progress import progress
from dragoman.corpus.pairs import EvaluationOverlap
from dragoman.corpus.pairs.reading import evaluation_sources, evaluation_texts
from dragoman.data.rows import BadRow
from dragoman.recipe.loading import LoadedTexts
from dragoman.recipe.schema import Synthesis


def read_overlap(loaded: LoadedTexts, settings: Synthesis) -> EvaluationOverlap | None:
    """All of them, to compare others with; None where there are none, or the rule is off."""
    rule = settings.rules.evaluation
    if rule is None or not evaluation_sources(loaded, "synthesis"):
        return None
    with progress("reading evaluation sets", unit="texts") as bar:
        rows = (row for row in evaluation_texts(loaded, "synthesis") if not isinstance(row, BadRow))
        return EvaluationOverlap(bar.over(text for row in rows for text in row), rule.similarity)
