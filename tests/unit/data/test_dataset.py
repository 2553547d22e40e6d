"""The splits of a recipe: every usable row in exactly one of them, the same ones whenever they are read."""

from __future__ import annotations

import json

import pytest

from dragoman.base.errors import RequestError
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


@pytest.mark.parametrize("validation", [None, {"path": "val.tsv"}])
def test_dropped_rows_are_accounted_for_beside_those_held_out(folder, validation):
    settings = data(validation=validation, drop_if={"source": "[37]$|^b$"}, validation_rows=5)
    dataset, receipt = Dataset(settings, folder, 1), Receipt()
    with Quarantine(None, False) as quarantine:
        for name, examples in (
            ("validation", dataset.evaluation("validation", quarantine, receipt)),
            ("train", dataset.train(quarantine, receipt)),
        ):
            for example in examples:
                assert not example.source.endswith(("3", "7"))
                receipt.split(name).keep(1, 1)
    receipt.verify()
    counts = receipt.to_json()["splits"]
    train = {key: counts["train"][key] for key in ("read", "kept", "dropped", "quarantined", "held_out")}
    dropped = sum(str(i)[-1] in "37" for i in range(98))
    held_out = 5 if validation is None else 0
    assert train == {
        "read": 100, "kept": 98 - dropped - held_out, "dropped": dropped, "quarantined": 2, "held_out": held_out,
    }  # fmt: skip
    assert counts["train"]["reasons"]["dropped"] == {"source matches '[37]$|^b$'": dropped}
    assert counts["validation"]["dropped"] == (0 if validation is None else 1)


def test_a_rule_needs_its_column_in_one_source_only(folder):
    (folder / "more.tsv").write_text("source\ttarget\tnote\na1\tb\tbad\na2\tb\tgood\n")
    settings = data(train=[{"path": "train.tsv"}, {"path": "more.tsv"}], drop_if={"note": "bad"})
    dataset = Dataset(settings, folder, 1)
    assert len(list(dataset.train())) + len(list(dataset.evaluation("validation"))) == 99
    with pytest.raises(RequestError, match="there is no column 'noet'") as error:
        list(Dataset(data(drop_if={"noet": "x"}), folder, 1).train())
    assert error.value.where == "data.drop_if"


def test_the_tasks_shape_the_examples(folder):
    (folder / "a.conll").write_text("".join(f"w{i} B-PER\nx O\n\n" for i in range(30)))
    settings = data(train=[{"path": "a.conll"}], template={"source": "{tokens}", "target": "{entities}"})
    examples = [*Dataset(settings, folder, 1, task="entities").train()]
    assert examples[0].target == f"{examples[0].source.split()[0]}: PER"
    chat = Dataset(data(), folder, 1, task="chat")
    assert [turn.role for turn in next(chat.train()).messages] == ["user", "assistant"]
    assert next(Dataset(data(), folder, 1).train()).messages is None


def test_conversations_are_parted_by_all_that_comes_before_the_last_answer(folder):
    """Nearly all end with the same words; by those alone there would be nothing to hold out."""
    lines = []
    for i in range(100):
        asked = [("user", f"order {i % 50}"), ("assistant", "Anything else?"), ("user", "bye"), ("assistant", f"{i}")]
        lines.append(json.dumps({"messages": [{"role": role, "content": text} for role, text in asked]}))
    (folder / "chat.jsonl").write_text("\n".join(lines))
    settings = data(train=[{"path": "chat.jsonl"}], template={"messages": "messages"}, validation_rows=10)
    dataset = Dataset(settings, folder, 1, task="chat")
    trained, held_out = list(dataset.train()), list(dataset.evaluation("validation"))
    assert (len(trained), len(held_out)) == (90, 10)
    assert {example.source for example in trained} == {"bye"}
    assert not {example.context for example in trained} & {example.context for example in held_out}
