"""`dragoman corpus pairs`: parallel text with everything that goes wrong in it."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from driving import Dragoman, refused
from processes import finish, start_program, wait_for

from dragoman.data.phrasebook import pairs as phrasebook

RECIPE = """\
name: clean
pairs:
  sources:
    - path: pairs.tsv
  preset: pairs-de-en
  source: german
  target: english
  evaluation:
    - path: test.jsonl
"""
GOOD = 1500
DATED = "Wir treffen uns am 24.12.2024 um 14:30 Uhr vor dem alten Rathaus."
TRANSLATED = "We are meeting on 12/24/2024 at 2:30 p.m. in front of the old town hall."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Good pairs, and bad ones of known kinds after them."""
    good = [(row["source"], row["target"]) for row in phrasebook(GOOD, "train", ["A2", "B1", "B2"])]
    held_out = [(row["source"], row["target"]) for row in phrasebook(30, "test", ["B1"])]
    bad = [(DATED, TRANSLATED.replace("24", "25", 1))]
    bad += [(source, source) for source, _ in held_out[:10]]  # of the evaluation set too, but a copy before that
    bad += held_out[10:20]
    bad += [good[0], (good[1][0].upper(), good[1][1])]
    good += [(DATED, TRANSLATED)]
    lines = [f"{source}\t{target}\n" for source, target in [("german", "english"), *good, *bad]]
    (tmp_path / "pairs.tsv").write_text("".join(lines) + "only one cell\n")
    (tmp_path / "test.jsonl").write_text("".join(json.dumps({"text": source}) + "\n" for source, _ in held_out))
    (tmp_path / "clean.yaml").write_text(RECIPE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rejected(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "runs/clean/pairs/rejected.jsonl").read_text().splitlines()]


def test_good_pairs_stay_and_bad_ones_go_with_their_reasons(folder: Path, dragoman: Dragoman) -> None:
    result = dragoman("corpus", "pairs", "clean.yaml")
    assert result.code == 0, result.err
    receipt = json.loads((folder / "runs/clean/pairs/receipt.json").read_text())
    assert (receipt["read"], receipt["quarantined"], receipt["evaluation_texts"]) == (GOOD + 25, 1, 30)
    assert receipt["read"] == receipt["kept"] + receipt["removed"] + 1
    gone = {row["row"]: row["rule"] for row in rejected(folder)}
    assert sum(row <= GOOD + 1 for row in gone) <= 0.03 * GOOD
    assert GOOD + 1 not in gone
    assert gone[GOOD + 2] == "digits"
    assert {gone[GOOD + 3 + n] for n in range(10)} == {"copied"}
    assert {gone[GOOD + 13 + n] for n in range(10)} == {"evaluation"}
    assert [gone[GOOD + 23], gone[GOOD + 24]] == ["duplicate", "duplicate"]
    page = (folder / "runs/clean/pairs/report.html").read_text()
    assert "We are meeting on 12/25/2024" in page
    assert "removed by digits" in result.err
    assert "pairs.parquet" in result.err

    # what is kept is data for a recipe of a model, and clean: a second cleaning of it removes nothing
    again = "{path: runs/clean/pairs/pairs.parquet}"
    second = dragoman(
        "corpus", "pairs", "clean.yaml", "--set", f"pairs.sources=[{again}]", "--set", "pairs.source=de",
        "--set", "pairs.target=en", "--set", "name=again",
    )  # fmt: skip
    assert second.code == 0, second.err
    assert json.loads(Path("runs/again/pairs/receipt.json").read_text())["removed"] == 0


def test_a_rule_can_be_switched_off(folder: Path, dragoman: Dragoman) -> None:
    settings = ["pairs.rules.digits=off", "pairs.rules.evaluation=off", "pairs.rules.language=off", "pairs.output=tsv"]
    result = dragoman("corpus", "pairs", "clean.yaml", *(word for one in settings for word in ("--set", one)))
    assert result.code == 0, result.err
    assert not {"digits", "evaluation", "language"} & {row["rule"] for row in rejected(folder)}
    assert (folder / "runs/clean/pairs/pairs.tsv").read_text().startswith("de\ten\tfile\trow\n")


def test_a_pair_is_explained(folder: Path, dragoman: Dragoman) -> None:
    removed = dragoman("corpus", "explain", "clean.yaml", f"pairs.tsv:{GOOD + 2}")
    assert removed.code == 0, removed.err
    assert "removes    digits: unmatched numbers 2, at most 0" in removed.out
    assert "removed by the rule duplicate" in dragoman("corpus", "explain", "clean.yaml", f"pairs.tsv:{GOOD + 23}").out
    refused(dragoman("corpus", "explain", "clean.yaml", "pair.tsv:1"), "did you mean 'pairs.tsv'?")


def test_mistakes(folder: Path, dragoman: Dragoman) -> None:
    refused(dragoman("corpus", "pairs", "clean.yaml", "--set", "pairs.rules.digit=off"), "did you mean 'digits'?")
    refused(dragoman("corpus", "pairs", "clean.yaml", "--set", "pairs.source=germn"), "did you mean 'german'?")
    refused(dragoman("corpus", "pairs", "clean.yaml", "--set", "pairs.preset=pairs"), "clean.yaml:2:1", "languages:")
    Path("no.yaml").write_text("name: x\ndata: {train: [{path: pairs.tsv}]}\n")
    refused(dragoman("corpus", "pairs", "no.yaml"), "has no section pairs")
    assert not Path("runs/clean/pairs").exists()


def test_killed_it_loses_nothing_and_ends_the_same(folder: Path, dragoman: Dragoman) -> None:
    command = ("corpus", "pairs", "clean.yaml")
    assert dragoman(*command).code == 0
    made = Path("runs/clean/pairs")
    whole = {path.name: path.read_bytes() for path in made.iterdir()}
    process = start_program(folder, *command, OMP_NUM_THREADS="1")
    wait_for(process, lambda: any(Path("runs/clean").glob(".tmp-*-pairs/.tmp-*rejected.jsonl")))
    process.send_signal(signal.SIGKILL)
    assert finish(process)[0] == -signal.SIGKILL
    assert {path.name: path.read_bytes() for path in made.iterdir()} == whole
    assert any(Path("runs/clean").glob(".tmp-*"))
    assert dragoman(*command).code == 0
    assert {path.name: path.read_bytes() for path in made.iterdir()} == whole
    assert not any(Path("runs").rglob(".tmp-*"))
