"""Parallel text: rules for sentence pairs, duplicates, overlap with evaluation sets; cleaning a recipe's `pairs`."""

from dragoman.corpus.pairs.gate import PairGate
from dragoman.corpus.pairs.similar import EvaluationOverlap, NearDuplicates

__all__ = ["EvaluationOverlap", "NearDuplicates", "PairGate"]
