import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dragoman.base.errors import RequestError
from dragoman.data.readers import column_names, has_column, read_source
from dragoman.data.templates import Template
from dragoman.recipe import schema


def written(folder, table, **options):
    pq.write_table(table, folder / "a.parquet", **options)
    return schema.Source(path="a.parquet")


def test_values_nesting_and_row_numbers(tmp_path):
    rows = [
        {"translation": {"en": f"e{i}", "hi": None if i % 3 else f"h{i}"}, "n": i, "tags": ["x"]} for i in range(3000)
    ]
    source = written(tmp_path, pa.Table.from_pylist(rows), row_group_size=700)
    found = list(read_source(source, tmp_path))
    assert [row.columns for row in found] == rows
    assert [row.origin.row for row in found] == list(range(1, 3001))
    assert column_names(source, tmp_path) == ["translation.en", "translation.hi", "n", "tags"]
    assert has_column(source, tmp_path, "translation.en")
    assert not has_column(source, tmp_path, "translation")


def test_text_that_is_not_utf8_costs_one_row(tmp_path):
    raw = pa.array([b"a", b"\xff", b"c"], pa.binary()).view(pa.string())
    for column, third in ((raw, "c"), (pa.StructArray.from_arrays([raw], ["b"]), {"b": "c"})):
        rows = list(read_source(written(tmp_path, pa.table({"a": column})), tmp_path))
        assert [getattr(row, "reason", None) for row in rows] == [None, "not UTF-8", None]
        assert rows[2].columns == {"a": third}


ODD = {
    "a far year": pa.array([2**62, None], pa.int64()).cast(pa.timestamp("us")),
    "an unknown zone": pa.array([0, None], pa.int64()).cast(pa.timestamp("ms", tz="Foo/Bar")),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_python_cannot_hold_harms_only_those_who_need_it(tmp_path, odd):
    nested = pa.StructArray.from_arrays([pa.array(["x", "y"]), ODD[odd]], ["text", "when"])
    source = written(tmp_path, pa.table({"a": ["1", "2"], "when": ODD[odd], "nested": nested}))
    fine = Template(schema.Template(source="{a}", target="{nested.text}"))
    assert [fine.render(row).target for row in read_source(source, tmp_path)] == ["x", "y"]
    for name in ("when", "nested.when"):
        needy = Template(schema.Template(source="{a}", target=f"{{{name}}}"))
        first, second = (needy.render(row) for row in read_source(source, tmp_path))
        assert first.reason == f"column '{name}' holds a value that cannot be read, not text"
        assert second.reason == f"column '{name}' is empty"


def test_nanoseconds_are_text(tmp_path):
    when = pa.array([1, None], pa.int64()).cast(pa.timestamp("ns"))
    source = written(tmp_path, pa.table({"a": ["1", "2"], "when": when}))
    first, second = (
        Template(schema.Template(source="{when}", target="{a}")).render(row) for row in read_source(source, tmp_path)
    )
    assert first.source == "1970-01-01 00:00:00.000000001"
    assert second.reason == "column 'when' is empty"


def test_columns_of_one_name_are_refused(tmp_path):
    source = written(tmp_path, pa.Table.from_arrays([pa.array(["x"]), pa.array(["y"])], ["a", "a"]))
    for look in (column_names, lambda *where: list(read_source(*where))):
        with pytest.raises(RequestError, match="'a' more than once"):
            look(source, tmp_path)


@pytest.mark.parametrize("keep", [0, 4, 100, -30])
def test_a_damaged_file_is_an_error_that_names_it(tmp_path, keep):
    source = written(tmp_path, pa.table({"a": ["x"] * 1000}))
    path = tmp_path / "a.parquet"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(RequestError, match=r"a\.parquet: cannot be read as Parquet"):
        list(read_source(source, tmp_path))
    with pytest.raises(RequestError, match="cannot be read as Parquet"):
        column_names(source, tmp_path)


def test_a_damaged_page_is_an_error_too(tmp_path):
    source = written(tmp_path, pa.table({"a": [f"text {i}" for i in range(1000)]}), use_dictionary=False)
    path = tmp_path / "a.parquet"
    content = bytearray(path.read_bytes())
    content[10:200] = b"\xff" * 190
    path.write_bytes(content)
    with pytest.raises(RequestError, match="cannot be read as Parquet"):
        list(read_source(source, tmp_path))


def test_a_table_without_rows(tmp_path):
    with pytest.raises(RequestError, match="has no rows"):
        list(read_source(written(tmp_path, pa.table({"a": pa.array([], pa.string())})), tmp_path))
