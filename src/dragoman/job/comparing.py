"""What sets a run's methods side by side: comparison.json, made anew only where an output has changed."""

from __future__ import annotations

from collections.abc import Sequence

from dragoman.base.files import digest, read_json, read_json_lines, write_json
from dragoman.evaluation.comparison import compare
from dragoman.job.folder import RunFolder
from dragoman.recipe.schema import Recipe


def write_comparison(recipe: Recipe, run: RunFolder, methods: Sequence[str]) -> None:
    """Compare methods that have answered as the recipe now says; what is older stands beside, and is not compared."""
    outputs = {name: run.method(name) / "outputs.jsonl" for name in methods}
    made_from = {name: digest(path) for name, path in outputs.items() if path.is_file()}
    metrics = list(recipe.evaluation.metrics)
    stamp: dict[str, object] = {"made_from": made_from, "metrics": metrics}
    if not made_from or _is_current(run, stamp):
        return
    systems = {name: read_json_lines(outputs[name]) for name in made_from}
    write_json(run.comparison, compare(systems, metrics) | stamp)


def _is_current(run: RunFolder, stamp: dict[str, object]) -> bool:
    try:
        known = read_json(run.comparison)
    except (OSError, ValueError):
        return False
    return isinstance(known, dict) and all(known.get(name) == value for name, value in stamp.items())
