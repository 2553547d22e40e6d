"""`dragoman bench`, as a user types it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from driving import Dragoman, refused

from dragoman.job import speed
from dragoman.models.nmt.model import NmtModel


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "SHORTEST", 0.0)


def test_generation_with_and_without_cache(work: Path, dragoman: Dragoman) -> None:
    done = dragoman("bench", "generation", "digits", "--batch", "4,1", "--length", "3,6")
    assert done.code == 0, done.err
    rows = [line.split() for line in done.out.splitlines()[1:]]
    assert [row[:2] for row in rows] == [["1", "3"], ["1", "6"], ["4", "3"], ["4", "6"]]
    assert all(re.fullmatch(r"\d+\.\d\dx", row[4]) for row in rows)
    found = json.loads(Path("runs/digits/full/bench/generation.json").read_text())
    assert [(one["batch"], one["length"], one["same"]) for one in found["timings"]] == [
        (1, 3, True), (1, 6, True), (4, 3, True), (4, 6, True),
    ]  # fmt: skip
    page = Path("runs/digits/full/bench/generation.html").read_text()
    assert page.count("<svg") == 2
    assert "The answers are the same with and without." in page
    assert "generation.html" in done.err

    again = dragoman(
        "run", "digits.yaml", "--restart", "--set", "training.max_steps=2", "--set", "training.warmup_steps=0"
    )
    assert again.code == 0, again.err
    assert not Path("runs/digits/full/bench").exists()  # of another model: set aside with it
    assert Path("runs/digits/previous/1/full/bench/generation.html").is_file()


def test_a_cache_that_changes_an_answer_fails(work: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch) -> None:
    step = NmtModel.step
    monkeypatch.setattr(NmtModel, "step", lambda self, tokens, cache: step(self, tokens, cache).roll(1, -1))
    done = dragoman("bench", "generation", "digits", "--batch", "2", "--length", "4")
    refused(done, "the answers differ with and without cache: batch 2 with 4 tokens", code=1)
    assert "The answers differ" in Path("runs/digits/full/bench/generation.html").read_text()


@pytest.mark.parametrize("option", ["--batch", "--length"])
@pytest.mark.parametrize("text", ["0", "1,x", "", "1,,2", "-3", "2.5"])
def test_numbers_that_are_none(work: Path, dragoman: Dragoman, option: str, text: str) -> None:
    refused(dragoman("bench", "generation", "digits", f"{option}={text}"), f"{option}: '{text}' is no list", "such as")


def test_what_there_is_nothing_to_measure_of(work: Path, dragoman: Dragoman) -> None:
    refused(dragoman("bench", "generation", "digit"), "there is no run 'digit'", "did you mean 'digits'?")
    Path("runs/digits/encoded/validation.arrow").unlink()
    refused(dragoman("bench", "generation", "digits"), "there is nothing to answer", "dragoman run makes them again")
