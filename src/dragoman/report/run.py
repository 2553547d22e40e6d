"""A run folder as it stands: everything in it that a report shows, and what is not there.

An unfinished run lacks files, and the last line of a file that is being written may be half a line: neither stops
the report. What is absent or unreadable is listed in `Run.absent`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from dragoman.base.errors import RequestError
from dragoman.evaluation.scores import METRICS

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class MethodRun:
    """One method's folder. metrics: the events of metrics.jsonl; scores: scores.json, {} before scoring."""

    name: str
    folder: Path
    metrics: list[dict[str, Any]] = field(default_factory=list)
    scores: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def outputs(self) -> list[dict[str, Any]]:
        """The rows of outputs.jsonl, read when first asked for: who wants the scores need not wait for them."""
        return _json_lines(self.folder / "outputs.jsonl", [])

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.metrics if event.get("event") == kind]

    def series(self, kind: str, key: str) -> tuple[Numbers, Numbers]:
        """Steps and finite values of one key; where a step was written twice (after a resume) the later one counts."""
        values = {
            event["step"]: event[key] for event in self.events(kind) if "step" in event and _number(event.get(key))
        }
        return np.array(sorted(values), dtype=float), np.array([values[step] for step in sorted(values)], dtype=float)

    def _last(self, kind: str, key: str) -> Any:
        return next((event[key] for event in reversed(self.events(kind)) if key in event), None)

    @property
    def state(self) -> str:
        if self.scores.get("sets"):
            return "scored"
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
        return float(value) if _number(value) else None


@dataclass(frozen=True)
class Run:
    """A whole run. Mappings are {} and lists empty where their file is absent."""

    name: str
    recipe: dict[str, Any]
    recipe_text: str
    receipt: dict[str, Any]
    machine: dict[str, Any]
    stages: list[dict[str, Any]]
    methods: list[MethodRun]
    absent: list[str]

    @property
    def main_metric(self) -> str:
        named = self._evaluation.get("main", "bleu")
        return named if named in METRICS else "bleu"

    @property
    def metrics(self) -> list[str]:
        """The metrics that some set was scored on, the main one first."""
        found = {
            name
            for method in self.methods
            for one in method.scores.get("sets", {}).values()
            for name in one.get("scores", {})
        }
        return sorted(found & set(METRICS), key=lambda name: (name != self.main_metric, list(METRICS).index(name)))

    @property
    def samples_wanted(self) -> int:
        return int(self._evaluation.get("samples", 20))

    @property
    def sets(self) -> list[str]:
        """The names of the scored sets: tests in their order, then validation."""
        names = dict.fromkeys(name for method in self.methods for name in method.scores.get("sets", {}))
        return sorted(names, key=lambda name: name == "validation")

    @cached_property
    def best(self) -> MethodRun | None:
        """The method with the best main score on validation, or on the first test set where none has one."""
        metric = METRICS[self.main_metric]
        for name in ["validation", *self.sets]:
            scored = [(method.score(name, self.main_metric), method) for method in self.methods]
            known = [(value, method) for value, method in scored if value is not None]
            if known:
                return (max if metric.higher_is_better else min)(known, key=lambda pair: pair[0])[1]
        return None

    @property
    def languages(self) -> tuple[str, str] | None:
        named = self.recipe.get("data", {}).get("languages", {})
        return (named["source"], named["target"]) if {"source", "target"} <= set(named) else None

    @property
    def seconds(self) -> float | None:
        """All stages together."""
        known = [stage["seconds"] for stage in self.stages if _number(stage.get("seconds"))]
        return sum(known) if known else None

    @property
    def _evaluation(self) -> dict[str, Any]:
        return self.recipe.get("evaluation") or {}


def read_run(folder: Path) -> Run:
    """Read a run folder. Raises RequestError where there is no such folder."""
    if not folder.is_dir():
        raise RequestError("there is no such run folder", where=str(folder), hint="dragoman run RECIPE makes one")
    absent: list[str] = []
    recipe_text = _text(folder / "recipe.yaml", absent) or ""
    recipe = _recipe(recipe_text, absent)
    found = [path.parent.name for file in ("metrics.jsonl", "scores.json") for path in sorted(folder.glob(f"*/{file}"))]
    names = list(recipe.get("methods") or dict.fromkeys(found))
    receipt, machine = _json(folder / "receipt.json", absent), _json(folder / "machine.json", absent)
    return Run(
        name=str(recipe.get("name") or folder.resolve().name),
        recipe=recipe,
        recipe_text=recipe_text,
        receipt=receipt,
        machine=machine,
        stages=_json(folder / "stages.json", absent).get("stages", []),
        methods=[_method(folder, name, absent) for name in names],
        absent=absent,
    )


def set_label(name: str) -> str:
    """A split's name in words: "train" -> "training set", "test:flickr" -> "test set flickr"."""
    kind, _, own = name.partition(":")
    kind = {"train": "training"}.get(kind, kind)
    return f"{kind} set {own}" if own not in ("", kind) else f"{kind} set"


def _method(folder: Path, name: str, absent: list[str]) -> MethodRun:
    own = folder / name
    if not own.is_dir():
        absent.append(f"{name}/")
        return MethodRun(name, own)
    metrics, scores = _json_lines(own / "metrics.jsonl", absent), _json(own / "scores.json", absent)
    if not (own / "outputs.jsonl").is_file():
        absent.append(f"{name}/outputs.jsonl")
    return MethodRun(name, own, metrics, scores)


def _label(path: Path) -> str:
    shared = path.name in ("recipe.yaml", "receipt.json", "machine.json", "stages.json")
    return path.name if shared else f"{path.parent.name}/{path.name}"


def _text(path: Path, absent: list[str]) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        absent.append(_label(path))
    except (OSError, UnicodeDecodeError) as error:
        absent.append(f"{_label(path)} (cannot be read: {error})")
    return None


def _recipe(text: str, absent: list[str]) -> dict[str, Any]:
    try:
        recipe = YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        absent.append("recipe.yaml (damaged)")
        return {}
    return recipe if isinstance(recipe, dict) else {}


def _json(path: Path, absent: list[str]) -> dict[str, Any]:
    text = _text(path, absent)
    try:
        value = json.loads(text) if text is not None else {}
    except ValueError:
        value = None
    if not isinstance(value, dict):
        absent.append(f"{_label(path)} (damaged)")
        return {}
    return value


def _json_lines(path: Path, absent: list[str]) -> list[dict[str, Any]]:
    lines = [line for line in (_text(path, absent) or "").split("\n") if line]
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(json.loads(line))
        except ValueError:  # a last line that is still being written is no damage
            if number < len(lines):
                absent.append(f"{_label(path)}, line {number} (damaged)")
    return records


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))
