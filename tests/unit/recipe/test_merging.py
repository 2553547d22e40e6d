from __future__ import annotations

from typing import Any

import pytest

from dragoman.base.errors import RequestError
from dragoman.recipe.merging import merge, training_of
from dragoman.recipe.schema import Batch, Recipe, Source, Training


@pytest.mark.parametrize(
    ("base", "over", "merged"),
    [
        ({"epochs": 3, "seed": 1}, {"epochs": 5}, {"epochs": 5, "seed": 1}),
        (
            {"checkpoints": {"every": 5, "keep": 1}},
            {"checkpoints": {"keep": 9}},
            {"checkpoints": {"every": 5, "keep": 9}},
        ),
        ({"betas": [0.1, 0.2]}, {"betas": [0.3, 0.4]}, {"betas": [0.3, 0.4]}),
        ({"epochs": 3}, {"max_steps": 5}, {"max_steps": 5}),
        ({"max_steps": 3}, {"epochs": 5}, {"epochs": 5}),
        ({"batch": {"tokens": 100}}, {"batch": {"rows": 4}}, {"batch": {"rows": 4}}),
        ({"averaging": {"ema": 0.9}}, {"averaging": {"last": 4}}, {"averaging": {"last": 4}}),
        ({"averaging": {"ema": 0.9}}, {"averaging": None}, {"averaging": None}),
        ({"averaging": None}, {"averaging": {"last": 4}}, {"averaging": {"last": 4}}),
        # null chooses nothing, so it takes nothing away
        ({"epochs": 3}, {"max_steps": None}, {"epochs": 3, "max_steps": None}),
        # both at once: neither is the choice, so validation gets to see both
        ({"epochs": 3}, {"epochs": 4, "max_steps": 5}, {"epochs": 4, "max_steps": 5}),
    ],
)
def test_merge(base: dict[str, Any], over: dict[str, Any], merged: dict[str, Any]) -> None:
    assert merge(base, over, Training) == merged


def test_a_source_of_one_kind_replaces_one_of_another() -> None:
    table = {"path": "a.csv", "format": "csv"}
    assert merge(table, {"phrasebook": {"rows": 5}}, Source) == {"phrasebook": {"rows": 5}}
    assert merge(table, {"sheet": "two"}, Source) == {**table, "sheet": "two"}
    assert merge({"source_path": "a", "target_path": "b"}, table, Source) == table


def test_nothing_is_changed_in_place() -> None:
    base, over = {"batch": {"tokens": 1}, "epochs": 1}, {"batch": {"rows": 2}, "max_steps": 3}
    merge(base, over, Training)
    assert base == {"batch": {"tokens": 1}, "epochs": 1}
    assert over == {"batch": {"rows": 2}, "max_steps": 3}


def recipe(training: dict[str, Any], **methods: dict[str, Any]) -> Recipe:
    return Recipe.model_validate(
        {
            "name": "x",
            "data": {"train": [{"phrasebook": {}}]},
            "training": training,
            "methods": {name: {"training": own} for name, own in methods.items()},
        }
    )


def test_the_training_of_a_method() -> None:
    r = recipe(
        {"epochs": 3, "learning_rate": 1e-4, "batch": {"tokens": 100}},
        plain={},
        short={"max_steps": 7, "batch": {"rows": 8}},
    )
    assert training_of(r, "plain") == r.training
    assert training_of(r, "short") == Training(max_steps=7, learning_rate=1e-4, batch=Batch(rows=8))


def test_a_default_is_no_choice() -> None:
    """The default batch is {tokens: 5000}; a method may say {rows: 8} without naming tokens."""
    assert training_of(recipe({}, a={"batch": {"rows": 8}}), "a").batch == Batch(rows=8)


def test_an_unknown_method() -> None:
    with pytest.raises(RequestError) as error:
        training_of(recipe({}, full={}, lora={}), "loro")
    assert str(error.value) == "methods: the recipe has no method 'loro'\n  did you mean 'lora'?"
