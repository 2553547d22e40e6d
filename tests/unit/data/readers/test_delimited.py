"""TSV and CSV, checked against Python's csv writer and against files broken on purpose."""

import csv
import io
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.data.readers import column_names, read_source
from dragoman.data.rows import BadRow, Row
from dragoman.recipe import schema

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
messy = st.text(st.sampled_from('",;\n\r\t ab\u2028\ufeffé'), max_size=8)


def read(path):
    return list(read_source(schema.Source(path=str(path)), path.parent))


def written(tmp_path, content, name="a.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def values(rows):
    return [list(row.columns.values()) if isinstance(row, Row) else row.reason for row in rows]


@settings(max_examples=40)
@given(
    st.lists(st.tuples(text | messy, text | messy), min_size=1, max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.sampled_from(",;\t"),
)
def test_csv_reads_what_the_csv_module_writes(tmp_path_factory, cells, end, quote_all, separator):
    quote_all = quote_all or any("\r" in cell for pair in cells for cell in pair)  # which the writer leaves bare
    out = io.StringIO(newline="")
    writer = csv.writer(
        out, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    )
    writer.writerows([("de", "en"), *cells])
    rows = read(written(tmp_path_factory.mktemp("csv"), out.getvalue()))
    assert [row.columns for row in rows] == [{"de": de, "en": en} for de, en in cells]
    assert [row.origin.row for row in rows] == list(range(1, len(cells) + 1))


tsv_cell = (text | messy).map(lambda cell: cell.translate(dict.fromkeys(map(ord, "\t\n\r"), "_")))


@settings(max_examples=40)
@given(st.lists(st.tuples(tsv_cell, tsv_cell), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_tsv_cells_are_what_stands_between_tabs(tmp_path_factory, cells, end):
    content = end.join("\t".join(pair) for pair in [("de", "en"), *cells]) + end
    rows = read(written(tmp_path_factory.mktemp("tsv"), content, "a.tsv"))
    assert [row.columns for row in rows] == [{"de": de, "en": en} for de, en in cells]


def test_the_carriage_return_inside_quotes_is_text(tmp_path):
    assert values(read(written(tmp_path, 'a,b\r\n"one\r\ntwo",x\r\n'))) == [["one\r\ntwo", "x"]]


def test_undecodable_bytes_cost_one_row_and_name_their_offset(tmp_path):
    content = b'de,en\nja,yes\n"Gr\xfc\n\xdfe",greetings\nnein,no\n'
    good, bad, after = read(written(tmp_path, content))
    assert (good.columns["en"], after.columns["en"]) == ("yes", "no")
    assert (bad.reason, bad.origin.row) == ("not UTF-8", 2)
    assert bad.detail == f"byte 0xfc at offset {content.index(0xFC)}"


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", "a,b\n1\n1,2\n1,2,3\n"), ("a.tsv", "a\tb\n1\n1\t2\n1\t2\t3\n")]
)
def test_rows_of_the_wrong_width_are_bad(tmp_path, name, content):
    rows = read(written(tmp_path, content, name))
    assert values(rows) == ["too few cells", ["1", "2"], "too many cells"]
    assert rows[2].detail == "3, where the header has 2"


def test_blank_lines_count_only_inside(tmp_path):
    rows = read(written(tmp_path, "a,b\n1,2\n\n\n3,4\n\n\r\n\n"))
    assert values(rows) == [["1", "2"], "blank line", "blank line", ["3", "4"]]
    assert [row.origin.row for row in rows] == [1, 2, 3, 4]


class TestSeparator:
    @pytest.mark.parametrize(
        ("header", "names"),
        [
            ("de;en", ["de", "en"]),
            ("de\ten", ["de", "en"]),
            ("Nr;Satz, deutsch;Satz, englisch;Jahr", ["Nr", "Satz, deutsch", "Satz, englisch", "Jahr"]),
            ('"a;b;c",en', ["a;b;c", "en"]),
            ("a;b,c", ["a;b", "c"]),
            ("text", ["text"]),
        ],
    )
    def test_it_is_what_the_header_has_most_of(self, tmp_path, header, names):
        path = written(tmp_path, f"{header}\nx\n")
        assert column_names(schema.Source(path=str(path)), tmp_path) == names

    def test_commas_are_text_where_semicolons_separate(self, tmp_path):
        assert values(read(written(tmp_path, 'de;en\nja, gut;"yes; fine"\n'))) == [["ja, gut", "yes; fine"]]


def test_spaces_before_an_opening_quote_are_no_text(tmp_path):
    assert values(read(written(tmp_path, 'a, b\n"1, 2",  "3"\n4, 5 "6"\n'))) == [["1, 2", "3"], ["4", ' 5 "6"']]


class TestStrayQuotes:
    def test_a_quote_that_is_never_closed_costs_its_line_alone(self, tmp_path):
        rows = read(written(tmp_path, 'a,b\n1,"two\n3,4\n5,6\n'))
        assert values(rows) == ["a quote is never closed", ["3", "4"], ["5", "6"]]

    def test_a_stray_quote_does_not_swallow_quoted_rows(self, tmp_path):
        rows = read(written(tmp_path, 'a,b\n1,"two\n3,"4\n5"\n6,"7\n8"\n'))
        assert values(rows) == ["text after a closing quote", ["3", "4\n5"], ["6", "7\n8"]]

    def test_text_after_a_closing_quote_is_no_guess(self, tmp_path):
        rows = read(written(tmp_path, 'a,b\n"Go," he said,x\n3,4\n'))
        assert values(rows) == ["text after a closing quote", ["3", "4"]]

    def test_a_quote_inside_a_plain_cell_is_a_character(self, tmp_path):
        assert values(read(written(tmp_path, 'a,b\n5" disk,he said "x"\n'))) == [['5" disk', 'he said "x"']]

    def test_tsv_has_no_quotes(self, tmp_path):
        assert values(read(written(tmp_path, 'a\tb\n"one\t"two"\n', "a.tsv"))) == [['"one', '"two"']]

    @settings(max_examples=40)
    @given(st.lists(st.text(st.sampled_from('",ab\n'), max_size=10), max_size=10))
    def test_no_line_is_lost(self, tmp_path_factory, lines):
        """Every physical line ends up in exactly one row, good or bad, however the quotes fall."""
        content = "a,b\n" + "".join(f"<{line}\n" for line in lines) + "end,end\n"
        rows = read(written(tmp_path_factory.mktemp("csv"), content))
        assert [row.origin.row for row in rows] == list(range(1, len(rows) + 1))
        taken = sum(
            1 + "".join(row.columns.values()).count("\n")
            if isinstance(row, Row)
            else 1 + (row.content or "").count("\n")
            for row in rows
        )
        assert taken == content.count("\n") - 1

    @pytest.mark.parametrize("line", ['x","y\n', '"\n', ',"""\n', '"a,b\n"c,"d\n'])
    @pytest.mark.parametrize("last", ["", '3,"b"c\n'])
    def test_time_is_linear_in_broken_lines(self, tmp_path, line, last):
        path = written(tmp_path, "a,b\n" + line * 20_000 + last)
        began = time.perf_counter()
        assert sum(1 for _ in read_source(schema.Source(path=str(path)), tmp_path)) > 0
        assert time.perf_counter() - began < 10


@pytest.mark.parametrize("cell", ["x" * 10_000_000, '"' + '""' * 5_000_000 + '"', '"' + "a\n" * 200_000 + '"'])
def test_a_huge_cell(tmp_path, cell):
    path = written(tmp_path, f"a,b\n{cell},2\n3,4\n")
    began = time.perf_counter()
    long, short = read(path)
    assert long.columns["b"] == "2"
    assert len(long.columns["a"]) == (len(cell) if cell[0] == "x" else (5_000_000 if '""' in cell else 400_000))
    assert short.columns == {"a": "3", "b": "4"}
    assert time.perf_counter() - began < 5


def test_a_bad_row_keeps_only_a_little_of_itself(tmp_path):
    (bad,) = read(written(tmp_path, "a,b\n" + "x" * 100_000 + "\n"))
    assert isinstance(bad, BadRow)
    assert len(bad.content) == 500


class TestHeader:
    def test_names_are_stripped_and_nameless_columns_left_out(self, tmp_path):
        (row,) = read(written(tmp_path, " de , en,,\n1,2,3,4\n"))
        assert row.columns == {"de": "1", "en": "2"}

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "is empty"),
            (b"\n1,2\n", "no header"),
            (b",,\n1,2,3\n", "no header"),
            (b"de,en,de\n1,2,3\n", "'de' more than once"),
            (b"de,\xfcbersetzung\n1,2\n", "not UTF-8"),
            (b'de,"en\n1,2\n', "a quote is never closed"),
            (b"de,en\rja,yes\r", "old Macs"),
            (b"de,en\n", "has no rows"),
            (b"de,en\n\n\n", "has no rows"),
        ],
    )
    def test_what_is_wrong_with_it_is_said(self, tmp_path, content, message):
        path = written(tmp_path, content)
        with pytest.raises(RequestError, match=message) as error:
            read(path)
        assert error.value.where == str(path)
        assert error.value.hint


@settings(max_examples=60)
@given(st.binary(max_size=80))
def test_any_bytes_give_rows_or_a_request_error(tmp_path_factory, content):
    path = written(tmp_path_factory.mktemp("csv"), b"a,b\n" + content)
    try:
        rows = read(path)
    except RequestError:
        return
    assert all(isinstance(row, Row | BadRow) for row in rows)
