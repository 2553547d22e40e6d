"""One sheet of an .xlsx file, with cells as people see them: 3 and not 3.0, and an empty cell is no value.

The first row that is not empty is the header, and row numbers count from the row below it. A sheet is read as a whole
(a spreadsheet holds at most 1,048,576 rows).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import fastexcel

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.data.readers.delimited import check_header
from dragoman.data.rows import Origin, Row

if TYPE_CHECKING:
    import polars


def excel_columns(path: Path, sheet: str | None) -> list[str]:
    names, _ = _load(path, sheet)
    return [name for name in names if name]


def read_excel(path: Path, sheet: str | None) -> Iterator[Row]:
    names, cells = _load(path, sheet)
    kept = [(i, name) for i, name in enumerate(names) if name]
    for number, values in enumerate(cells.iter_rows(), start=1):
        yield Row({name: values[i] for i, name in kept}, Origin(str(path), number))


def _load(path: Path, sheet: str | None) -> tuple[list[str], polars.DataFrame]:
    """The header and the cells below it, as text or None, without the empty rows at the end."""
    try:
        book = fastexcel.read_excel(str(path))
        if sheet is not None and sheet not in book.sheet_names:
            listed = ", ".join(f"'{name}'" for name in book.sheet_names)
            guess = did_you_mean(sheet, book.sheet_names)
            raise RequestError(
                f"has no sheet '{sheet}'",
                where=str(path),
                hint=f"its sheets are {listed}" + (f"; {guess}" if guess else ""),
            )
        # No header row for the library: it would rename columns that share a name, in silence.
        cells = book.load_sheet(sheet or 0, header_row=None, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        reason = str(error).split("\n")[0]
        raise RequestError(
            f"cannot be read as a spreadsheet: {reason}", where=str(path), hint="open it and save it again as .xlsx"
        ) from None
    if cells.height == 0:
        raise RequestError("the sheet is empty", where=str(path), hint="name another one with sheet")
    names = [(name or "").strip() for name in cells.row(0)]
    check_header(names, path, "the first row must name the columns")
    return names, cells.slice(1)
