"""`dragoman compare` on run folders that a helper makes up."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest
from unit.evaluation.words import WORDS

from dragoman.cli import main as program
from dragoman.evaluation.scores import score_set


def make_run(folder: Path, name: str, **methods: float) -> None:
    """A run whose methods get this share of the words wrong."""
    folder.mkdir(parents=True)
    listed = "".join(f"  {method}: {{}}\n" for method in methods if method != "base")
    (folder / "recipe.yaml").write_text(
        f"name: {name}\ntask: translation\nmethods:\n{listed}evaluation: {{main: bleu}}\n"
    )
    for seed, (method, errors) in enumerate(methods.items()):
        texts, draw, rows = random.Random(1), random.Random(seed), []
        for number in range(1, 61):
            words = [texts.choice(WORDS) for _ in range(texts.randint(4, 12))]
            said = [draw.choice(WORDS) if draw.random() < errors else word for word in words]
            rows.append({"set": "test:t", "file": "/d/t.tsv", "row": number, "source": f"s {number}", "level": None,
                         "target": " ".join(words), "output": " ".join(said), "chrf": 50.0})  # fmt: skip
        (folder / method).mkdir()
        (folder / method / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        scores = {key: vars(value) for key, value in score_set(rows, ["bleu", "chrf"]).scores.items()}
        found = {"parameters": 1000, "sets": {"test:t": {"rows": 60, "scores": scores, "levels": {}}}}
        (folder / method / "scores.json").write_text(json.dumps(found))


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Run `dragoman compare ARGUMENTS` in a folder with two runs: its exit code, what it printed and what it said."""
    make_run(tmp_path / "runs/one", "one", base=0.9, full=0.05, lora=0.3)
    make_run(tmp_path / "runs/two", "two", full=0.5)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def invoke(*arguments):
        monkeypatch.setattr(sys, "argv", ["dragoman", "compare", *arguments])
        with pytest.raises(SystemExit) as left:
            program.main()
        return int(left.value.code or 0), *capsys.readouterr()

    return invoke


def test_the_best_methods_of_two_runs(call):
    code, out, _ = call("one", "runs/two")
    assert code == 0
    assert "one/full" in out
    assert "two/full" in out
    assert "lora" not in out
    assert "Test set t, 60 rows; in brackets the 95 % interval" in out
    assert "worse" in out
    assert "p\N{NO-BREAK SPACE}<\N{NO-BREAK SPACE}0.001" in out
    assert "The best of 2 methods, one/full, translates at" in out


def test_named_methods(call):
    code, out, _ = call("two", "one/lora", "runs/one/lora")
    assert code == 0
    assert "one/lora" in out
    assert "one/full" not in out
    assert out.count("one/lora against") + out.count("against one/lora") <= 1


def test_a_single_run_compares_its_methods_with_the_base(call):
    code, out, _ = call("one")
    assert code == 0
    lines = [line.split()[0] for line in out.splitlines() if line.startswith(("base", "full", "lora"))]
    assert lines[:3] == ["base", "full", "lora"]
    assert "Training gained" in out


def test_the_page(call, tmp_path):
    code, _, said = call("one", "two", "--output", "pages/compare.html")
    assert code == 0
    assert "pages/compare.html" in said
    page = (tmp_path / "pages/compare.html").read_text()
    assert "one/full against two/full" in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("two",), "there is only one method to compare"),
        (("two", "two"), "there is only one method to compare"),
        (("one", "nothing"), "there is no run 'nothing'"),
        (("one/ful", "two"), "the run has no method 'ful'"),
        (("one/ful", "two"), "did you mean 'full'?"),
    ],
)
def test_what_cannot_be_compared_is_refused(call, arguments, words):
    code, _, said = call(*arguments)
    assert code == 2
    assert words in said


def test_an_unscored_method_is_refused(call, tmp_path):
    (tmp_path / "runs/two/full/scores.json").unlink()
    code, _, said = call("one", "two/full")
    assert code == 2
    assert "two/full: has not been scored yet" in said


def test_runs_of_one_name_are_told_apart(call, tmp_path):
    make_run(tmp_path / "elsewhere/one", "one", full=0.2)
    code, out, _ = call("one", "elsewhere/one")
    assert code == 0
    assert "runs/one/full" in out
    assert "elsewhere/one/full" in out
