"""The recipe's `trackers`: where metrics go besides metrics.jsonl."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dragoman.recipe.schema.section import Section, Words, key

Label = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^/\\#?%:\s]+$"), Words("a short name")]


class Wandb(Section):
    """Weights & Biases. Its key is taken from where `wandb login` or WANDB_API_KEY put it, never from a recipe."""

    project: Label | None = key(None, "The project there (default: the recipe's name).")
    entity: Label | None = key(None, "The user or team that owns the project (default: your own).")
    mode: Literal["online", "offline"] = key(
        "online", "offline: only write files, for `wandb sync` to send later. What cannot be reached is written too."
    )
    tags: list[str] = key([], "Words to find the run by.")


class Trackers(Section):
    """Programs that draw metrics while a training runs. metrics.jsonl is always written, whatever they do."""

    tensorboard: bool = key(False, "Write event files for TensorBoard into each method's folder.")
    wandb: Wandb | None = key(None, "A run of Weights & Biases for each method; `wandb: {}` for the defaults.")
