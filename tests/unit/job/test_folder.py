import json

import pytest

from dragoman.base.errors import RequestError
from dragoman.generation.saved import CARD
from dragoman.job.folder import find_model, find_run


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    """A run with two methods, `small` scored better; and one without a model."""
    monkeypatch.chdir(tmp_path)
    for method, bleu in (("large", 20.0), ("small", 30.0)):
        folder = tmp_path / "runs/two" / method
        (folder / "model").mkdir(parents=True)
        (folder / "model" / CARD).write_text("{}")
        scores = {"sets": {"validation": {"scores": {"bleu": {"value": bleu}}}}}
        (folder / "scores.json").write_text(json.dumps(scores))
    (tmp_path / "runs/two/recipe.yaml").write_text("name: two\nmethods: {large: {}, small: {}}\n")
    (tmp_path / "runs/begun").mkdir()
    (tmp_path / "runs/begun/recipe.yaml").write_text("name: begun\n")
    return tmp_path / "runs"


@pytest.mark.parametrize("name", ["two", "runs/two", "runs/two/"])
def test_a_run_by_name_or_path(runs, name):
    assert find_run(name).path.resolve() == runs / "two"


@pytest.mark.parametrize(
    ("name", "method"),
    [("two", "small"), ("two/large", "large"), ("runs/two/large", "large"), ("runs/two/large/model", "large")],
)
def test_the_best_model_or_the_named_one(runs, name, method):
    assert find_model(name).resolve() == runs / "two" / method / "model"


def test_without_scores_any_model_will_do(runs):
    for file in runs.glob("two/*/scores.json"):
        file.unlink()
    assert find_model("two").resolve() == runs / "two/large/model"


def test_a_best_method_without_a_model_is_passed_over(runs):
    (runs / "two/small/model" / CARD).unlink()
    assert find_model("two").resolve() == runs / "two/large/model"


def test_what_there_is_not(runs):
    with pytest.raises(RequestError, match="did you mean 'two'"):
        find_run("tow")
    with pytest.raises(RequestError, match="runs here: begun, two"):
        find_run("nothing like it")
    with pytest.raises(RequestError, match="none of its methods has a trained model yet"):
        find_model("begun")


def test_a_model_that_was_exported(runs):
    merged, adapter = runs / "two/large/export/merged", runs / "two/large/export/adapter"
    for folder, file in ((merged, CARD), (adapter, "adapter_config.json")):
        folder.mkdir(parents=True)
        (folder / file).write_text("{}")
    assert find_model("two/large/export/merged").resolve() == merged
    assert find_model(str(merged)) == merged
    with pytest.raises(RequestError, match="is an adapter for other programs"):
        find_model("two/large/export/adapter")
