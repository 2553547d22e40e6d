"""What a user gives, as the model learnt to see it: texts, lines and rows put into its template.

One input each, in order, so that answers stay aligned: what is empty stays empty and is answered with nothing. What
cannot be an input is refused by its file and row.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.base.progress import say
from dragoman.data.entities import joined_words
from dragoman.data.readers import read_source
from dragoman.data.readers.sources import FORMATS
from dragoman.data.rows import BadRow, Origin, Row, excerpt
from dragoman.data.templates import Template
from dragoman.data.values import MISSING, as_text, fault, look_up
from dragoman.generation.prompts import Question
from dragoman.recipe import schema

STANDARD_INPUT = "standard input"


def read_inputs(
    template: Template, texts: Iterable[str] | None, path: Path | None, given: Mapping[str, str] | None = None,
    *, words: str | None = None,
) -> Iterator[Question]:  # fmt: skip
    """The model's inputs from texts, else from a file, else from the lines of standard input.

    given: columns with the same value for every input. A table (.tsv, .csv, .jsonl, .parquet, .xlsx) gives the columns
    that the template names; of any other file each line is a text. words: the column of a table that holds lists of
    words, for a template of entities; they become the text that such a template calls tokens.

    Raises RequestError, at once where it can: for a file that is none, for plain texts where the template needs several
    columns, for a given column that it does not have; while reading, for a line or row that cannot be read.
    """
    given = given or {}
    for name in given:
        if name not in template.source_columns:
            listed = ", ".join(template.source_columns)
            raise RequestError(
                f"this model's inputs have no column '{name}'", where="--field",
                hint=did_you_mean(name, template.source_columns) or f"its columns: {listed}",
            )  # fmt: skip
    if texts is None and path is not None:
        if path.is_dir() or not path.exists():
            raise RequestError("is a folder" if path.is_dir() else "there is no such file", where=str(path))
        if path.suffix.lower() in FORMATS:
            return _rows(template, path, given, words)
    ask = questioner(template, given)
    return (ask(text) for text in (_lines(path) if texts is None else texts))


def questioner(template: Template, given: Mapping[str, str]) -> Callable[[str], Question]:
    """What makes a model's input of a plain text, as in training; "" of what is empty.

    Raises RequestError where a text alone does not fill the template.
    """
    if template.conversation is not None:  # a text is the first question of a conversation of its own
        return lambda text: template.ask(text) if text else ""
    column = _only_column(template, given)

    def ask(text: str) -> Question:
        # Without NUL characters, which no row may hold and a tokenizer takes out: the text alone is to blame for a
        # bad row then, by being empty.
        filled = template.render_question(Row({**given, column: text.replace("\0", "")}, Origin("", 1)))
        return "" if isinstance(filled, BadRow) else filled

    return ask


def parse_fields(options: Iterable[str]) -> dict[str, str]:
    """`NAME=VALUE` of the command line. Raises RequestError where there is no name, or no "="."""
    fields = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not equals or not name.strip():
            raise RequestError(
                f"'{option}' is no NAME=VALUE", where="--field", hint="for instance --field Dialect=Najdi"
            )
        fields[name.strip()] = value
    return fields


def _only_column(template: Template, given: Collection[str]) -> str:
    """The column that a plain text fills. Raises RequestError where it cannot be told."""
    columns = [name for name in template.source_columns if name not in given]
    open_columns = [name for name in columns if name not in template.defaults]
    if len(open_columns) == 1 or len(columns) == 1:
        return (open_columns or columns)[0]
    named = open_columns or columns or template.source_columns
    listed = " and ".join(f"'{name}'" for name in named)
    example = ", ".join(f'"{name}": "..."' for name in named)
    raise RequestError(
        f"a text alone is not enough: this model's inputs are made of the columns {listed}",
        hint=f"give all but one with --field '{named[-1]}=...'; or all with --input, as a .jsonl file of lines such as "
        f"{{{example}}}, or as another table",
    )


def _rows(template: Template, path: Path, given: Mapping[str, str], words: str | None) -> Iterator[Question]:
    needed = [name for name in template.source_columns if name not in template.defaults]
    for row in read_source(schema.Source(path=str(path)), Path()):
        if isinstance(row, Row):
            row = Row({**row.columns, **given}, row.origin)
            row = row if words is None else _with_text(row, words)
        filled = row if isinstance(row, BadRow) else template.render_question(row)
        if not isinstance(filled, BadRow):
            yield filled
        elif isinstance(row, Row) and any(_is_empty(look_up(row.columns, name)) for name in needed):
            yield ""
        else:
            shown = f": {filled.content}" if filled.content else ""
            raise RequestError(
                str(filled), where=f"{path}:{filled.origin.row}", hint=f"correct the row, or take it out{shown}"
            )


def _with_text(row: Row, words: str) -> Row | BadRow:
    """The row with the text of its words, which a template calls tokens; a bad one where there is neither."""
    found = look_up(row.columns, words)
    if found is MISSING and "tokens" in row.columns:
        words, found = "tokens", row.columns["tokens"]
    if isinstance(found, list) and all(isinstance(word, str) for word in found):
        found = joined_words(found)
    if found is MISSING or as_text(found) is None:
        return BadRow(row.origin, fault(words, found, "a list of words"), excerpt(row.columns))
    return Row({**row.columns, "tokens": found}, row.origin)


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
