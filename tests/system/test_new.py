"""`dragoman new`: from one's own file to a recipe that checks and runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from driving import Dragoman

Pairs = list[tuple[str, str]]


def pairs() -> Pairs:
    people = {"Der Mann": "The man", "Die Frau": "The woman", "Das Kind": "The child", "Der Hund": "The dog"}
    verbs = {"sieht": "sees", "sucht": "seeks", "findet": "finds", "kennt": "knows", "malt": "paints"}
    things = {"das Haus": "the house", "den Baum": "the tree", "die Stadt": "the town", "ein Buch": "a book"}
    return [
        (f"{a} {b} {c} und nicht mehr.", f"{people[a]} {verbs[b]} {things[c]} and no more.")
        for a in people for b in verbs for c in things
    ]  # fmt: skip


def csv(rows: Pairs) -> list[str]:
    lines = ["id,german,english", *(f'{i},"{a}","{b}"' for i, (a, b) in enumerate(rows))]
    Path("my.csv").write_text("\n".join(lines) + "\n")
    return ["my.csv"]


def tsv(rows: Pairs) -> list[str]:
    Path("my.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in [("de", "en"), *rows]))
    return ["my.tsv"]


def jsonl(rows: Pairs) -> list[str]:
    Path("my.jsonl").write_text("".join(json.dumps({"translation": {"de": a, "en": b}}) + "\n" for a, b in rows))
    return ["my.jsonl"]


def xlsx(rows: Pairs) -> list[str]:
    with xlsxwriter.Workbook("my.xlsx") as book:
        sheet = book.add_worksheet()
        for i, row in enumerate([("Deutsch", "Englisch"), *rows]):
            sheet.write_row(i, 0, row)
    return ["my.xlsx"]


def aligned(rows: Pairs) -> list[str]:
    Path("my.de").write_text("".join(f"{a}\n" for a, _ in rows))
    Path("my.en").write_text("".join(f"{b}\n" for _, b in rows))
    return ["my.de", "my.en"]


@pytest.mark.parametrize("write", [csv, tsv, jsonl, xlsx, aligned])
def test_new_then_check_then_run(
    tmp_path: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch, write: Callable[[Pairs], list[str]]
) -> None:
    monkeypatch.chdir(tmp_path)
    files = write(pairs())
    new = dragoman("new", "translation", *files)
    assert new.code == 0, new.err
    assert "next: dragoman check my.yaml" in new.err
    quick = ("--set", "training.max_steps=2", "--set", "training.warmup_steps=0")
    quick += ("--set", "model.nmt={d_model: 32, n_heads: 2, d_ff: 64, encoder_layers: 1, decoder_layers: 1}")
    checked = dragoman("check", "my.yaml", *quick)
    assert checked.code == 0, checked.err
    assert "translation from German to English" in checked.out
    run = dragoman("run", "my.yaml", *quick)
    assert run.code == 0, run.err
    assert dragoman("translate", "my", "Der Mann sieht das Haus.").code == 0


def test_nothing_is_overwritten(tmp_path: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    csv(pairs())
    Path("my.yaml").write_text("mine")
    result = dragoman("new", "translation", "my.csv")
    assert result.code == 2
    assert "my.yaml: is already there" in result.err
    assert "--output" in result.err
    assert Path("my.yaml").read_text() == "mine"
    assert dragoman("new", "translation", "my.csv", "-o", "recipes/other.yaml").code == 0
    assert dragoman("check", "recipes/other.yaml").code == 0  # its paths start from where it lies


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["translation", "gone.csv"], "gone.csv: does not exist"),
        (["translation", "my.txt"], "the ending '.txt' says no format"),
        (["translation", "empty.csv"], "empty.csv: is empty"),
        (["translation", "."], "is a folder"),
        (["translation", "my.csv", "my.csv", "my.csv"], "give one file of examples, or two aligned text files"),
        (["translate", "my.csv"], "the task there is: translation"),
        (["translation"], "Missing argument"),
    ],
)
def test_mistakes(
    tmp_path: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    csv(pairs())
    Path("my.txt").write_text("a\n")
    Path("empty.csv").write_text("")
    result = dragoman("new", *arguments)
    assert result.code == 2
    assert said in result.err
    assert not list(tmp_path.glob("*.yaml"))
