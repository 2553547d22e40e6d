"""One method of a run: what its training wrote down, its scores and its answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.report.reading import Folder

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class MethodRun:
    """One method's folder. metrics: the events of metrics.jsonl; scores: scores.json, {} before scoring.

    base: the untouched base model, which answers and is scored as a method is, and was never trained.
    """

    name: str
    folder: Path
    metrics: list[dict[str, Any]] = field(default_factory=list)
    scores: dict[str, Any] = field(default_factory=dict)
    base: bool = False

    @cached_property
    def outputs(self) -> list[dict[str, Any]]:
        """The rows of outputs.jsonl, read when first asked for: who wants the scores need not wait for them."""
        return Folder(self.folder).json_lines("outputs.jsonl")

    @property
    def answers(self) -> list[dict[str, Any]]:
        """The rows that were answered: where no score looks at answers, those are a few for the sample table."""
        return [row for row in self.outputs if {"source", "target", "output"} <= set(row)]

    @cached_property
    def questions(self) -> dict[str, str]:
        """Its answers by question, from questions.jsonl."""
        records = Folder(self.folder).json_lines("questions.jsonl")
        return {str(one["question"]): str(one["answer"]) for one in records if {"question", "answer"} <= set(one)}

    @cached_property
    def picture(self) -> str | None:
        """Its model, as an SVG of our own; None where it is not drawn yet."""
        return Folder(self.folder).text("architecture.svg")

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.metrics if event.get("event") == kind]

    def series(self, kind: str, key: str) -> tuple[Numbers, Numbers]:
        """Steps and finite values of one key; where a step was written twice (after a resume) the later one counts."""
        values = {
            event["step"]: event[key] for event in self.events(kind) if "step" in event and is_number(event.get(key))
        }
        return np.array(sorted(values), dtype=float), np.array([values[step] for step in sorted(values)], dtype=float)

    def _last(self, kind: str, key: str) -> Any:
        return next((event[key] for event in reversed(self.events(kind)) if key in event), None)

    @property
    def state(self) -> str:
        if self.scores.get("sets"):
            return "scored"
        if self.base:
            return "not scored"
        return "trained" if self.events("end") else "in training" if self.metrics else "not started"

    @property
    def parameters(self) -> int | None:
        return self.scores.get("parameters", self._last("start", "parameters"))

    @property
    def trainable(self) -> int | None:
        return self._last("start", "trainable")

    @property
    def steps(self) -> int | None:
        return self._last("end", "step") or self._last("step", "step")

    @property
    def seconds(self) -> float | None:
        """Time spent training."""
        return self._last("end", "seconds") or self._last("step", "seconds")

    @property
    def tokens(self) -> int | None:
        """Real tokens (no padding) trained on, source and target together."""
        return self._last("step", "tokens")

    @property
    def padding(self) -> float | None:
        """The share of padding among the positions of its batches."""
        return self._last("start", "padding")

    @property
    def tokens_per_second(self) -> float | None:
        rates = self.series("step", "tokens_per_second")[1]
        return float(np.median(rates)) if len(rates) else None

    @property
    def utilisation(self) -> float | None:
        """Model FLOPs a second over those of a single large product on the same machine; None for short trainings."""
        return self._last("end", "utilisation")

    @property
    def peak_memory(self) -> int | None:
        return self._last("end", "peak_memory")

    @property
    def size_bytes(self) -> int | None:
        return self.scores.get("size_bytes")

    @property
    def best_step(self) -> int | None:
        """The step of the validation that was last called the best."""
        return next((event.get("step") for event in reversed(self.events("validation")) if event.get("best")), None)

    def on(self, set_name: str) -> dict[str, Any]:
        """What scores.json says about one set; {} where it was not scored."""
        return self.scores.get("sets", {}).get(set_name) or {}

    def score(self, set_name: str, metric: str) -> float | None:
        value = self.on(set_name).get("scores", {}).get(metric, {}).get("value")
        return float(value) if is_number(value) else None


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))
