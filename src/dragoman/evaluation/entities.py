"""Precision, recall and F1 of entities, from the texts that name them (`entity: TYPE | entity: TYPE`).

A generated text has no positions, so a row's entities are compared as multisets of (text, type): where a sentence names
an entity twice, it has to be found twice. Counts add up over rows, as in the CoNLL evaluation. A part of an answer that
is no entity is no wrong one either: the share of answers with such parts is told by itself.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dragoman.base.errors import RequestError
from dragoman.data.entities import Entity, parse_entities

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TypeScores:
    """The scores of one type, 0 to 100. targets: how many entities of it there are to find."""

    precision: float
    recall: float
    f1: float
    targets: int


@dataclass(frozen=True)
class EntityScores:
    """Micro-averages over all entities, 0 to 100, and the scores of each type in sorted order.

    malformed: the share of answers with a part that names no entity, 0 to 100.
    """

    precision: float
    recall: float
    f1: float
    malformed: float
    by_type: dict[str, TypeScores]


def entity_scores(outputs: Sequence[str], targets: Sequence[str], none: str = "None") -> EntityScores:
    """Score answers against one target each, line by line. none: what stands for a sentence without entities.

    Raises RequestError where there is nothing to score, or for lists of different lengths.
    """
    _check(outputs, targets)
    counts: dict[str, Array] = {}
    for output, target in zip(outputs, targets, strict=True):
        for kind, found in _counts(output, target, none).items():
            counts[kind] = counts.get(kind, np.zeros(3)) + found
    whole = sum(counts.values(), np.zeros(3))
    malformed = malformed_share(malformed_answers(outputs, none).sum(axis=0)[None])
    by_type = {kind: TypeScores(*_scores(own), int(own[0] + own[2])) for kind, own in sorted(counts.items())}
    return EntityScores(*_scores(whole), float(malformed[0]), by_type)


def entity_counts(outputs: Sequence[str], targets: Sequence[str], none: str = "None") -> Array:
    """(rows, 3): entities that were found, wrongly claimed, and missed in each row. Sums over rows make the scores."""
    _check(outputs, targets)
    rows = (_counts(output, target, none).values() for output, target in zip(outputs, targets, strict=True))
    return np.array([sum(found, np.zeros(3)) for found in rows])


def malformed_answers(outputs: Sequence[str], none: str = "None") -> Array:
    """(rows, 2): 1 where an answer has a part that names no entity, and 1."""
    return np.array([[bool(parse_entities(output, none).malformed), 1] for output in outputs], dtype=np.float64)


def precision(sums: Array) -> Array:
    """(n, 3) sums of entity_counts -> (n,) percentages of the claimed entities that are right; 0 where none is."""
    return _percentage(sums[:, 0], sums[:, 0] + sums[:, 1])


def recall(sums: Array) -> Array:
    """(n, 3) sums of entity_counts -> (n,) percentages of the entities that were found."""
    return _percentage(sums[:, 0], sums[:, 0] + sums[:, 2])


def f1(sums: Array) -> Array:
    """(n, 3) sums of entity_counts -> (n,) harmonic means of precision and recall."""
    return _percentage(2 * sums[:, 0], 2 * sums[:, 0] + sums[:, 1] + sums[:, 2])


def malformed_share(sums: Array) -> Array:
    """(n, 2) sums of malformed_answers -> (n,) percentages."""
    return _percentage(sums[:, 0], sums[:, 1])


def _scores(counts: Array) -> tuple[float, float, float]:
    """Precision, recall and F1 of counts (3,)."""
    one = counts[None]
    return float(precision(one)[0]), float(recall(one)[0]), float(f1(one)[0])


def _counts(output: str, target: str, none: str) -> dict[str, Array]:
    """By type: how many entities of a row were found, wrongly claimed, and missed."""
    claimed, right = (Counter(map(_normalised, parse_entities(text, none).entities)) for text in (output, target))
    counts: dict[str, Array] = {}
    for place, entities in enumerate((claimed & right, claimed - right, right - claimed)):
        for (_, kind), number in entities.items():
            counts.setdefault(kind, np.zeros(3))[place] += number
    return counts


def _normalised(entity: Entity) -> Entity:
    """Composed characters and decomposed ones are the same text."""
    return Entity(*(unicodedata.normalize("NFC", part) for part in entity))


def _percentage(part: Array, whole: Array) -> Array:
    return np.divide(100 * part, whole, out=np.zeros_like(whole), where=whole != 0)


def _check(outputs: Sequence[str], targets: Sequence[str]) -> None:
    if len(outputs) != len(targets):
        raise RequestError(
            f"scores compare line by line, but there are {len(outputs):,} outputs and {len(targets):,} targets"
        )
    if not targets:
        raise RequestError("there is nothing to score: no outputs and no targets")
