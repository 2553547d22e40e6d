"""Trackers as a recipe names them: files of both, of one run for each training, set aside with what it has made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from driving import QUICK, Dragoman, refused

FULL = Path("runs/digits/full")
TRACKERS = ("--set", "trackers={tensorboard: true, wandb: {mode: offline}}")


def test_both_of_them(fresh: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tensorboard")
    pytest.importorskip("wandb")
    for name in ("CONFIG", "CACHE", "DATA"):
        monkeypatch.setenv(f"WANDB_{name}_DIR", str(fresh / "home"))
    done = dragoman("run", "digits.yaml", *QUICK, *TRACKERS)
    assert done.code == 0, done.err
    assert "left out" not in done.err
    assert len(list(FULL.glob("tensorboard/events*"))) == 1
    assert len(list(FULL.glob("wandb/offline-run-*"))) == 1
    first = json.loads((FULL / "wandb.json").read_text())["id"]

    assert dragoman("run", "digits.yaml", *QUICK).err.count("done before") == 4  # without them nothing is done again
    assert dragoman("run", "digits.yaml", *QUICK, *TRACKERS, "--restart").code == 0
    assert json.loads((FULL / "wandb.json").read_text())["id"] != first
    assert len(list(FULL.glob("wandb/offline-run-*"))) == 1
    assert list(Path("runs/digits/previous/1/full").glob("tensorboard/events*"))


def test_a_library_that_is_missing_is_said_before_anything_is_done(
    fresh: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dragoman.planning.semantics.version_of", lambda library: None)
    for verb in ("check", "run"):
        refused(dragoman(verb, "digits.yaml", *TRACKERS), "pip install tensorboard", "pip install wandb")
    assert not Path("runs").exists()
