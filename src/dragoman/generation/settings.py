"""How to search for an answer, and what comes out: the two nouns that every file here shares."""

from __future__ import annotations

from dataclasses import dataclass

from dragoman.base.errors import RequestError


@dataclass(frozen=True)
class Settings:
    """How answers are searched for. Complete: whoever stores these settings can repeat the search.

    Raises RequestError where a value, or a combination, makes no sense.
    """

    beam: int = 4  # hypotheses kept at each step; 1 is greedy
    length_penalty: float = 1.0  # a score is sum(log p) / length ** this, the end token counted
    patience: float = 2.0  # a search ends with patience * beam finished hypotheses; infinity: when none can be better
    max_length: int = 256  # the longest output in tokens, the end token counted
    length_ratio: float = 2.0  # nor is an output longer than length_ratio * source + length_margin tokens, which
    length_margin: int = 20  # cuts a model short that repeats itself; both end tokens counted
    n_best: int = 1  # answers for each input
    sample: bool = False  # draw from the model's distribution instead of searching for the best
    temperature: float = 1.0  # sampling: below 1 sharper, above 1 flatter
    top_k: int = 0  # sampling: from the k most probable tokens alone; 0 for all
    top_p: float = 1.0  # sampling: from the most probable tokens that together reach this probability
    seed: int = 0  # sampling: the same seed, the same answers

    def __post_init__(self) -> None:
        for name in ("beam", "patience", "max_length", "n_best"):
            self._require(getattr(self, name) >= 1, name, "must be at least 1")
        for name in ("length_penalty", "length_ratio", "length_margin", "top_k"):
            self._require(getattr(self, name) >= 0, name, "cannot be negative")
        self._require(self.length_ratio > 0 or self.length_margin > 0, "length_ratio", "leaves no room for an output")
        self._require(self.temperature > 0, "temperature", "must be above 0 (greedy search is beam 1)")
        self._require(0 < self.top_p <= 1, "top_p", "must be above 0 and at most 1")
        if not self.sample:
            self._require(self.n_best <= self.beam, "n_best", f"cannot be more than the beam ({self.beam})")

    def _require(self, holds: bool, name: str, message: str) -> None:
        if not holds:
            raise RequestError(f"{getattr(self, name)} {message}", where=f"generation.{name}")

    @property
    def rows(self) -> int:
        """Rows of the batch that one input takes: its beams, or its samples."""
        return self.n_best if self.sample else self.beam

    def limit(self, source_length: int) -> int:
        """The most tokens, the end token counted, that an input of `source_length` tokens may be answered with."""
        return max(1, min(self.max_length, int(self.length_ratio * source_length) + self.length_margin))


@dataclass(frozen=True)
class Hypothesis:
    """One answer in token ids.

    score: sum(log p) / length ** length_penalty, the end token counted. finished: it ended by itself, with the end
    token; else it was cut at its limit.
    """

    ids: list[int]  # without the end token
    score: float
    finished: bool

    @property
    def length(self) -> int:
        """Tokens that the score counts."""
        return len(self.ids) + self.finished
