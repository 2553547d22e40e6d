"""comparison.json is made when an answer has changed, and never otherwise: it takes minutes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from dragoman.base.files import read_json
from dragoman.job import comparing as module
from dragoman.job.comparing import write_comparison
from dragoman.job.folder import RunFolder
from dragoman.recipe.schema import Recipe


def recipe(*metrics: str) -> Recipe:
    data = {"train": [{"path": "a.tsv"}]}
    methods: dict[str, object] = {"small": {}, "large": {}}
    return Recipe.model_validate(
        {"name": "r", "data": data, "methods": methods, "evaluation": {"metrics": list(metrics)}}
    )


@pytest.fixture
def run(tmp_path):
    return RunFolder(tmp_path)


@pytest.fixture
def answer(run) -> Callable[..., None]:
    def write(method: str, *outputs: str) -> None:
        folder = run.method(method)
        folder.mkdir(exist_ok=True)
        rows = [
            {"set": "validation", "file": "a.tsv", "row": i, "source": "x", "target": f"y {i}", "output": output}
            for i, output in enumerate(outputs)
        ]
        (folder / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    return write


@pytest.fixture
def compared(monkeypatch) -> list[list[str]]:
    """The systems of each comparison that is really made."""
    found: list[list[str]] = []
    original = module.compare

    def compare(systems, metrics):
        found.append(list(systems))
        return original(systems, metrics)

    monkeypatch.setattr(module, "compare", compare)
    return found


def compare_all(recipe: Recipe, run: RunFolder) -> None:
    write_comparison(recipe, run, ["base", *recipe.methods])


def test_what_is_out_of_date_is_not_compared(run, answer, compared):
    answer("small", "y 0", "z")
    answer("base", "z", "z")
    write_comparison(recipe("exact_match"), run, ["small"])
    assert compared == [["small"]]


def test_where_nobody_has_answered_there_is_no_comparison(run):
    compare_all(recipe("chrf"), run)
    assert not run.comparison.exists()


def test_the_base_comes_first_and_who_has_not_answered_is_left_out(run, answer, compared):
    answer("large", "y 0", "y 1")
    answer("base", "z", "z")
    answer("unknown", "y 0", "y 1")
    compare_all(recipe("exact_match"), run)
    assert compared == [["base", "large"]]
    scores = read_json(run.comparison)["sets"]["validation"]["scores"]["exact_match"]
    assert {name: score["value"] for name, score in scores.items()} == {"base": 0.0, "large": 100.0}


def test_it_is_made_anew_only_where_an_answer_has_changed(run, answer, compared):
    answer("small", "y 0", "z")
    answer("large", "y 0", "y 1")
    compare_all(recipe("exact_match"), run)
    before = run.comparison.read_bytes()
    answer("large", "y 0", "y 1")  # the same again
    compare_all(recipe("exact_match"), run)
    assert len(compared) == 1
    assert run.comparison.read_bytes() == before

    answer("large", "z", "z")
    compare_all(recipe("exact_match"), run)
    assert len(compared) == 2
    answer("base", "z", "z")
    compare_all(recipe("exact_match"), run)
    assert compared[2:] == [["base", "small", "large"]]
    (run.method("base") / "outputs.jsonl").unlink()
    compare_all(recipe("exact_match"), run)
    assert compared[3:] == [["small", "large"]]


def test_other_metrics_are_another_comparison(run, answer, compared):
    answer("small", "y 0", "z")
    compare_all(recipe("exact_match"), run)
    compare_all(recipe("exact_match", "chrf"), run)
    assert len(compared) == 2
    assert set(read_json(run.comparison)["sets"]["validation"]["scores"]) == {"exact_match", "chrf"}


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null"])
def test_one_that_is_damaged_is_made_anew(run, answer, compared, content):
    answer("small", "y 0")
    run.comparison.write_text(content)
    compare_all(recipe("exact_match"), run)
    assert len(compared) == 1
    assert "sets" in read_json(run.comparison)
