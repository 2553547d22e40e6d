"""The pretrained model that a recipe names, as far as it is known without its weights."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from dragoman.models.configurations import CONFIG, GENERATION, OVERFLOWING
from dragoman.models.hub import Snapshot, resolve_model
from dragoman.models.pretrained import PretrainedModel
from dragoman.models.weights import weight_files
from dragoman.recipe.loading import Loaded
from dragoman.recipe.schema import Recipe

FEW = 16  # pieces of a vocabulary, where its size does not matter and may not be known


def describe_base(loaded: Loaded) -> Snapshot | None:
    """Configuration and tokenizer of the recipe's base model; None where it names none.

    Raises RequestError where it is absent, gated, or out of reach.
    """
    model = loaded.recipe.model
    if model.pretrained is None:
        return None
    return resolve_model(model.pretrained, model.revision, loaded.folder, weights=False)


def base_of(loaded: Loaded) -> Snapshot | None:
    """The same with its weights."""
    model = loaded.recipe.model
    return None if model.pretrained is None else resolve_model(model.pretrained, model.revision, loaded.folder)


def skeleton(recipe: Recipe, base: Snapshot | None, vocabulary_size: int) -> PretrainedModel:
    """The recipe's model, which is none of our own, without weights, on the meta device: not to be changed.

    A base's is built once, as long as its files are the same.
    """
    if base is not None:
        described = [base.folder / CONFIG, base.folder / GENERATION, *weight_files(base.folder)]
        stamps = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in described if file.exists()]
        return _skeleton(base.folder, tuple(stamps))
    assert recipe.model.transformers is not None
    return PretrainedModel.skeleton(recipe.model.transformers, vocabulary_size)


@lru_cache(maxsize=4)
def _skeleton(folder: Path, stamps: tuple[tuple[str, int, int], ...]) -> PretrainedModel:
    return PretrainedModel.skeleton(folder)


def is_causal(recipe: Recipe, base: Snapshot | None) -> bool:
    """Whether the recipe's model reads prompt and answer as one sequence."""
    if base is not None:
        return base.causal
    return recipe.model.nmt is None and skeleton(recipe, None, FEW).causal


def overflows(recipe: Recipe, base: Snapshot | None) -> bool:
    """Whether the recipe's model cannot be computed in float16."""
    if base is not None:
        return base.overflows
    return recipe.model.transformers is not None and recipe.model.transformers["model_type"] in OVERFLOWING
