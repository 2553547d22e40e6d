import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dragoman.data.readers import sampling
from dragoman.data.readers.sampling import sample_rows
from dragoman.recipe import schema


def written(folder, rows, name="a.tsv"):
    (folder / name).write_text("de\ten\n" + "".join(f"satz {i}\tsentence {i}\n" for i in range(rows)))
    return schema.Source(path=name)


def test_a_short_file_is_taken_whole_and_counted(tmp_path):
    sample = sample_rows(written(tmp_path, 50), tmp_path)
    assert [row.origin.row for row in sample.rows] == list(range(1, 51))
    assert (sample.total, sample.exact) == (50, True)


def test_bad_rows_are_counted_and_not_drawn(tmp_path):
    (tmp_path / "a.tsv").write_text("de\ten\na\tb\nc\n")
    sample = sample_rows(schema.Source(path="a.tsv"), tmp_path)
    assert (len(sample.rows), sample.total, sample.read) == (1, 2, 2)
    assert sample.bad == {"too few cells": 1}


def test_a_long_file_is_drawn_from_evenly(tmp_path):
    sample = sample_rows(written(tmp_path, 20_000), tmp_path)
    numbers = [row.origin.row for row in sample.rows]
    assert len(set(numbers)) == sampling.SAMPLE_ROWS
    assert 9_000 < sum(numbers) / len(numbers) < 11_000
    assert sample.total == 20_000


@pytest.mark.parametrize("name", ["a.tsv", "a.parquet"])
def test_a_very_long_file_is_estimated(tmp_path, monkeypatch, name):
    monkeypatch.setattr(sampling, "READ_ROWS", 1000)
    monkeypatch.setattr(sampling, "BLOCK_BYTES", 2**10)
    source = written(tmp_path, 10_000)
    if name == "a.parquet":
        pq.write_table(pa.table({"de": ["a"] * 10_000}), tmp_path / name)
        source = schema.Source(path=name)
    sample = sample_rows(source, tmp_path)
    assert not sample.exact
    assert max(row.origin.row for row in sample.rows) <= 1000
    assert 9_500 < sample.total < 10_500


def test_rows_beyond_a_sources_limit_do_not_count(tmp_path, monkeypatch):
    monkeypatch.setattr(sampling, "READ_ROWS", 1000)
    written(tmp_path, 10_000)
    sample = sample_rows(schema.Source(path="a.tsv", rows=1200), tmp_path)
    assert (sample.total, sample.exact) == (1200, False)
    assert sample_rows(schema.Source(path="a.tsv", rows=30), tmp_path).total == 30


def test_sentences_are_counted_and_not_their_words(tmp_path, monkeypatch):
    monkeypatch.setattr(sampling, "READ_ROWS", 10)
    (tmp_path / "a.conll").write_text("a O\nb O\nc O\n\n" * 40)
    assert sample_rows(schema.Source(path="a.conll"), tmp_path).total == 40
