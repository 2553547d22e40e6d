"""The recipes of fine-tuning as tests run them: as they stand, but with small sizes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECIPES = Path(__file__).parents[1] / "recipes"


@dataclass(frozen=True)
class Job:
    """A recipe with its sizes, its methods and its evaluation sets, and words of `predict`."""

    name: str
    sizes: tuple[str, ...]
    methods: tuple[str, ...]
    sets: tuple[str, ...]
    asks: tuple[str, ...]


JOBS = {
    job.name: job
    for job in (
        Job(
            "en-hi-mt5",
            ("data.train.0.rows=24", "data.validation.rows=4", "data.test.iitb.rows=4"),
            ("full", "lora", "qlora"), ("validation", "test:iitb"), ("Where is the key of Asha?",),
        ),
        Job(
            "en-hi-csv", ("data.train.0.rows=40",),
            ("full", "lora", "qlora"), ("validation",), ("Where is the key of Asha?",),
        ),
        Job(
            "hinglish-tinyllama", ("evaluation.samples=4",),
            ("qlora",), ("validation",), ("Pune se Surat kaise jaun?",),
        ),
        Job(
            "ner-t5", ("data.train.0.rows=40", "data.validation.rows=6"),
            ("lora",), ("validation",), ("Anna Keller visited Oslo on Monday .",),
        ),
        Job("saudi-lfm2", (), ("qlora",), ("validation",), ("--field", "Dialect=Najdi", "Where is the key?")),
    )
}  # fmt: skip

SHORT = ("training.max_steps=3", "generation.max_length=8")  # models that know nothing do not end their answers


def settings(*options: str) -> list[str]:
    return [word for option in options for word in ("--set", option)]


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]
