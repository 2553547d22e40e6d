"""How much of an evaluation set a model has seen in training: equal sources, and equal pairs (see `keys`).

The evaluation rows come first, then the training rows stream past them: memory is one entry for each evaluation row
and nothing for a training row.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from dragoman.data.keys import text_key
from dragoman.data.rows import Example, Origin

EXAMPLES = 5  # pairs of origins that are kept for each set


@dataclass
class SetOverlap:
    """rows: of the set. sources, pairs: how many of them occur in training. examples: (here, in training)."""

    rows: int = 0
    sources: int = 0
    pairs: int = 0
    examples: list[tuple[str, str]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "sources_in_train": self.sources,
            "pairs_in_train": self.pairs,
            "examples": [list(pair) for pair in self.examples],
        }


class Overlap:
    """Counts for every evaluation set: `add_evaluation` all of them, then `add_training` each training row."""

    def __init__(self) -> None:
        self.sets: dict[str, SetOverlap] = {}
        self._sources: dict[int, list[tuple[str, Origin]]] = defaultdict(list)  # not yet seen in training
        self._pairs: dict[int, list[str]] = defaultdict(list)
        self._known: set[int] = set()  # all source keys, seen ones too: a pair can come after its source
        self._training = False

    def add_evaluation(self, name: str, example: Example) -> None:
        if self._training:
            raise RuntimeError("evaluation rows come before training rows")
        self.sets.setdefault(name, SetOverlap()).rows += 1
        key = text_key(example.context)
        self._known.add(key)
        self._sources[key].append((name, example.origin))
        self._pairs[text_key(example.context, example.target)].append(name)

    def add_training(self, example: Example) -> None:
        self._training = True
        key = text_key(example.context)
        if key not in self._known:
            return
        for name, origin in self._sources.pop(key, ()):
            found = self.sets[name]
            found.sources += 1
            if len(found.examples) < EXAMPLES:
                found.examples.append((str(origin), str(example.origin)))
        for name in self._pairs.pop(text_key(example.context, example.target), ()):
            self.sets[name].pairs += 1

    def to_json(self) -> dict[str, Any]:
        return {name: found.to_json() for name, found in self.sets.items()}
