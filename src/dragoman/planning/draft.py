"""A first recipe for the user's own file: what could be guessed of it. `draft_text` puts it into words."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, compress
from pathlib import Path

from dragoman.base.errors import RequestError
from dragoman.data.examples import separator_advice
from dragoman.data.keys import collect_keys
from dragoman.data.readers import column_names, file_format
from dragoman.data.readers.sampling import SAMPLE_ROWS, Sample, sample_rows
from dragoman.data.readers.sources import FORMATS
from dragoman.data.rows import BadRow, Example, Row
from dragoman.data.splits import hold_out
from dragoman.data.templates import Template, as_text, look_up
from dragoman.planning.guesses import Column, Pair, describe_column, guess_pair, is_sentence
from dragoman.planning.languages import guess_language, language_of_name
from dragoman.recipe import schema

SEED = 1
ADDRESSABLE = re.compile(r"(?!\s)[^{}]+(?<!\s)")  # a name with braces, or spaces around it, cannot stand in a template
SHOWN_REASONS = 3


@dataclass(frozen=True)
class Draft:
    """Everything that was guessed. paths: of the files, as the recipe will write them. columns: of a single file."""

    files: Sequence[Path]
    paths: Sequence[str]
    source: schema.Source
    sample: Sample
    columns: Sequence[Column]
    pair: Pair

    @property
    def sides(self) -> tuple[Column, Column]:
        return self.pair.source, self.pair.target

    @property
    def validation_rows(self) -> int:
        return max(1, min(1000, self.sample.total // 10))

    @cached_property
    def rendered(self) -> list[Example | BadRow]:
        """What the drafted template makes of the sampled rows."""
        source, target = (f"{{{side.name}}}" for side in self.sides)
        template = Template(schema.Template(source=source, target=target))
        return [template.render(row) for row in self.sample.rows]

    def training_texts(self) -> list[str]:
        """Both sides of the sampled rows; where these are all rows, of those that the recipe would train on."""
        examples = [row for row in self.rendered if isinstance(row, Example)]
        if self.sample.exact and self.sample.total <= SAMPLE_ROWS and len(examples) > 1:
            keys = collect_keys(example.source for example in examples)
            if len(set(keys.tolist())) > 1:
                examples = list(compress(examples, ~hold_out(keys, self.validation_rows, SEED)))
        return list(chain.from_iterable((example.source, example.target) for example in examples))

    def doubts(self) -> list[str]:
        """What the user should look at before anything is trained, a sentence each."""
        said = (
            []
            if self.pair.sure
            else [f"UNSURE: which columns are source and target could not be told: {self.why_pair()}"]
        )
        if len(self.files) == 1 and file_format(self.source, self.files[0]) in ("csv", "tsv", "xlsx"):
            cell = next((side.name for side in self.sides if is_sentence(side.name)), None)
            if cell is not None:
                said.append(
                    f"UNSURE: the first row must name the columns, but {quoted(cell)} reads like an example: put a row "
                    "with names above it, such as source and target, and draft again"
                )
        if bad := self.sample.bad:
            said.append(f"{_count(bad, self.sample.read)} cannot be read: {_reasons(bad)}")
        if faults := Counter(row.reason for row in self.rendered if isinstance(row, BadRow)):
            said.append(f"{_count(faults, len(self.rendered))} cannot be used: {_reasons(faults)}")
        return said

    def why_pair(self) -> str:
        source, target = self.sides
        if source.name == target.name:
            return (
                f"there is only the column {quoted(source.name)}; name another file, or another column for the target"
            )
        reasons = [f"{quoted(side.name)} is named like a {side.role}" for side in self.sides if side.role is not None]
        reasons += [
            f"{quoted(side.name)} {side.why_language(short=True)}" for side in self.sides if side.language is not None
        ]
        return "; ".join(reasons) or "nothing speaks for any two columns, so these are the first two that hold text"


def draft_recipe(task: str, *files: Path, folder: Path | None = None) -> Draft:
    """What can be guessed from a file of examples, or from two aligned text files.

    folder: where the recipe will lie (default: the working folder); paths are written relative to it.
    Raises RequestError for a task that there is not, and for files that cannot be read.
    """
    if task != "translation":
        raise RequestError(f"there is no task '{task}'", where="dragoman new", hint="the task there is: translation")
    if len(files) not in (1, 2):
        raise RequestError(
            f"{len(files)} files", where="dragoman new", hint="give one file of examples, or two aligned text files"
        )
    tables = [file for file in files if file.suffix.lower() in FORMATS]
    if len(files) == 2 and tables:
        raise RequestError(
            "two files are read line by line as plain texts, and this one is a table by its ending",
            where=str(tables[0]),
            hint="give one table, or two text files",
        )
    paths = [_path_in_recipe(file, folder or Path.cwd()) for file in files]
    source = _source(files)
    sample = sample_rows(source, Path.cwd(), SEED)
    if len(files) == 2:
        pair = _pair_of_files(files, sample.rows)
        return Draft(files, paths, source, sample, [pair.source, pair.target], pair)
    names = column_names(source, Path.cwd())
    if advice := separator_advice(names):
        raise RequestError("has only one column", where=str(files[0]), hint=advice)
    columns = [_column(name, sample.rows) for name in names if ADDRESSABLE.fullmatch(name)]
    if not columns:
        hint = "rows must have named columns, and JSON Lines one object a line"
        raise RequestError("no row has a column that a template can name", where=str(files[0]), hint=hint)
    return Draft(files, paths, source, sample, columns, guess_pair(columns) or _fallback(columns))


def _source(files: Sequence[Path]) -> schema.Source:
    names = [str(file.absolute()) for file in files]
    if len(names) == 2:
        return schema.Source(source_path=names[0], target_path=names[1])
    if FORMATS.get(files[0].suffix.lower()) == "xlsx" and files[0].is_file():
        from dragoman.data.readers.excel import choose_sheet

        return schema.Source(path=names[0], sheet=choose_sheet(files[0]))
    return schema.Source(path=names[0])


def _path_in_recipe(file: Path, folder: Path) -> str:
    """Relative where the file lies below the recipe's folder, else absolute."""
    absolute, start = Path(os.path.abspath(file)), Path(os.path.abspath(folder))
    return str(absolute.relative_to(start) if absolute.is_relative_to(start) else absolute)


def _column(name: str, rows: Sequence[Row]) -> Column:
    return describe_column(name, [text for row in rows if (text := as_text(look_up(row.columns, name)))])


def _pair_of_files(files: Sequence[Path], rows: Sequence[Row]) -> Pair:
    """The two sides of aligned files, with the languages that their names or texts tell."""

    def side(file: Path, name: str) -> Column:
        texts = [row.columns[name] for row in rows if row.columns[name].strip()]
        named = language_of_name(file.name)
        return Column(name, texts, named or guess_language(texts), by_name=named is not None)

    return Pair(side(files[0], "source"), side(files[1], "target"), sure=True)


def _fallback(columns: Sequence[Column]) -> Pair:
    """The first two columns, or the one there is twice, so that the draft is a recipe to correct and not an error."""
    source, target = (list(columns) * 2)[:2] if len(columns) < 2 else columns[:2]
    return Pair(source, target, sure=False)


def _count(faults: Counter[str], of: int) -> str:
    return f"{faults.total():,} of {of:,} rows"


def _reasons(faults: Counter[str]) -> str:
    more = ", ..." if len(faults) > SHOWN_REASONS else ""
    named = (f"{reason} ({count:,})" for reason, count in faults.most_common(SHOWN_REASONS))
    return _printable(", ".join(named)) + more


def quoted(text: str) -> str:
    """The text in double quotes, as YAML reads it: what cannot be printed is escaped."""
    return _printable(json.dumps(text, ensure_ascii=False))


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)
