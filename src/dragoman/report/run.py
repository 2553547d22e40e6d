"""A run folder as it stands: everything in it that a report shows, and what is not there.

An unfinished run lacks files, and the last line of a file that is being written may be half a line: neither stops
the report. What is absent or unreadable is listed in `Run.absent`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from dragoman.base.errors import RequestError
from dragoman.evaluation.comparison import BASE
from dragoman.evaluation.metrics import METRICS
from dragoman.recipe.merging import PRETRAINING
from dragoman.report.comparison import COMPARISON, Comparison
from dragoman.report.method import MethodRun, is_number
from dragoman.report.reading import Folder

BASE_COLOUR = 4  # grey
CORPUS_REPORT = "corpus/report.html"


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
    comparison: Comparison = field(default_factory=Comparison)
    pretraining: MethodRun | None = None  # what raw text taught first, and what became of that text
    text_receipt: dict[str, Any] = field(default_factory=dict)
    corpus_receipt: dict[str, Any] = field(default_factory=dict)  # of a corpus that has a report of its own

    @property
    def main_metric(self) -> str:
        """The score that ranks methods; where the recipe does not say it, the first that there is."""
        named = self._evaluation.get("main")
        return named if named in METRICS else next((name for name in METRICS if name in self._scored), "bleu")

    @property
    def trained(self) -> list[MethodRun]:
        """The methods without the base model."""
        return [method for method in self.methods if not method.base]

    @property
    def base(self) -> MethodRun | None:
        return next((method for method in self.methods if method.base), None)

    def colour(self, method: MethodRun) -> int:
        """The method's colour in every figure; the base model is grey."""
        if method.base:
            return BASE_COLOUR
        number = self.trained.index(method)
        return number if number < BASE_COLOUR else number + 1

    @property
    def metrics(self) -> list[str]:
        """The metrics that some set was scored on, the main one first."""
        found = self._scored & set(METRICS)
        return sorted(found, key=lambda name: (name != self.main_metric, list(METRICS).index(name)))

    @property
    def _scored(self) -> set[str]:
        sets = (one for method in self.methods for one in method.scores.get("sets", {}).values())
        return {name for one in sets for name in one.get("scores", {})}

    @property
    def samples_wanted(self) -> int:
        return int(self._evaluation.get("samples", 20))

    @property
    def sets(self) -> list[str]:
        """The names of the scored sets: tests in their order, then validation."""
        names = dict.fromkeys(name for method in self.methods for name in method.scores.get("sets", {}))
        return sorted(names, key=lambda name: name == "validation")

    def value(self, set_name: str, metric: str, method: MethodRun) -> float | None:
        """A method's score; on the rows that all have, where they do not all have the same."""
        if not method.on(set_name):
            return None  # whatever an older comparison says
        compared, own = self.comparison.value(set_name, metric, method.name), method.score(set_name, metric)
        return compared if own is None or (compared is not None and self.comparison.left_out(set_name)) else own

    def rows(self, set_name: str, method: MethodRun) -> int | None:
        """How many rows the method's score on a set is of."""
        return self.comparison.rows(set_name) if self.comparison.left_out(set_name) else method.on(set_name).get("rows")

    @cached_property
    def best(self) -> MethodRun | None:
        """The method with the best main score on validation, or on the first test set where none has one.

        The base model is none to choose: it is what methods are measured against.
        """
        metric = METRICS[self.main_metric]
        for name in ["validation", *self.sets]:
            scored = [(self.value(name, self.main_metric, method), method) for method in self.trained]
            known = [(value, method) for value, method in scored if value is not None]
            if known:
                return (max if metric.higher_is_better else min)(known, key=lambda pair: pair[0])[1]
        return None

    @property
    def headline_set(self) -> str:
        """The set whose score stands in large: the first test set that the best method was scored on, or validation."""
        return next((name for name in self.sets if self.best and self.best.on(name)), "validation")

    @property
    def task(self) -> str:
        return str(self.recipe.get("task") or "")

    @property
    def languages(self) -> tuple[str, str] | None:
        """Of a translation, where the recipe names them."""
        named = (self.recipe.get("data") or {}).get("languages") or {}
        pair = named.get("source", "source"), named.get("target", "target")
        return pair if self.task in ("translation", "") and pair != ("source", "target") else None

    @property
    def seconds(self) -> float | None:
        """All stages together."""
        known = [stage["seconds"] for stage in self.stages if is_number(stage.get("seconds"))]
        return sum(known) if known else None

    @property
    def _evaluation(self) -> dict[str, Any]:
        return self.recipe.get("evaluation") or {}


def read_run(path: Path) -> Run:
    """Read a run folder. Raises RequestError where there is no such folder."""
    if not path.is_dir():
        raise RequestError("there is no such run folder", where=str(path), hint="dragoman run RECIPE makes one")
    folder = Folder(path)
    recipe_text = folder.text("recipe.yaml") or ""
    recipe = folder.recipe(recipe_text)
    receipt, machine = folder.json("receipt.json"), folder.json("machine.json")
    stages = folder.json("stages.json").get("stages", [])
    found = [file.parent.name for kind in ("metrics.jsonl", "scores.json") for file in sorted(path.glob(f"*/{kind}"))]
    names = list(recipe.get("methods") or dict.fromkeys(name for name in found if name not in (BASE, PRETRAINING)))
    methods = [_method(folder, name) for name in names]
    if BASE not in names and BASE in found:
        methods.insert(0, _method(folder, BASE, base=True))
    return Run(
        name=str(recipe.get("name") or path.resolve().name),
        recipe=recipe,
        recipe_text=recipe_text,
        receipt=receipt,
        machine=machine,
        stages=stages,
        methods=methods,
        absent=folder.absent,
        comparison=_comparison(folder, methods),
        pretraining=_pretraining(folder) if recipe.get("pretraining") else None,
        text_receipt=folder.json(f"{PRETRAINING}/receipt.json") if recipe.get("pretraining") else {},
        corpus_receipt=folder.json("corpus/receipt.json") if (path / CORPUS_REPORT).is_file() else {},
    )


def _comparison(folder: Folder, methods: list[MethodRun]) -> Comparison:
    """What comparison.json says; nothing where it was made from other outputs than the scores were."""
    if not (folder.path / COMPARISON).exists():
        return Comparison()
    comparison = Comparison(folder.json(COMPARISON))
    for method in methods:
        for name, own in method.scores.get("sets", {}).items():
            for metric in own.get("scores", {}) if not comparison.left_out(name) else ():
                compared, scored = comparison.value(name, metric, method.name), method.score(name, metric)
                if compared is not None and scored is not None and not math.isclose(compared, scored, abs_tol=1e-6):
                    folder.absent.append(f"{COMPARISON} (it is older than the scores)")
                    return Comparison()
    return comparison


def _method(folder: Folder, name: str, *, base: bool = False) -> MethodRun:
    own = folder.path / name
    if not own.is_dir():
        folder.absent.append(f"{name}/")
        return MethodRun(name, own)
    metrics = [] if base else folder.json_lines(f"{name}/metrics.jsonl")
    scores = folder.json(f"{name}/scores.json")
    if not (own / "outputs.jsonl").is_file():
        folder.absent.append(f"{name}/outputs.jsonl")
    return MethodRun(name, own, metrics, scores, base)


def _pretraining(folder: Folder) -> MethodRun:
    return MethodRun(PRETRAINING, folder.path / PRETRAINING, folder.json_lines(f"{PRETRAINING}/metrics.jsonl"))


def set_label(name: str) -> str:
    """A split's name in words: "train" -> "training set", "test:flickr" -> "test set flickr"."""
    kind, _, own = name.partition(":")
    kind = {"train": "training"}.get(kind, kind)
    return f"{kind} set {own}" if own not in ("", kind) else f"{kind} set"
