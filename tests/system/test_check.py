"""`dragoman check`: what a newcomer reads before anything is spent."""

from __future__ import annotations

import re
import socket
import tempfile
from io import StringIO
from pathlib import Path

import pytest
from driving import RECIPE, Dragoman
from rich.console import Console

from dragoman.planning.check import check_recipe
from dragoman.recipe.loading import load_recipe

RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("nothing here may need a network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_it_says_what_a_run_would_do(fresh: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = fresh / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    before = sorted(filter(Path.is_file, fresh.rglob("*")))
    result = dragoman("check", "digits.yaml")
    assert result.code == 0
    for words in ("Model", "34,272", "Rows", "held out", "Lengths in tokens", "of all positions are padding",
                  "digits.tsv:1",
                  "Training: full", "12 steps, 2.0 epochs of 6", "after a warm-up of 4 steps, cosine", "because",
                  "weights", "gradients", "adamw", "next: dragoman run digits.yaml"):  # fmt: skip
        assert words in result.out, words
    assert sorted(filter(Path.is_file, fresh.rglob("*"))) == before


def test_the_preview_is_coloured_tokens_and_labels(fresh: Path) -> None:
    text = StringIO()
    check_recipe(load_recipe(Path("digits.yaml")), Console(file=text, force_terminal=True, width=100, highlight=False))
    first = Path("digits.tsv").read_text().split("\n")[1].split("\t")
    shown = text.getvalue()[text.getvalue().index("digits.tsv:1") :]
    source, labels = (next(line for line in shown.split("\n") if word in line) for word in ("source", "labels"))
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in (source, labels)]
    for side, line in zip(first, plain, strict=True):
        assert [piece.removeprefix("▁") for piece in line.split()[1:]] == [*side.split(), "</s>"]
    assert "\x1b[30;42m" in labels  # a green ground
    assert "\x1b[30;42m" not in source


def test_everything_wrong_is_said_with_its_place(fresh: Path, dragoman: Dragoman) -> None:
    wrong = RECIPE.replace("warmup_steps: 4", "warmup_steps: 40").replace("{digits}", "{digit}")
    Path("digits.yaml").write_text(wrong + "evaluation: {metrics: [chrf], main: bleu}\nmethods: {tokenizer: {}}\n")
    result = dragoman("check", "digits.yaml")
    assert result.code == 2
    assert "digits.yaml has 4 problems" in result.err
    for words in (
        "digits.yaml:4:7: data.train.0: ", "has no column 'digit'", "did you mean 'digits'?",
        "training.warmup_steps: 40 steps of warm-up in a training of 12",
        "evaluation.main: 'bleu' is not measured", "digits.yaml:14:11: methods.tokenizer: ",
    ):  # fmt: skip
        assert words in result.err, words
    assert dragoman("run", "digits.yaml").err == result.err


@pytest.mark.parametrize("reason", ["unset", "gone"])
def test_without_the_data_it_says_what_it_can(
    fresh: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    monkeypatch.delenv("DRAGOMAN_REALDATA", raising=False)
    recipe: Path = RECIPES / "de-en-multi30k.yaml"
    if reason == "gone":
        Path("digits.tsv").unlink()
        recipe = Path("digits.yaml")
    result = dragoman("check", recipe)
    assert result.code == 1
    assert ("5,417,472" if reason == "unset" else "34,272") in result.out
    assert "because" in result.out
    assert "not checked: rows, tokens, length of the training" in result.err
    assert ("DRAGOMAN_REALDATA is not set" if reason == "unset" else "digits.tsv: does not exist") in result.err
    assert result.err.count("export DRAGOMAN_REALDATA=") == (reason == "unset")


def test_a_vocabulary_too_large_for_the_text_still_shows_the_model(fresh: Path, dragoman: Dragoman) -> None:
    Path("digits.yaml").write_text(RECIPE.replace("385", "3000"))
    result = dragoman("check", "digits.yaml")
    assert result.code == 2
    assert "3,000 pieces x 32" in result.out
    assert re.search(
        r"digits.yaml:8:\d+: tokenizer.vocabulary_size: 3000 pieces are more than this text has", result.err
    )


def test_the_large_model_has_exactly_its_parameters(dragoman: Dragoman) -> None:
    assert (
        "148,984,320" in dragoman("check", RECIPES / "de-en-scratch.yaml", "--set", "data.train=[{path: no.tsv}]").out
    )


def test_a_warm_up_longer_than_the_training_is_noticed(fresh: Path, dragoman: Dragoman) -> None:
    longer = ("--set", "training.warmup_steps=500", "--set", "training.epochs=2")
    assert "fewer than training.warmup_steps (500)" in dragoman("check", "digits.yaml", *longer).out


def test_a_tokenizer_of_ones_own(work: Path, dragoman: Dragoman) -> None:
    result = dragoman("check", "digits.yaml", "--set", "tokenizer.path=runs/digits/tokenizer")
    assert result.code == 0
    assert "385 pieces" in result.out
    gone = dragoman("check", "digits.yaml", "--set", "tokenizer.path=runs")
    assert gone.code == 1
    assert "there is no tokenizer here" in gone.err
