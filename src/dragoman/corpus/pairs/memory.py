"""Rules that compare a pair with what came before it: evaluation texts, pairs that were kept, targets of its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.corpus.pairs.key_index import KeyIndex
from dragoman.corpus.pairs.rule import KEPT, Verdict
from dragoman.corpus.pairs.similar import EvaluationOverlap, SimilarTexts, Sketch
from dragoman.data.keys import text_key
from dragoman.recipe.schema import PairRules

EVALUATION, DUPLICATE, NEAR, TARGETS = "evaluation", "duplicate", "near_duplicate", "targets"
DESCRIPTIONS = {
    EVALUATION: "How similar a side is to a text of an evaluation set.",
    DUPLICATE: "The row of the output that the pair repeats, but for case and white space.",
    NEAR: "How similar the pair is to one that was kept before, and which row of the output that is.",
    TARGETS: "How many targets of this source were kept before.",
}


@dataclass(frozen=True)
class _Known:
    """What the rules look up of a pair."""

    evaluation: tuple[float, float]
    pair: int
    sketch: Sketch | None
    source: int


class Memory:
    """The rules of `PairRules` that need a memory, as far as they are on. overlap: the evaluation texts.

    Memory: 12 bytes a kept pair for exact duplicates, 172 for near ones, 12 for targets.
    """

    def __init__(self, rules: PairRules, overlap: EvaluationOverlap | None = None):
        self._overlap = overlap if rules.evaluation else None
        self._pairs = KeyIndex() if rules.duplicate == "on" else None
        self._near = SimilarTexts(rules.near_duplicate.similarity) if rules.near_duplicate else None
        self._targets = KeyIndex() if rules.targets else None
        self._most = rules.targets.max if rules.targets else 0
        self.kept = 0

    @property
    def names(self) -> list[str]:
        """The rules that are on, in the order in which they are asked."""
        on = {EVALUATION: self._overlap, DUPLICATE: self._pairs, NEAR: self._near, TARGETS: self._targets}
        return [name for name, one in on.items() if one is not None]

    def judge(self, sources: Sequence[str], targets: Sequence[str]) -> list[Verdict]:
        """A verdict on each pair, in order; those that are kept are remembered."""
        known = self._look_up(sources, targets)
        return [self._judge(one) for one in known]

    def _look_up(self, sources: Sequence[str], targets: Sequence[str]) -> list[_Known]:
        pairs = list(zip(sources, targets, strict=True))
        nothing = [0.0] * len(pairs)
        seen = [self._overlap.similarities(side) if self._overlap else nothing for side in (sources, targets)]
        sketches: Sequence[Sketch | None] = [None] * len(pairs)
        if self._near is not None:
            sketches = self._near.sketch([f"{source} {target}" for source, target in pairs])
        keys = [text_key(*pair) if self._pairs is not None else 0 for pair in pairs]
        of_sources = [text_key(source) if self._targets is not None else 0 for source in sources]
        return [_Known(*one) for one in zip(zip(*seen, strict=True), keys, sketches, of_sources, strict=True)]

    def _judge(self, pair: _Known) -> Verdict:
        if any(pair.evaluation):
            source, target = pair.evaluation
            return Verdict(EVALUATION, {"source_similarity": round(source, 4), "target_similarity": round(target, 4)})
        if self._pairs is not None and (same := self._pairs.find([pair.pair])):
            return Verdict(DUPLICATE, {"output_row": same[0] + 1})
        if self._near is not None and pair.sketch is not None and (like := self._near.find(pair.sketch)):
            return Verdict(NEAR, {"similarity": round(like.similarity, 4), "output_row": like.number + 1})
        if self._targets is not None and (before := len(self._targets.find([pair.source]))) >= self._most:
            return Verdict(TARGETS, {"targets": before})
        self._remember(pair)
        return KEPT

    def _remember(self, pair: _Known) -> None:
        if self._pairs is not None:
            self._pairs.add(pair.pair, self.kept)
        if self._near is not None and pair.sketch is not None:
            self._near.add(pair.sketch)
        if self._targets is not None:
            self._targets.add(pair.source, self.kept)
        self.kept += 1
