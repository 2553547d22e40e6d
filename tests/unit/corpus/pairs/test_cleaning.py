"""The whole cleaning, in one process, against a plain reading of its files."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.base.files import lock
from dragoman.corpus.pairs import PairGate, cleaning
from dragoman.corpus.pairs.cleaning import clean_pairs
from dragoman.corpus.pairs.memory import Memory
from dragoman.recipe.schema import Pairs

RECIPE = """\
name: clean
pairs:
  sources: [{path: one.tsv}, {path: two.jsonl}]
  preset: pairs-de-en
  source: de
  target: en
  rules: {language: off, targets: {max: 2}}
"""
GERMAN = ["Ein Hund bellt.", "Eine Katze schläft im Haus.", "Wo ist der Bahnhof?", "Es sind 217 Leute da.", "***", "Ja"]
ENGLISH = [
    "A dog barks.",
    "A cat sleeps in the house.",
    "Where is the station?",
    "There are 217 people.",
    "***",
    "Yes",
    "",
]
PAIRS = st.lists(st.tuples(st.sampled_from(GERMAN), st.sampled_from(ENGLISH)), min_size=1, max_size=12)


def write(folder: Path, one, two) -> None:
    (folder / "one.tsv").write_text("".join(f"{source}\t{target}\n" for source, target in [("de", "en"), *one]))
    (folder / "two.jsonl").write_text(
        "".join(json.dumps({"de": source, "en": target}) + "\n" for source, target in two)
    )


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(one=PAIRS, two=PAIRS, batch=st.integers(1, 5))
def test_every_row_is_somewhere_and_where_it_belongs(load_pairs, tmp_path, monkeypatch, one, two, batch):
    one, two = [("Ein Vogel.", "A bird."), *one], [("Ein Fisch.", "A fish."), *two]  # a usable row each
    write(tmp_path, one, two)
    monkeypatch.setattr(cleaning, "BATCH", batch)
    loaded = load_pairs(RECIPE)
    receipt = clean_pairs(loaded, tmp_path / "runs")
    folder = tmp_path / "runs/clean/pairs"

    rows = [("one.tsv", n, *pair) for n, pair in enumerate(one, start=1)]
    rows += [("two.jsonl", n, *pair) for n, pair in enumerate(two, start=1)]
    usable = [row for row in rows if row[3]]
    gate, memory = PairGate(loaded.recipe.pairs), Memory(loaded.recipe.pairs.rules)
    expected = []
    for _, _, source, target in usable:
        (rule,) = gate.judge([source], [target])
        expected.append(rule or memory.judge([source], [target])[0].rule)

    table = pq.read_table(folder / "pairs.parquet").to_pylist()
    kept = [(Path(row["file"]).name, row["row"], row["de"], row["en"]) for row in table]
    removed = [
        (Path(row["file"]).name, row["row"], row["source"], row["target"], row["rule"])
        for row in lines(folder / "rejected.jsonl")
    ]
    assert kept == [row for row, rule in zip(usable, expected, strict=True) if rule is None]
    assert removed == [(*row, rule) for row, rule in zip(usable, expected, strict=True) if rule is not None]
    assert len(lines(folder / "quarantine.jsonl")) == receipt["quarantined"] == len(rows) - len(usable)
    assert receipt["read"] == len(rows)
    assert {rule["name"]: rule["removed"] for rule in receipt["rules"]} == {
        rule["name"]: expected.count(rule["name"]) for rule in receipt["rules"]
    }
    assert receipt == json.loads((folder / "receipt.json").read_text())


def test_killed_midway_it_leaves_what_was_there_and_then_makes_the_same(load_pairs, tmp_path, monkeypatch):
    write(tmp_path, zip(GERMAN, ENGLISH, strict=False), [("Ein Vogel.", "A bird.")] * 3)
    loaded, folder = load_pairs(RECIPE), tmp_path / "runs/clean/pairs"
    clean_pairs(loaded, tmp_path / "runs")
    first = contents(folder)
    assert set(first) == {"pairs.parquet", "rejected.jsonl", "quarantine.jsonl", "receipt.json", "recipe.yaml"}

    class Killed(BaseException):
        pass

    def kill(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(cleaning, "receipt_of", kill)
        with pytest.raises(Killed):
            clean_pairs(load_pairs(RECIPE, "pairs.rules.digits=off"), tmp_path / "runs")
    assert contents(folder) == first
    (tmp_path / "runs/clean/.tmp-1-pairs").mkdir()  # what SIGKILL would leave
    clean_pairs(loaded, tmp_path / "runs")
    assert contents(folder) == first
    assert not list((tmp_path / "runs").rglob(".tmp-*"))


def test_one_writer(load_pairs, tmp_path):
    write(tmp_path, [("Ja", "Yes")], [("Ja", "Yes")])
    with lock(tmp_path / "runs/clean"), pytest.raises(RequestError, match="is writing here"):
        clean_pairs(load_pairs(RECIPE), tmp_path / "runs")


def test_an_unknown_language_is_refused_with_its_place(load_pairs, tmp_path):
    write(tmp_path, [("Ja", "Yes")], [("Ja", "Yes")])
    with pytest.raises(RequestError, match="no language 'english'") as refused:
        clean_pairs(load_pairs(RECIPE, "pairs.languages={source: de, target: english}"), tmp_path / "runs")
    assert str(refused.value).startswith("--set pairs.languages={source: de, target: english}: pairs.languages.target")
    assert not (tmp_path / "runs/clean/pairs").exists()


def test_evaluation_texts_are_kept_out(load_pairs, tmp_path):
    write(tmp_path, [("Ein Hund bellt.", "A dog barks."), ("Ein Vogel.", "A bird.")], [("Ein Fisch.", "A fish.")])
    (tmp_path / "test.tsv").write_text("x\tn\nA bird\t1\n")
    receipt = clean_pairs(load_pairs(RECIPE, "pairs.evaluation=[{path: test.tsv}]"), tmp_path / "runs")
    assert receipt["evaluation_texts"] == 2
    (removed,) = lines(tmp_path / "runs/clean/pairs/rejected.jsonl")
    assert (removed["rule"], removed["row"]) == ("evaluation", 2)
    assert removed["measured"] == {"source_similarity": 0.0, "target_similarity": 1.0}


def test_the_schema_is_what_the_output_says(load_pairs, tmp_path):
    write(tmp_path, [("Ja", "Yes")], [("Nein", "No")])
    clean_pairs(load_pairs(RECIPE, "pairs.output=tsv"), tmp_path / "runs")
    assert (tmp_path / "runs/clean/pairs/pairs.tsv").read_text().startswith("de\ten\tfile\trow\nJa\tYes\t")
    assert Pairs.model_validate({"sources": [{"path": "x"}]}).output == "parquet"
