"""What is said about files that are not there, or are not what they should be."""

import pytest

from dragoman.base.errors import RequestError
from dragoman.data.readers import column_names, describe_source, read_source, source_files
from dragoman.recipe import schema


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "train.tsv").write_text("de\ten\nja\tyes\n")
    (tmp_path / "notes.txt").write_text("x")
    return tmp_path


def test_paths_start_from_the_recipes_folder(folder):
    source = schema.Source(path="train.tsv")
    assert source_files(source, folder) == [folder / "train.tsv"]
    (row,) = read_source(source, folder)
    assert str(row.origin) == f"{folder / 'train.tsv'}:1"


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        (schema.Source(path="trian.tsv"), "does not exist", "did you mean 'train.tsv'?"),
        (schema.Source(path="zzz.tsv"), "does not exist", "recipe's folder"),
        (schema.Source(path="nowhere/train.tsv"), "does not exist", "nowhere does not exist either"),
        (schema.Source(path="."), "is a folder", "such as train.tsv"),
        (schema.Source(path="notes.txt"), "the ending '.txt' says no format", "set format"),
        (schema.Source(source_path="train.tsv", target_path="none.en"), "none.en: does not exist", "recipe's folder"),
        (schema.Source(path="train.tsv", sheet="One"), "a tsv file has no sheets", "remove the key sheet"),
        (schema.Source(path="train.tsv", format="xlsx"), "is no xlsx file by its ending", "remove the key format"),
    ],
)
def test_each_fault_names_the_file_and_what_to_do(folder, source, message, hint):
    with pytest.raises(RequestError, match=message) as error:
        read_source(source, folder)  # at once, not at the first row
    assert str(folder) in error.value.where
    assert hint in error.value.hint


def test_the_format_can_be_set_and_endings_may_be_upper_case(folder):
    (folder / "a.txt").write_text("de\ten\nja\tyes\n")
    (folder / "B.CSV").write_text("de,en\nja,yes\n")
    assert column_names(schema.Source(path="a.txt", format="tsv"), folder) == ["de", "en"]
    assert column_names(schema.Source(path="B.CSV"), folder) == ["de", "en"]


def test_sources_are_described_in_a_few_words():
    assert describe_source(schema.Source(path="a.tsv")) == "a.tsv"
    assert describe_source(schema.Source(path="a.xlsx", sheet="One")) == "a.xlsx (sheet One)"
    assert describe_source(schema.Source(source_path="a.de", target_path="a.en")) == "a.de + a.en"
    assert describe_source(schema.Source(hub="a/b", split="test")) == "a/b (test)"
    assert describe_source(schema.Source(hub="a/b", config="c")) == "a/b (c, train)"
    assert describe_source(schema.Source(phrasebook=schema.Phrasebook(rows=1200))) == "phrasebook (train, 1,200 rows)"


def test_the_phrasebook_is_read_like_a_file(tmp_path, monkeypatch):
    asked = []

    def pairs(*settings):
        asked.append(settings)
        return iter(
            [{"source": "Ja.", "target": "Yes.", "level": "A1"}, {"source": "Nein.", "target": "No.", "level": "B1"}]
        )

    monkeypatch.setattr("dragoman.data.phrasebook.pairs", pairs, raising=False)
    source = schema.Source(phrasebook=schema.Phrasebook(rows=2, split="test", levels=["A1", "B1"]))
    rows = list(read_source(source, tmp_path))
    assert asked == [(2, "test", ["A1", "B1"])]
    assert [str(row.origin) for row in rows] == ["phrasebook:test:1", "phrasebook:test:2"]
    assert rows[1].columns["target"] == "No."
    assert column_names(source, tmp_path) == ["source", "target", "level"]
    assert source_files(source, tmp_path) == []


@pytest.mark.parametrize("kind", ["tsv", "jsonl", "xlsx", "parquet", "conll", "aligned", "hub", "stream", "phrasebook"])
@pytest.mark.parametrize("rows", [1, 3, 99])
def test_every_kind_of_source_can_be_cut_short(tmp_path, kind, rows):
    import pyarrow as pa
    import pyarrow.parquet as pq
    import xlsxwriter

    numbers = list(range(5))
    (tmp_path / "a.tsv").write_text("n\n" + "".join(f"{n}\n" for n in numbers))
    (tmp_path / "a.jsonl").write_text("".join(f'{{"n": {n}}}\n' for n in numbers))
    (tmp_path / "a.conll").write_text("".join(f"{n} O\n\n" for n in numbers))
    (tmp_path / "a.txt").write_text("".join(f"{n}\n" for n in numbers))
    (tmp_path / "folder").mkdir()
    pq.write_table(pa.table({"n": numbers}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"n": numbers}), tmp_path / "folder/train.parquet")
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet().write_column(0, 0, ["n", *numbers])
    keys = {
        "aligned": {"source_path": "a.txt", "target_path": "a.txt"}, "phrasebook": {"phrasebook": {"rows": 5}},
        "hub": {"hub": "./folder"}, "stream": {"hub": "./folder", "streaming": True},
    }.get(kind, {"path": f"a.{kind}"})  # fmt: skip
    whole, cut = (list(read_source(schema.Source(**keys, **more), tmp_path)) for more in ({}, {"rows": rows}))
    assert len(whole) == 5
    assert cut == whole[:rows]
