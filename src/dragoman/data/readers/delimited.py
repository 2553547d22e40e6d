"""TSV and CSV: a header that names the columns, then one record a row.

- TSV has no quoting and no escapes: a cell is whatever stands between two tabs, quotes included.
- CSV is RFC 4180: a cell that begins with a quote ends at the next single quote and may hold separators, line ends and
  doubled quotes. Quotes inside other cells are plain characters; spaces before an opening quote are none of the text.
- CSV's separator is what the header line has most of: commas, semicolons (spreadsheets where the comma is for
  decimals write these) or tabs. Of equals the first in this order.
- A record that breaks these rules costs its first line only. A quote that is never closed would otherwise swallow the
  rest of the file: so when a record fails, the lines after its first are read again, and all of them but the last are
  then taken as a record of their own. Every line is read at most twice.
- Blank lines at the end are ignored, others are bad rows. Columns whose header is blank are left out.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from dragoman.base.errors import RequestError
from dragoman.data.readers.lines import lines, not_utf8, raw_lines, without_end
from dragoman.data.rows import BadRow, Origin, Row, excerpt

RECORD_LIMIT = 64 * 2**20  # bytes over several lines after which a quote counts as never closed

QUOTED = re.compile(rb'(?:[^"]++|"")*+')  # the inside of a quoted cell, as far as this line goes
OPENING = re.compile(rb' *+"')
IN_QUOTES = re.compile(rb'"[^"]*+"?')
SEPARATORS = (b",", b";", b"\t")
LONE_RETURN = re.compile(rb"\r(?!\n)")

NEVER_CLOSED, AFTER_QUOTE = "a quote is never closed", "text after a closing quote"


@dataclass(frozen=True, slots=True)
class Record:
    """offset: where `raw` starts in the file. cells: their bytes, or the reason why they could not be told apart."""

    offset: int
    raw: bytes
    cells: list[bytes] | str


def tsv_records(path: Path) -> Iterator[Record]:
    for offset, line in lines(path):
        yield Record(offset, line, line.split(b"\t"))


def csv_records(path: Path) -> Iterator[Record]:
    source = raw_lines(path)
    header = next(source, None)
    if header is None:
        return iter(())
    return _CsvScanner(chain([header], source), _separator(header[1])).records()


def _separator(header: bytes) -> bytes:
    plain = IN_QUOTES.sub(b"", header)
    return max(SEPARATORS, key=plain.count)


class _CsvScanner:
    def __init__(self, source: Iterator[tuple[int, bytes]], separator: bytes):
        self.source, self.separator = source, separator
        self.again: deque[tuple[int, bytes, bool]] = deque()  # lines to read again; True: as a record of its own

    def next_line(self) -> tuple[int, bytes, bool] | None:
        if self.again:
            return self.again.popleft()
        line = next(self.source, None)
        return None if line is None else (*line, False)

    def records(self) -> Iterator[Record]:
        while (first := self.next_line()) is not None:
            offset, line, alone = first
            if b'"' not in line:
                line = without_end(line)
                yield Record(offset, line, line.split(self.separator))
                continue
            used = [first]
            cells = self.split(used, alone)
            if isinstance(cells, str):
                self.read_again(used[1:])
                yield Record(offset, without_end(line), cells)
            else:
                yield Record(offset, without_end(b"".join(line for _, line, _ in used)), cells)

    def read_again(self, used: list[tuple[int, bytes, bool]]) -> None:
        """Put back the lines after a failed record's first. The last showed the fault; the others stood in its cell."""
        last = len(used) - 1
        self.again.extendleft((o, line, i < last) for i, (o, line, _) in reversed(list(enumerate(used))))

    def split(self, used: list[tuple[int, bytes, bool]], alone: bool) -> list[bytes] | str:
        """The cells of a record that starts with the line in `used`; lines that it goes on to are added there."""
        line, at, size = used[0][1], 0, 0
        cells: list[bytes] = []
        while True:
            opening = OPENING.match(line, at)
            if opening is None:
                end = line.find(self.separator, at)
                if end < 0:
                    return [*cells, without_end(line[at:])]
                cells.append(line[at:end])
                at = end + 1
                continue
            parts, at = [], opening.end()
            while True:
                inside = QUOTED.match(line, at)
                assert inside is not None  # it matches the empty string
                parts.append(inside.group())
                at = inside.end()
                if at < len(line):
                    break
                following = None if alone or size > RECORD_LIMIT else self.next_line()
                if following is None:
                    return NEVER_CLOSED
                used.append(following)
                line, at = following[1], 0
                size += len(line)
            cells.append(b"".join(parts).replace(b'""', b'"'))
            at += 1
            if line[at : at + 1] == self.separator:
                at += 1
            elif without_end(line[at:]) == b"":
                return cells
            else:
                return AFTER_QUOTE


def read_header(path: Path, records: Iterator[Record]) -> list[str]:
    """The column names, stripped; a column without a name is "".

    Raises RequestError where there is no header, where it is not text, where two columns share a name, or where the
    whole file is one line because old Macs wrote it.
    """
    record = next(records, None)
    if record is None:
        raise RequestError(
            "is empty", where=str(path), hint="it needs a first line that names the columns, and rows below"
        )
    if LONE_RETURN.search(record.raw):
        raise RequestError(
            "its lines end in bare carriage returns, as on old Macs", where=str(path),
            hint="save it with the line ends of Unix (LF) or Windows (CRLF)",
        )  # fmt: skip
    hint = "the first line must name the columns"
    if isinstance(record.cells, str):
        raise RequestError(f"the header cannot be read: {record.cells}", where=str(path), hint=hint)
    try:
        names = [cell.decode("utf-8").strip() for cell in record.cells]
    except UnicodeDecodeError:
        bad = not_utf8(record.raw, record.offset, Origin(str(path), 0))
        raise RequestError(f"the header is {bad}", where=str(path), hint="save the file as UTF-8") from None
    check_header(names, path, hint)
    return names


def check_header(names: list[str], path: Path, hint: str) -> None:
    """Raise RequestError where no column has a name or two have the same."""
    named = [name for name in names if name]
    if not named:
        raise RequestError("has no header", where=str(path), hint=hint)
    refuse_twins(named, path)


def refuse_twins(names: list[str], path: Path) -> None:
    """Raise RequestError where two columns share a name: one of them would be lost."""
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        listed = ", ".join(f"'{name}'" for name in twice)
        raise RequestError(f"names a column {listed} more than once", where=str(path), hint="rename one of them")


def read_records(path: Path, records: Iterator[Record]) -> Iterator[Row | BadRow]:
    """Rows under the header. Memory: one record."""
    file = str(path)
    names = read_header(path, records)
    kept = [i for i, name in enumerate(names) if name]
    whole = len(kept) == len(names)
    row, blank = 0, 0  # blank: how many blank lines are waiting to see whether something follows
    for record in records:
        row += 1
        if not record.raw:
            blank += 1
            continue
        for skipped in range(row - blank, row):
            yield BadRow(Origin(file, skipped), "blank line")
        blank = 0
        origin = Origin(file, row)
        if isinstance(record.cells, str):
            yield BadRow(origin, record.cells, excerpt(record.raw))
            continue
        try:
            cells = [cell.decode("utf-8") for cell in record.cells]
        except UnicodeDecodeError:
            yield not_utf8(record.raw, record.offset, origin)
            continue
        if len(cells) != len(names):
            reason = "too many cells" if len(cells) > len(names) else "too few cells"
            yield BadRow(origin, reason, excerpt(record.raw), f"{len(cells)}, where the header has {len(names)}")
        elif whole:
            yield Row(dict(zip(names, cells, strict=True)), origin)
        else:
            yield Row({names[i]: cells[i] for i in kept}, origin)
