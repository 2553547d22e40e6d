"""Files that vanish, are cut or overwritten while a run uses them: it is said clearly, and nothing is lost.

What is cut off a mapped file kills a process without a word, so these runs have processes of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import Dragoman, Outcome
from hub.forks import Forks
from processes import finish

RunWhile = Callable[..., Outcome]

WEIGHTS = Path("runs/digits/full/model/weights.safetensors")
TRAIN = "runs/digits/encoded/train.arrow"
VALIDATION = "runs/digits/encoded/validation.arrow"

# Before the given call of a function, something happens to a file.
CHANGING = """
import importlib, os

def change(module, name, call, action, path):
    owner = importlib.import_module(module)
    *parts, name = name.split(".")
    for part in parts:
        owner = getattr(owner, part)
    original, calls = getattr(owner, name), []

    def changed(*given, **more):
        calls.append(1)
        if len(calls) == call:
            if action == "delete":
                os.unlink(path)
            elif action == "cut":
                os.truncate(path, 600)
            elif action == "overwrite":
                with open(path, "r+b") as file:
                    file.seek(os.path.getsize(path) // 2)
                    file.write(b"\\xff" * 40)
        return original(*given, **more)

    setattr(owner, name, changed)
"""


@pytest.fixture
def run_while(forks: Forks, fresh: Path) -> RunWhile:
    """`dragoman run` in the working folder, while something happens to a file of it."""

    def run(module: str, function: str, call: int, action: str, path: str) -> Outcome:
        before = f"{CHANGING}\nchange({module!r}, {function!r}, {call}, {action!r}, {path!r})"
        code, said = finish(forks.begin("run", "digits.yaml", folder=fresh, before=before))
        return Outcome(code, "", said)

    return run


def same_as(trained: Path) -> None:
    assert WEIGHTS.read_bytes() == (trained / WEIGHTS).read_bytes()


@pytest.mark.parametrize(
    ("function", "call", "path", "saved", "action"),
    [("Loop._step", 5, TRAIN, 4, "cut"), ("Loop._validate", 1, VALIDATION, 6, "overwrite")],
)
def test_an_encoded_set_that_changes_in_training(
    run_while: RunWhile, trained: Path, dragoman: Dragoman, function: str, call: int, path: str, saved: int, action: str
) -> None:
    stopped = run_while("dragoman.training.loop", function, call, action, path)
    assert stopped.code == 3, stopped.err
    assert f"{path}: was cut or overwritten while it was in use" in stopped.err
    assert "delete it, and give the same command again: it is made anew" in stopped.err
    assert "Traceback" not in stopped.err

    Path(path).unlink()
    again = dragoman("run", "digits.yaml")
    assert again.code == 0, again.err
    assert "encode: encoded/" in again.err
    same_as(trained)
    assert f"going on after step {saved}" in again.err


def test_a_deleted_encoded_set_ends_no_training(run_while: RunWhile, trained: Path) -> None:
    done = run_while("dragoman.training.loop", "Loop._step", 3, "delete", TRAIN)
    assert done.code == 0, done.err
    same_as(trained)


def test_rows_to_measure_on_that_are_gone(run_while: RunWhile, trained: Path, dragoman: Dragoman) -> None:
    """Between training and scoring: the weights are there, and only the scores are missing."""
    path = "runs/digits/encoded/validation.jsonl"
    stopped = run_while("dragoman.job.stages", "evaluate_method", 1, "delete", path)
    assert stopped.code == 3, stopped.err
    assert path in stopped.err
    assert "it is made anew" in stopped.err
    assert "Traceback" not in stopped.err
    same_as(trained)
    again = dragoman("run", "digits.yaml")
    assert again.code == 0, again.err
    assert "train full: done before" in again.err
    same_as(trained)


@pytest.mark.parametrize(
    ("module", "function", "action"),
    [("dragoman.tokenizer.unigram", "convert", "delete"), ("dragoman.objectives.sets", "_record", "overwrite")],
)
def test_a_source_file_that_changes_while_it_is_needed(
    run_while: RunWhile, trained: Path, dragoman: Dragoman, module: str, function: str, action: str
) -> None:
    whole = Path("digits.tsv").read_bytes()
    stopped = run_while(module, function, 1, action, "digits.tsv")
    assert stopped.code == 3, stopped.err
    said = "has gone while it was needed" if action == "delete" else "was changed while it was being read"
    assert f"digits.tsv: {said}" in stopped.err
    assert "Traceback" not in stopped.err
    assert not WEIGHTS.exists()

    Path("digits.tsv").write_bytes(whole)
    again = dragoman("run", "digits.yaml")
    assert again.code == 0, again.err
    same_as(trained)
