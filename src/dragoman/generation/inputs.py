"""What a user gives, as the model learnt to see it: texts, lines and rows put into its template.

One input each, in order, so that answers stay aligned: what is empty stays empty and is answered with nothing. What
cannot be an input is refused by its file and row.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from dragoman.base.errors import RequestError
from dragoman.base.progress import say
from dragoman.data.readers import read_source
from dragoman.data.readers.sources import FORMATS
from dragoman.data.rows import BadRow, Origin, Row
from dragoman.data.templates import MISSING, Template, as_text, look_up
from dragoman.recipe import schema

STANDARD_INPUT = "standard input"


def read_inputs(template: Template, texts: Iterable[str] | None, path: Path | None) -> Iterator[str]:
    """The model's inputs from texts, else from a file, else from the lines of standard input.

    A table (.tsv, .csv, .jsonl, .parquet, .xlsx) gives the columns that the template names; of any other file each line
    is a text. Raises RequestError, at once where it can: for a file that is none, for plain texts where the template
    needs several columns; while reading, for a line or row that cannot be read.
    """
    if texts is None and path is not None:
        if path.is_dir() or not path.exists():
            raise RequestError("is a folder" if path.is_dir() else "there is no such file", where=str(path))
        if path.suffix.lower() in FORMATS:
            return _rows(template, path)
    column = _only_column(template)
    return _filled(template, column, _lines(path) if texts is None else texts)


def _only_column(template: Template) -> str:
    """The column that a plain text fills. Raises RequestError where it cannot be told."""
    open_columns = [name for name in template.source_columns if name not in template.defaults]
    if len(open_columns) == 1 or len(template.source_columns) == 1:
        return (open_columns or template.source_columns)[0]
    listed = " and ".join(f"'{name}'" for name in open_columns or template.source_columns)
    example = ", ".join(f'"{name}": "..."' for name in open_columns or template.source_columns)
    raise RequestError(
        f"a text alone is not enough: this model's inputs are made of the columns {listed}",
        hint=f"give them with --input, as a .jsonl file of lines such as {{{example}}}, or as another table",
    )


def _filled(template: Template, column: str, texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts, start=1):
        # Without NUL characters, which no row may hold and a tokenizer takes out: the text alone is to blame for a
        # bad row then, by being empty.
        filled = template.render_source(Row({column: text.replace("\0", "")}, Origin("", number)))
        yield "" if isinstance(filled, BadRow) else filled


def _rows(template: Template, path: Path) -> Iterator[str]:
    needed = [name for name in template.source_columns if name not in template.defaults]
    for row in read_source(schema.Source(path=str(path)), Path()):
        filled = row if isinstance(row, BadRow) else template.render_source(row)
        if isinstance(filled, str):
            yield filled
        elif isinstance(row, Row) and any(_is_empty(look_up(row.columns, name)) for name in needed):
            yield ""
        else:
            shown = f": {filled.content}" if filled.content else ""
            raise RequestError(
                str(filled), where=f"{path}:{filled.origin.row}", hint=f"correct the row, or take it out{shown}"
            )


def _is_empty(value: object) -> bool:
    return value is not MISSING and as_text(value) == ""


def _lines(path: Path | None) -> Iterator[str]:
    """The lines of a file or of standard input, split at "\\n" alone. Raises RequestError where they are no UTF-8."""
    if path is None and sys.stdin.isatty():
        say("reading lines; end with Ctrl-D", "dim")
    with open(path, "rb") if path else sys.stdin.buffer as file:
        for number, line in enumerate(file, start=1):
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8").removesuffix("\n").removesuffix("\r")
            except UnicodeDecodeError as error:
                raise RequestError(
                    f"not UTF-8: byte 0x{line[error.start]:02x}", where=f"{path or STANDARD_INPUT}:{number}",
                    hint="convert it, for instance with iconv -f latin1 -t utf-8",
                ) from None  # fmt: skip
