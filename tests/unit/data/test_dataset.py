"""The splits of a recipe: every usable row in exactly one of them, the same ones whenever they are read."""

from __future__ import annotations

import pytest

from dragoman.data.dataset import Dataset, sources_of
from dragoman.data.quarantine import Quarantine
from dragoman.data.receipt import Receipt
from dragoman.recipe.schema import Data


def write(folder, name, rows):
    (folder / name).write_text("source\ttarget\n" + "".join(f"{row}\t{row.upper()}\n" for row in rows))


def data(**keys):
    return Data.model_validate({"train": [{"path": "train.tsv"}], "validation_rows": 5, **keys})


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, "train.tsv", [*(f"row {i}" for i in range(98)), "", ""])
    write(tmp_path, "val.tsv", ["a", "b"])
    write(tmp_path, "news.tsv", ["c", "row 1"])
    return tmp_path


def sources(examples):
    return [example.source for example in examples]


def test_rows_are_held_out_where_no_validation_set_is_given(folder):
    dataset, receipt = Dataset(data(), folder, seed=1), Receipt()
    quarantine = Quarantine(None, strict=False)
    held_out = sources(dataset.evaluation("validation", quarantine, receipt))
    trained = sources(dataset.train(quarantine, receipt))
    assert sorted(held_out + trained) == sorted(f"row {i}" for i in range(98))
    assert len(held_out) == 5
    counts = receipt.to_json()["splits"]
    assert (counts["train"]["read"], counts["train"]["quarantined"], counts["train"]["held_out"]) == (100, 2, 5)
    assert (counts["validation"]["read"], counts["validation"]["quarantined"]) == (5, 0)


def test_the_choice_is_the_seeds_alone(folder):
    chosen = [sources(Dataset(data(), folder, seed).evaluation("validation")) for seed in (1, 1, 2)]
    assert chosen[0] == chosen[1]
    assert chosen[0] != chosen[2]
    write(folder, "train.tsv", [f"row {i}" for i in reversed(range(98))])
    assert sorted(sources(Dataset(data(), folder, 1).evaluation("validation"))) == sorted(chosen[0])


def test_with_a_validation_set_every_row_is_trained_on(folder):
    dataset = Dataset(data(validation={"path": "val.tsv"}), folder, seed=1)
    assert sources(dataset.train()) == [f"row {i}" for i in range(98)]
    assert sources(dataset.evaluation("validation")) == ["a", "b"]


def test_evaluation_sets_have_names_and_some_can_be_left_out(folder):
    settings = data(validation={"path": "val.tsv"}, test={"news.2014": {"path": "news.tsv"}, "gone": {"path": "no"}})
    assert list(Dataset(settings, folder, 1).evaluation_sets) == ["validation", "test:news.2014", "test:gone"]
    dataset = Dataset(settings, folder, 1, without=["test:gone"])
    assert list(dataset.evaluation_sets) == ["validation", "test:news.2014"]
    assert sources(dataset.evaluation("test:news.2014")) == ["c", "row 1"]
    assert list(sources_of(settings)) == [
        ("data", "train", 0), ("data", "validation"), ("data", "test", "news.2014"), ("data", "test", "gone"),
    ]  # fmt: skip
