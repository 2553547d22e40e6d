import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.data.readers import column_names, has_column, read_source
from dragoman.data.rows import Row
from dragoman.recipe import schema

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
json_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)


def source(path):
    return schema.Source(path=str(path))


def read(path):
    return list(read_source(source(path), path.parent))


def written(tmp_path, *lines):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return path


@settings(max_examples=40)
@given(st.lists(st.dictionaries(text, json_value, max_size=4), min_size=1, max_size=6), st.booleans())
def test_objects_come_back_as_they_were_written(tmp_path_factory, objects, escaped):
    path = written(tmp_path_factory.mktemp("json"), *(json.dumps(value, ensure_ascii=escaped) for value in objects), "")
    rows = read(path)
    assert [row.columns for row in rows] == objects
    assert [row.origin.row for row in rows] == list(range(1, len(objects) + 1))


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        (b'{"a": 1', "broken JSON", "character 8"),
        (b'{"a": "\xe4"}', "not UTF-8", "byte 0xe4 at offset"),
        (b"[1, 2]", "not a JSON object", "a list"),
        (b'"text"', "not a JSON object", "a text"),
        (b"null", "not a JSON object", "null"),
        (b"true", "not a JSON object", "a boolean"),
        (b'{"a": "\\ud800"}', "not Unicode text", "surrogate"),
        (b'{"\\uDFFF": "b"}', "not Unicode text", "surrogate"),
        (b"[" * 100_000, "broken JSON", "nesting"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "broken JSON", "too long"),
        (b"   ", "blank line", None),
    ],
)
def test_a_bad_line_costs_itself_alone(tmp_path, line, reason, detail):
    before, bad, after = read(written(tmp_path, '{"a": "b"}', line, '{"a": "c"}'))
    assert (before.columns, after.columns) == ({"a": "b"}, {"a": "c"})
    assert (bad.reason, bad.origin.row) == (reason, 2)
    assert (detail or "") in (bad.detail or "")
    (bad.content or "").encode()  # it can be written to a file


def test_a_whole_surrogate_pair_is_a_character(tmp_path):
    (row,) = read(written(tmp_path, '{"a": "\\ud83d\\ude00"}'))
    assert row.columns == {"a": "😀"}


def test_blank_lines_at_the_end_are_ignored(tmp_path):
    rows = read(written(tmp_path, '{"a": 1}', "", '{"a": 2}', "", "  ", "", ""))
    assert [row.origin.row for row in rows] == [1, 2, 3]
    assert isinstance(rows[2], Row)


def test_a_file_of_blank_lines_has_no_rows(tmp_path):
    with pytest.raises(RequestError, match="has no rows"):
        read(written(tmp_path, "", "", ""))


def test_a_line_of_ten_megabytes(tmp_path):
    long, short = read(written(tmp_path, json.dumps({"a": "x" * 10_000_000}), '{"a": "y"}'))
    assert len(long.columns["a"]) == 10_000_000
    assert short.columns == {"a": "y"}


class TestColumns:
    def test_nested_ones_are_dotted_and_all_peeked_rows_count(self, tmp_path):
        path = written(tmp_path, '{"translation": {"en": "a", "hi": "b"}}', "broken", '{"id": 1, "empty": {}}')
        assert column_names(source(path), tmp_path) == ["translation.en", "translation.hi", "id", "empty"]

    def test_a_column_beyond_the_peeked_rows_is_found(self, tmp_path):
        path = written(tmp_path, *['{"a": 1}'] * 1500, '{"b": {"c": 1}}')
        assert column_names(source(path), tmp_path) == ["a"]
        assert has_column(source(path), tmp_path, "b.c")
        assert not has_column(source(path), tmp_path, "b.d")
