"""One sheet of an .xlsx file, with cells as people see them: 3 and not 3.0, and an empty cell is no value.

The first row that is not empty is the header; row numbers are those that the spreadsheet shows. A sheet is read as a
whole (a spreadsheet holds at most 1,048,576 rows).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import fastexcel

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.data.readers.delimited import check_header
from dragoman.data.rows import Origin, Row

if TYPE_CHECKING:
    import polars


def excel_columns(path: Path, sheet: str | None) -> list[str]:
    names, _, _ = _load(path, sheet)
    return [name for name in names if name]


def read_excel(path: Path, sheet: str | None) -> Iterator[Row]:
    names, header, cells = _load(path, sheet)
    kept = [(i, name) for i, name in enumerate(names) if name]
    for number, values in enumerate(cells.iter_rows(), start=header + 1):
        yield Row({name: values[i] for i, name in kept}, Origin(str(path), number))


def choose_sheet(path: Path) -> str | None:
    """The sheet to name in a recipe: the first with two named columns and a row, else the first with one.

    None where that is the first sheet, which is read anyway, or where no sheet has rows.
    """
    with _explained(path):
        sheets = fastexcel.read_excel(str(path)).sheet_names
    widths: dict[str, int] = {}
    for sheet in sheets:
        try:
            names, _, _ = _load(path, sheet)
        except RequestError:
            continue
        widths[sheet] = sum(map(bool, names))
    chosen = next((sheet for sheet, width in widths.items() if width > 1), next(iter(widths), None))
    return None if chosen == sheets[0] else chosen


def _load(path: Path, sheet: str | None) -> tuple[list[str], int, polars.DataFrame]:
    """The header, its row number, and the cells below it, as text or None, without the empty rows at the end."""
    with _explained(path):
        book = fastexcel.read_excel(str(path))
        known = book.sheet_names
        if sheet is not None and sheet not in known:
            guess = did_you_mean(sheet, known)
            hint = f"its sheets are {_listed(known)}" + (f"; {guess}" if guess else "")
            raise RequestError(f"has no sheet '{sheet}'", where=str(path), hint=hint)
        # No header row for the library: it would rename columns that share a name, in silence. And no row is skipped:
        # it would leave out the empty ones above the first, and row numbers would not be the spreadsheet's.
        cells = book.load_sheet(sheet or 0, header_row=None, skip_rows=0, dtypes="string").to_polars()
    header = next((i for i, row in enumerate(cells.iter_rows()) if any(row)), None)
    if header is None or header + 1 == cells.height:
        what = "is empty" if header is None else "has no rows below its header"
        others = [name for name in known if name != (sheet or known[0])]
        hint = f"name another one with the key sheet: {_listed(others)}" if others else "put the examples into it"
        raise RequestError(f"the sheet '{sheet or known[0]}' {what}", where=str(path), hint=hint)
    names = [(name or "").strip() for name in cells.row(header)]
    check_header(names, path, "the first row must name the columns")
    return names, header + 1, cells.slice(header + 1)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except fastexcel.FastExcelError as error:
        reason = str(error).split("\n")[0]
        raise RequestError(
            f"cannot be read as a spreadsheet: {reason}", where=str(path), hint="open it and save it again as .xlsx"
        ) from None


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
