"""What is wrong with a recipe beyond its shape: combinations that only several sections together show."""

from __future__ import annotations

from collections.abc import Iterator

from dragoman.recipe.loading import Loaded, refusal
from dragoman.recipe.merging import training_of
from dragoman.recipe.tree import Problem

RESERVED = ("tokenizer", "encoded", "previous")  # names that a run folder has for itself


def problems(loaded: Loaded) -> Iterator[Problem]:
    """Everything impossible in a recipe, each with its place."""
    recipe = loaded.recipe
    if recipe.evaluation.main not in recipe.evaluation.metrics:
        listed = ", ".join(recipe.evaluation.metrics)
        yield loaded.problem(
            "evaluation.main", f"'{recipe.evaluation.main}' is not measured; evaluation.metrics has {listed}"
        )
    for name in recipe.methods:
        if name in RESERVED:
            yield loaded.problem(
                ("methods", name), f"a method cannot be called '{name}': the run folder uses that name"
            )
        best = training_of(recipe, name).best
        if best not in (None, "loss", *recipe.evaluation.metrics):
            yield loaded.problem("training.best", f"'{best}' is not measured; add it to evaluation.metrics")
        training = training_of(recipe, name)
        if training.max_steps is not None and training.warmup_steps >= training.max_steps:
            yield loaded.problem(
                "training.warmup_steps",
                f"{training.warmup_steps} steps of warm-up in a training of {training.max_steps}",
            )


def refuse_impossible(loaded: Loaded) -> None:
    """Raise one RequestError with every problem, or return."""
    found = list(problems(loaded))
    if found:
        raise refusal(found, loaded.path)
