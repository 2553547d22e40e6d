from __future__ import annotations

import json
from pathlib import Path

import pytest

from dragoman.base.errors import RequestError
from dragoman.data.dataset import Dataset
from dragoman.objectives.sets import EncodedSets, encode_sets, train_tokenizer
from dragoman.recipe.schema import Recipe
from dragoman.tokenizer.tokenizer import Tokenizer


def recipe(**data: object) -> Recipe:
    return Recipe.model_validate({"name": "r", "data": {"train": [{"path": "train.tsv"}], **data}})


def write(file: Path, rows: list[str]) -> None:
    file.write_text("source\ttarget\n" + "\n".join(rows) + "\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "train.tsv", [f"a{'b ' * n}\tc{'d ' * n}" for n in range(30)] + ["\tempty", "a a\ta"])
    write(tmp_path / "test.tsv", ["abb b\tx", "a a\ta"])
    return tmp_path


def encoded(folder: Path, words: object, **data: object) -> tuple[EncodedSets, dict, list[dict]]:
    job = recipe(**data)
    out = folder / "encoded"
    receipt = encode_sets(job, Dataset(job.data, folder, 1), words, out, folder / "quarantine.jsonl")  # type: ignore[arg-type]
    bad = [json.loads(line) for line in (folder / "quarantine.jsonl").read_text().splitlines()]
    return EncodedSets(out), receipt.to_json(), bad


def test_every_row_ends_in_one_place(folder, words):
    sets, receipt, bad = encoded(
        folder, words, test={"t": {"path": "test.tsv"}}, max_source_length=20, validation_rows=2
    )
    train = receipt["splits"]["train"]
    assert train["read"] == 32
    assert train["quarantined"] == len(bad) == 1
    assert train["held_out"] == 2 == len(sets.ids("validation")) == len(sets.texts("validation"))
    assert train["kept"] == len(sets.ids("train")) == train["read"] - 1 - 2 - train["dropped"]
    assert train["dropped"] > 0
    assert receipt["overlap"]["test:t"]["pairs_in_train"] == 1


def test_no_row_is_in_training_and_in_validation(folder, words):
    sets, _, _ = encoded(folder, words, validation_rows=3)
    trained = {str(sets.ids("train").origin(i)) for i in range(len(sets.ids("train")))}
    held_out = {f"{row['file']}:{row['row']}" for row in sets.texts("validation")}
    assert len(held_out) == 3
    assert not trained & held_out


def test_the_texts_of_a_test_set_are_kept_beside_its_ids(folder, words):
    sets, _, _ = encoded(folder, words, test={"t": {"path": "test.tsv"}})
    assert sets.ids_path("test:t").name == "test-t.arrow"
    texts = sets.texts("test:t")
    assert [(row["source"], row["target"], row["row"]) for row in texts] == [("abb b", "x", 1), ("a a", "a", 2)]
    assert sets.ids("test:t")[0][0].tolist() == [5, 3, 1]


def test_encoding_twice_gives_the_same_files(folder, words):
    sets, _, _ = encoded(folder, words)
    before = sets.ids_path("train").read_bytes()
    sets, _, _ = encoded(folder, words)
    assert sets.ids_path("train").read_bytes() == before


def test_a_training_set_of_which_nothing_is_left_is_an_error(folder, words):
    with pytest.raises(RequestError, match="no training row is left") as error:
        encoded(folder, words, max_source_length=1)
    assert "source over 1 tokens" in str(error.value)
    assert not (folder / "encoded").exists()


def test_the_vocabulary_is_learnt_from_the_training_rows_alone(tmp_path):
    rows = [f"wort{i} ein\tword{i} one" for i in range(200)]
    write(tmp_path / "train.tsv", rows)
    write(tmp_path / "validation.tsv", ["日本\tJapan"])
    job = Recipe.model_validate(
        {
            "name": "r", "tokenizer": {"vocabulary_size": 380, "character_coverage": 1.0},
            "data": {"train": [{"path": "train.tsv"}], "validation": {"path": "validation.tsv"}},
        }
    )  # fmt: skip
    train_tokenizer(job, Dataset(job.data, tmp_path, 1), tmp_path / "tokenizer")
    tokenizer = Tokenizer.load(tmp_path / "tokenizer")
    assert tokenizer.vocabulary_size == 380
    assert "<0xE6>" in tokenizer.pieces(tokenizer.encode("日"))  # not seen, so spelt in bytes
    assert tokenizer.decode(tokenizer.encode("wort7 日本")) == "wort7 日本"
