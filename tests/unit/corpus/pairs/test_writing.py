from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dragoman.corpus.pairs import writing
from dragoman.corpus.pairs.writing import output_columns, pair_file
from dragoman.data.readers import read_source
from dragoman.data.rows import Example, Origin
from dragoman.recipe.schema import PairLanguages, Pairs, Source

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)


def pairs(**keys):
    return Pairs.model_validate({"sources": [{"path": "x.tsv"}], "preset": "pairs-de-en", **keys})


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.tuples(TEXTS, TEXTS), max_size=9), group=st.integers(1, 4))
def test_parquet_holds_every_text_as_it_was(tmp_path, monkeypatch, rows, group):
    monkeypatch.setattr(writing, "GROUP_ROWS", group)
    with pair_file(tmp_path, pairs()) as file:
        for number, (source, target) in enumerate(rows, start=1):
            file.add(Example(source, target, Origin("x.tsv", number)))
    table = pq.read_table(tmp_path / "pairs.parquet")
    assert table.column_names == ["de", "en", "file", "row"]
    assert list(zip(table["de"].to_pylist(), table["en"].to_pylist(), strict=True)) == rows
    assert table["row"].to_pylist() == list(range(1, len(rows) + 1))


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=9))
def test_tsv_has_a_line_a_pair(tmp_path, rows):
    with pair_file(tmp_path, pairs(output="tsv")) as file:
        for number, (source, target) in enumerate(rows, start=1):
            file.add(Example(source, target, Origin("x.tsv", number)))
    read = list(read_source(Source(path="pairs.tsv"), tmp_path))
    assert [row.columns["row"] for row in read] == [str(number) for number in range(1, len(rows) + 1)]
    for row, (source, _) in zip(read, rows, strict=True):
        assert row.columns["de"].split() == source.split()


@pytest.mark.parametrize(
    ("languages", "columns"),
    [(("de", "en"), ["de", "en"]), (("en", "en"), ["source", "target"]), (None, ["source", "target"])],
)
def test_columns_are_called_as_the_languages(languages, columns):
    named = None if languages is None else PairLanguages(source=languages[0], target=languages[1])
    assert output_columns(named) == [*columns, "file", "row"]


def test_a_failure_leaves_no_file(tmp_path):
    def fail():
        with pair_file(tmp_path, pairs()) as file:
            file.add(Example("a", "b", Origin("x.tsv", 1)))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []
