"""What is not wrong with a recipe and still a reason to stop and look, before anything is spent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from dragoman.recipe.schema import Recipe, Training

LOST = 0.01  # share of a split's rows


def receipt_warnings(receipt: Mapping[str, Any]) -> Iterator[str]:
    """Of a receipt (`Receipt.to_json()`): rows that are lost, and rows to measure on that are also trained on."""
    for name, split in receipt["splits"].items():
        lost = split["dropped"] + split["quarantined"]
        if lost > LOST * split["read"]:
            reasons = Counter(split["reasons"]["quarantined"]) + Counter(split["reasons"]["dropped"])
            ((reason, count),) = reasons.most_common(1)
            most = "" if count == lost else f", {count:,} of them"
            yield f"{name}: {lost:,} of {split['read']:,} rows are lost ({lost / split['read']:.0%}){most}: {reason}"
    for name, overlap in receipt["overlap"].items():
        if seen := overlap["sources_in_train"]:
            rows = f"{seen:,} of {overlap['rows']:,} rows"
            yield f"{name}: {rows} also occur in training, so its scores say too much about new texts"


def template_warnings(recipe: Recipe, causal: bool) -> Iterator[str]:
    """Of a causal model's prompt: one that runs into the answer without a space."""
    template = recipe.data.template
    if causal and recipe.task != "chat" and not (template.source[-1:].isspace() or template.target[:1].isspace()):
        yield (
            "the answer follows data.template.source without a space or line end between them, as in "
            f"'{template.source[-12:]}{template.target[:12]}'"
        )


def length_warnings(training: Training, steps: int) -> Iterator[str]:
    """Of a training of so many steps: one that ends before its rate is what the recipe says."""
    if training.warmup_steps >= steps:
        yield (
            f"{steps:,} steps are fewer than training.warmup_steps ({training.warmup_steps:,}): the rate never gets to "
            "its height"
        )
