import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.data.readers import column_names, read_source
from dragoman.recipe import schema

line = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\n\r\ufeff"), max_size=12)


def written(folder, source, target):
    (folder / "a.de").write_bytes(source)
    (folder / "a.en").write_bytes(target)
    return schema.Source(source_path="a.de", target_path="a.en")


@settings(max_examples=40)
@given(st.lists(st.tuples(line, line), min_size=1, max_size=8))
def test_line_n_belongs_to_line_n(tmp_path_factory, pairs):
    folder = tmp_path_factory.mktemp("pair")
    sides = ["".join(f"{side}\n" for side in sides).encode() for sides in zip(*pairs, strict=True)]
    rows = list(read_source(written(folder, *sides), folder))
    assert [(row.columns["source"], row.columns["target"]) for row in rows] == pairs
    assert str(rows[-1].origin) == f"{folder / 'a.de'}:{len(pairs)}"


@pytest.mark.parametrize(("source", "target"), [(b"a\nb\nc\n", b"x\n"), (b"a\n", b"x\ny\nz"), (b"", b"x\ny\n")])
def test_different_numbers_of_lines_are_both_named(tmp_path, source, target):
    recipe_source = written(tmp_path, source, target)
    counts = [len(side.removesuffix(b"\n").split(b"\n")) if side else 0 for side in (source, target)]
    with pytest.raises(RequestError, match=f"has {counts[0]} lines, but .*a.en has {counts[1]}"):
        list(read_source(recipe_source, tmp_path))


def test_undecodable_bytes_name_their_own_file(tmp_path):
    rows = list(read_source(written(tmp_path, b"a\nb\nc\n", b"x\n\xff\nz\n"), tmp_path))
    assert [getattr(row, "reason", None) for row in rows] == [None, "not UTF-8", None]
    assert str(rows[1].origin) == f"{tmp_path / 'a.en'}:2"
    assert rows[1].detail == "byte 0xff at offset 2"


def test_columns_and_empty_files(tmp_path):
    source = written(tmp_path, b"", b"")
    assert column_names(source, tmp_path) == ["source", "target"]
    with pytest.raises(RequestError, match="has no rows"):
        list(read_source(source, tmp_path))
