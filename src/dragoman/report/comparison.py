"""comparison.json as the report asks it: a method's interval, and one method against another, from whichever side."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from dragoman.evaluation.comparison import BETTER, EQUAL, WORSE
from dragoman.report.numbers import GAP

COMPARISON = "comparison.json"


@dataclass(frozen=True)
class Pair:
    """One method less another. verdict: about the one. low, high: of the difference; None where they are not finite."""

    one: str
    other: str
    difference: float
    low: float | None
    high: float | None
    p: float
    verdict: str

    @property
    def real(self) -> bool:
        """Whether the two differ beyond chance."""
        return self.verdict in (BETTER, WORSE)

    @property
    def turned(self) -> Pair:
        low, high = (None if bound is None else -bound for bound in (self.high, self.low))
        verdict = {BETTER: WORSE, WORSE: BETTER}.get(self.verdict, self.verdict)
        return replace(
            self, one=self.other, other=self.one, difference=-self.difference, low=low, high=high, verdict=verdict
        )

    @property
    def in_words(self) -> str:
        """The verdict with its p-value: "better, p = 0.012"."""
        return self.verdict if self.verdict == EQUAL else f"{self.verdict}, {chance(self.p)}"


@dataclass(frozen=True)
class Comparison:
    """What `evaluation.comparison.compare` found; empty where nothing was compared."""

    found: dict[str, Any] = field(default_factory=dict)

    @property
    def resamples(self) -> int | None:
        return self.found.get("resamples")

    def rows(self, set_name: str) -> int | None:
        """How many rows every method had in this set."""
        return self._on(set_name).get("rows")

    def left_out(self, set_name: str) -> dict[str, int]:
        """By method, how many of its rows another one lacks."""
        return self._on(set_name).get("left_out") or {}

    def not_compared(self, set_name: str) -> dict[str, str]:
        """By metric, why the methods' values do not compare."""
        return self._on(set_name).get("not_compared") or {}

    def interval(self, set_name: str, metric: str, method: str) -> tuple[float, float] | None:
        own = self._on(set_name).get("scores", {}).get(metric, {}).get(method, {})
        low, high = own.get("low"), own.get("high")
        return None if low is None or high is None else (low, high)

    def value(self, set_name: str, metric: str, method: str) -> float | None:
        """On the rows that were compared."""
        return self._on(set_name).get("scores", {}).get(metric, {}).get(method, {}).get("value")

    def pairs(self, set_name: str, metric: str) -> list[Pair]:
        return [Pair(**pair) for pair in self._on(set_name).get("pairs", {}).get(metric, [])]

    def pair(self, set_name: str, metric: str, one: str, other: str) -> Pair | None:
        """One against the other, on the rows that were compared."""
        for pair in self.pairs(set_name, metric):
            if {pair.one, pair.other} == {one, other}:
                return pair if pair.one == one else pair.turned
        return None

    def _on(self, set_name: str) -> dict[str, Any]:
        return self.found.get("sets", {}).get(set_name, {})


def chance(p: float) -> str:
    """A p-value: p < 0.001, p = 0.012, p = 0.31."""
    sign, number = ("<", "0.001") if p < 0.001 else ("=", f"{p:.2f}" if p >= 0.095 else f"{p:.3f}")
    return f"p{GAP}{sign}{GAP}{number}"
