"""What there is to read, in parts that do not depend on who reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.base.errors import RequestError
from dragoman.objectives.pretraining import texts as module
from dragoman.objectives.pretraining.texts import Texts, learnt_data, texts_of, vocabulary_texts
from dragoman.recipe.schema import Recipe, Table, TextSource


def recipe(**keys: object) -> Recipe:
    pairs = {"train": [{"path": "pairs.tsv"}], "validation_rows": 1}
    return Recipe.model_validate({"name": "r", "data": pairs, **keys})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("first\nsame\n\nsecond\n\nthird\n")
    (tmp_path / "b.txt").write_text("fourth\n")
    rows = ["eins\tone", "eins\tone more", "\ttwo", "drei\tthree", *(f"Wort {n}\tword {n}" for n in range(20))]
    (tmp_path / "pairs.tsv").write_text("source\ttarget\n" + "\n".join(rows) + "\n")
    return tmp_path


def read(texts: Texts) -> tuple[list[str], list[str]]:
    """Every document, and every fault."""
    batches = [batch for part in texts.parts() for batch in texts.documents(part)]
    return [text for batch in batches for text in batch.texts], [one for batch in batches for one in batch.faults]


def test_sources_are_read_in_order(folder):
    texts = Texts((TextSource(path="b.txt"), TextSource(path="a.txt")), (), None, folder)
    assert read(texts)[0] == ["fourth", "first\nsame", "second", "third"]
    assert [part.name for part in texts.parts()] == [str(folder / "b.txt"), str(folder / "a.txt")]


def test_small_files_share_a_part_and_large_ones_have_several(folder, monkeypatch):
    texts = Texts((TextSource(path="."),), (), None, folder)
    assert len(Texts((TextSource(path="*.txt"),), (), None, folder).parts()) == 1
    monkeypatch.setattr(module, "PART_BYTES", 8)
    many = Texts((TextSource(path="*.txt"),), (), None, folder)
    assert len(many.parts()) == 2
    assert read(many)[0] == ["first\nsame", "second", "third", "fourth"]
    assert len(texts.parts()) >= 2


def test_however_much_text_there_is_its_parts_may_all_stay_open(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PART_BYTES", 8)
    for number in range(600):
        (tmp_path / f"{number:03}.txt").write_text("some text" * (1 + number % 7))
    assert 60 < len(Texts((TextSource(path="."),), (), None, tmp_path).parts()) <= 2 * module.MOST_PARTS


def test_each_column_of_a_table_is_a_document(folder):
    german = Texts((), (Table.model_validate({"path": "pairs.tsv", "columns": ["source"]}),), None, folder)
    documents, faults = read(german)
    assert documents[:2] == ["eins", "drei"]
    assert len(documents) == 22
    assert faults == ["column 'source' repeats the row before", "column 'source' is empty"]
    both = Texts((), (Table.model_validate({"path": "pairs.tsv", "columns": ["target", "source"]}),), None, folder)
    assert read(both)[0][:4] == ["one", "eins", "one more", "two"]


def test_the_training_rows_are_read_without_those_held_out(folder):
    texts = Texts((), (), recipe(), folder)
    documents, _ = read(texts)
    kept = documents[::2]
    assert documents[1::2]
    assert len(documents) == 2 * 22  # 23 usable rows, of which one is held out
    assert len(kept) == 22


def test_what_a_recipe_learns_from():
    assert learnt_data(recipe(pretraining={})) == []
    with_corpus = recipe(pretraining={}, corpus={"sources": [{"path": "a.txt"}]})
    assert learnt_data(with_corpus) == ["corpus"]
    assert learnt_data(recipe(pretraining={"data": ["pairs"]})) == ["pairs"]


def test_a_corpus_is_read_as_it_was_cleaned_and_before_that_as_it_stands(tmp_path):
    made = recipe(corpus={"sources": [{"path": "a.txt"}]}, pretraining={"sources": [{"path": "b.txt"}]})
    assert [source.path for source in texts_of(made, tmp_path, None).sources] == ["a.txt", "b.txt"]
    cleaned = texts_of(made, tmp_path, Path("/run/corpus/shards")).sources
    assert [source.path for source in cleaned] == ["/run/corpus/shards", "b.txt"]
    only_pairs = recipe(corpus={"sources": [{"path": "a.txt"}]}, pretraining={"data": ["pairs"]})
    assert texts_of(only_pairs, tmp_path, None).sources == ()
    assert [source.path for source in vocabulary_texts(only_pairs, tmp_path, None).sources] == ["a.txt"]


def test_beginnings_take_something_of_every_piece(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TOGETHER", 100)
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text("\n\n".join(f"{name} {n:03}" for n in range(500)))
    texts = Texts((TextSource(path="."),), (), recipe(), tmp_path)
    found = list(texts.beginnings(1500))
    assert {text[0] for text in found} == {"a", "b", "c"}
    assert 1500 <= sum(map(len, found)) < 3 * 800
    assert found[0] == "a 000"
    few = list(texts.beginnings(150))  # less than a batch for each: then not each
    assert {text[0] for text in few} == {"a", "c"}


def test_the_files_of_each_part(folder):
    table = Table.model_validate({"path": "pairs.tsv", "columns": ["source"]})
    texts = Texts((TextSource(path="*.txt"),), (table,), recipe(), folder)
    found = [texts.files(part) for part in texts.parts()]
    assert found == [[folder / "a.txt", folder / "b.txt"], [folder / "pairs.tsv"], [folder / "pairs.tsv"]]


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(RequestError, match="does not exist"):
        Texts((TextSource(path="no.txt"),), (), None, tmp_path).parts()
