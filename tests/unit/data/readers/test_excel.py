import pytest
import xlsxwriter

from dragoman.base.errors import RequestError
from dragoman.data.readers import column_names, read_source
from dragoman.data.readers.excel import choose_sheet
from dragoman.data.templates import Template
from dragoman.recipe import schema


def written(folder, **sheets):
    with xlsxwriter.Workbook(folder / "a.xlsx") as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                sheet.write_row(r, 0, row)
    return schema.Source(path="a.xlsx")


def read(source, folder):
    return list(read_source(source, folder))


def test_cells_are_what_people_see(tmp_path):
    source = written(tmp_path, One=[["text", "number"], ["nan", 3.0], ["007", 0.25], ["=x", 1e15], ["Grüße\nzwei", -2]])
    rows = read(source, tmp_path)
    assert [row.columns["number"] for row in rows] == ["3", "0.25", "1000000000000000", "-2"]
    assert [row.columns["text"] for row in rows][:2] == ["nan", "007"]
    assert rows[3].columns["text"] == "Grüße\nzwei"


def test_an_empty_cell_is_no_value_and_rows_keep_their_numbers(tmp_path):
    source = written(tmp_path, One=[["a", "b"], ["x", None], [None, None], [None, 2], [None, None]])
    rows = read(source, tmp_path)
    assert [row.columns for row in rows] == [{"a": "x", "b": None}, {"a": None, "b": None}, {"a": None, "b": "2"}]
    assert [row.origin.row for row in rows] == [2, 3, 4]


def test_an_empty_cell_never_becomes_a_word(tmp_path):
    """Neither in a column of text nor in one of numbers; nor a cell that holds an error of the spreadsheet."""
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"nan_inf_to_errors": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([["en", "ar", "context", "level"], ["a", "b", "c", 2.5], ["d", "e", None, None]]):
            sheet.write_row(number, 0, row)
        sheet.write_row(3, 0, ["f", "g", float("nan"), float("inf")])
        sheet.write_row(4, 0, [None, "h", "", " "])
    settings = schema.Template(
        source="{en} ({context}, {level})", target="{ar}", defaults={"context": "-", "level": "0"}
    )
    found = [Template(settings).render(row) for row in read(schema.Source(path="a.xlsx"), tmp_path)]
    assert [example.source for example in found[:3]] == ["a (c, 2.5)", "d (-, 0)", "f (-, 0)"]
    assert found[3].reason == "column 'en' is empty"


def test_row_numbers_are_the_spreadsheets_own(tmp_path):
    rows = read(written(tmp_path, One=[[], [], ["", "a"], ["", "1"], [], ["", "2"]]), tmp_path)
    assert [(row.origin.row, row.columns["a"]) for row in rows] == [(4, "1"), (5, None), (6, "2")]


def test_a_sheet_without_rows_lists_the_others(tmp_path):
    source = written(tmp_path, Cover=[["Our corpus"]], Data=[["a", "b"], ["1", "2"]])
    with pytest.raises(RequestError, match="the sheet 'Cover' has no rows below its header") as error:
        read(source, tmp_path)
    assert error.value.hint == "name another one with the key sheet: 'Data'"


@pytest.mark.parametrize(
    ("sheets", "found"),
    [
        ({"Cover": [["Title"], ["by me"]], "Nothing": [], "Data": [["a", "b"], ["1", "2"]]}, "Data"),
        ({"Cover": [["Title"]], "Data": [["a"], ["1"]]}, "Data"),
        ({"Twins": [["a", "a"], ["1", "2"]]}, None),
        ({"Data": [["a", "b"], ["1", "2"]], "More": [["a", "b"], ["1", "2"]]}, None),
    ],
)
def test_the_first_sheet_with_a_header_and_rows_is_named_where_it_has_to_be(tmp_path, sheets, found):
    written(tmp_path, **sheets)
    assert choose_sheet(tmp_path / "a.xlsx") == found


def test_sheets_are_named_or_the_first(tmp_path):
    written(tmp_path, One=[["a"], ["1"]], Two=[["b"], ["2"]])
    assert column_names(schema.Source(path="a.xlsx"), tmp_path) == ["a"]
    assert column_names(schema.Source(path="a.xlsx", sheet="Two"), tmp_path) == ["b"]
    assert read(schema.Source(path="a.xlsx", sheet="Two"), tmp_path)[0].columns == {"b": "2"}


def test_a_wrong_sheet_lists_the_right_ones(tmp_path):
    written(tmp_path, One=[["a"], [1]], Two=[["b"], [2]])
    with pytest.raises(RequestError, match="has no sheet 'Tow'") as error:
        read(schema.Source(path="a.xlsx", sheet="Tow"), tmp_path)
    assert error.value.hint == "its sheets are 'One', 'Two'; did you mean 'Two'?"


def test_nameless_columns_are_left_out_and_twins_refused(tmp_path):
    assert read(written(tmp_path, One=[["a ", None, "b"], [1, 2, 3]]), tmp_path)[0].columns == {"a": "1", "b": "3"}
    with pytest.raises(RequestError, match="'a' more than once"):
        read(written(tmp_path, One=[["a", "a"], [1, 2]]), tmp_path)


@pytest.mark.parametrize(("rows", "message"), [([], "is empty"), ([["a", "b"]], "has no rows")])
def test_an_empty_sheet(tmp_path, rows, message):
    with pytest.raises(RequestError, match=message):
        read(written(tmp_path, One=rows), tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 damaged", b"a,b\n1,2\n"])
def test_a_damaged_file_is_an_error_that_names_it(tmp_path, content):
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(RequestError, match=r"a\.xlsx: cannot be read as a spreadsheet"):
        read(schema.Source(path="a.xlsx"), tmp_path)
