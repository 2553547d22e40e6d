"""Laying one mapping of settings over another: mappings merge, lists replace, alternatives replace each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.recipe.schema import Recipe, Section, Training
from dragoman.recipe.shapes import Shape, child, section_of

Start = Literal["base", "pretrained", "random"]
PRETRAINING, PRETRAINED = "pretraining", "pretrained"  # the section, and what a method says that starts from it


def without_alternatives(settings: Mapping[str, Any], chosen: Iterable[str], section: type[Section]) -> dict[str, Any]:
    """`settings` less the keys that exclude one of the `chosen` keys: choosing max_steps takes epochs away."""
    excluded: set[str] = set()
    for name in chosen:
        groups = section.alternatives if any(name in group for group in section.alternatives) else ()
        excluded.update(key for group in groups if name not in group for key in group)
    return {key: value for key, value in settings.items() if key not in excluded}


def merge(base: Mapping[str, Any], over: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """`over` laid deeply over `base`; both have the given shape. Neither is changed."""
    section = section_of(shape)
    chosen = [key for key, value in over.items() if value is not None]
    merged = without_alternatives(base, chosen, section) if section else dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            value = merge(below, value, child(shape, key))
        merged[key] = value
    return merged


def check_method(recipe: Recipe, method: str, *, where: str = "methods") -> None:
    """Raise RequestError where the recipe has no such method. where: who asked for it."""
    if method not in recipe.methods:
        hint = did_you_mean(method, recipe.methods) or f"methods: {', '.join(recipe.methods)}"
        raise RequestError(f"the recipe has no method '{method}'", where=where, hint=hint)


def training_of(recipe: Recipe, method: str) -> Training:
    """The training of one method: its own keys laid over those that the recipe states for all.

    Raises RequestError where the recipe has no such method. A recipe from `load_recipe` has valid trainings only.
    """
    check_method(recipe, method)
    stated = recipe.training.model_dump(exclude_unset=True)
    return Training.model_validate(merge(stated, recipe.methods[method].training, Training))


def start_of(recipe: Recipe, method: str) -> Start:
    """Which weights one method starts from."""
    how = recipe.methods[method]
    if how.start is not None:
        return how.start
    if recipe.pretraining is not None and how.tuning == "full":
        return "pretrained"
    return "base" if recipe.model.pretrained is not None else "random"


def best_metric_of(recipe: Recipe, method: str) -> str:
    """The score, or "loss", that picks the best weights of one method. Raises RequestError as `training_of`."""
    return training_of(recipe, method).best or recipe.evaluation.main
