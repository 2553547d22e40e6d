"""A first recipe for the user's own file: what could be guessed, said and explained in comments."""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dragoman.base.errors import RequestError
from dragoman.data.readers import column_names
from dragoman.data.readers.sampling import Sample, sample_rows
from dragoman.data.rows import Row
from dragoman.data.templates import as_text, look_up
from dragoman.planning.guesses import Column, Pair, describe_column, guess_pair
from dragoman.planning.languages import NAMES, guess_language, language_of_name
from dragoman.planning.sizes import (
    Size,
    batch_tokens,
    characters_a_token,
    choose_limit,
    choose_size,
    choose_vocabulary,
    choose_warmup,
)
from dragoman.recipe import schema

LEVELS = {"A1", "A2", "B1", "B2", "C1", "C2"}
SHOWN_COLUMNS, SHOWN_CHARACTERS = 12, 60  # of the table of columns in the recipe
ADDRESSABLE = re.compile(r"[^{}]+")  # a name with braces cannot stand in a template


def draft_recipe(task: str, *files: Path, folder: Path | None = None) -> str:
    """The text of a recipe for a file of examples, or for two aligned text files.

    folder: where the recipe will lie (default: the working folder); paths are written relative to it.
    Raises RequestError for a task that there is not, and for files that cannot be read.
    """
    if task != "translation":
        raise RequestError(f"there is no task '{task}'", where="dragoman new", hint="the task there is: translation")
    if len(files) not in (1, 2):
        raise RequestError(
            f"{len(files)} files", where="dragoman new", hint="give one file of examples, or two aligned text files"
        )
    paths = [_path_in_recipe(file, folder or Path.cwd()) for file in files]
    source = _source(files)
    sample = sample_rows(source, Path.cwd())
    if len(files) == 2:
        pair = _pair_of_files(files, sample.rows)
        columns = [pair.source, pair.target]
    else:
        columns = _columns(source, sample.rows)
        if not columns:
            hint = "rows must have named columns, and JSON Lines one object a line"
            raise RequestError("no row has a column that a template can name", where=str(files[0]), hint=hint)
        pair = guess_pair(columns) or _fallback(columns)
    return _Draft(files, paths, sample, columns, pair).text()


def _source(files: Sequence[Path]) -> schema.Source:
    names = [str(file.absolute()) for file in files]
    return (
        schema.Source(path=names[0]) if len(names) == 1 else schema.Source(source_path=names[0], target_path=names[1])
    )


def _path_in_recipe(file: Path, folder: Path) -> str:
    """Relative where the file lies below the recipe's folder, else absolute."""
    absolute, start = Path(os.path.abspath(file)), Path(os.path.abspath(folder))
    return str(absolute.relative_to(start) if absolute.is_relative_to(start) else absolute)


def _columns(source: schema.Source, rows: Sequence[Row]) -> list[Column]:
    names = [name for name in column_names(source, Path.cwd()) if ADDRESSABLE.fullmatch(name)]
    return [
        describe_column(name, [text for row in rows if (text := as_text(look_up(row.columns, name)))]) for name in names
    ]


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


@dataclass(frozen=True)
class _Draft:
    """Everything that was guessed, and the text that says so."""

    files: Sequence[Path]
    paths: Sequence[str]
    sample: Sample
    columns: Sequence[Column]
    pair: Pair

    def text(self) -> str:
        rows = self.sample.total
        size = choose_size(rows)
        texts = [text for side in self._sides for text in side.texts]
        vocabulary = choose_vocabulary(texts, len(self.sample.rows), rows, size)
        per_token = [characters_a_token(side.language, vocabulary) for side in self._sides]
        tokens_a_row = 2 + sum(side.mean_length / per for side, per in zip(self._sides, per_token, strict=True))
        return "\n".join(
            [
                *self._opening(), *self._data(per_token), *self._model(size, vocabulary),
                *self._training(size, tokens_a_row), *_ENDING, "",
            ]
        )  # fmt: skip

    @property
    def _sides(self) -> tuple[Column, Column]:
        return self.pair.source, self.pair.target

    def _opening(self) -> list[str]:
        files = _quoted(" and ".join(file.name for file in self.files))
        lines = _comment(
            f"Translation learnt from {files}. This is a draft: comments that begin with 'guessed' say what was "
            "guessed, and why. Correct what is wrong; `dragoman check` says what would happen, `dragoman run` does it."
        )
        if not self.pair.sure:
            lines += [
                "#",
                *_comment("UNSURE: which columns are source and target could not be told. See data.template."),
            ]
        return [*lines, "", f"name: {_quoted(_recipe_name(self.files[0]))}", "seed: 1", "task: translation", ""]

    def _data(self, per_token: Sequence[float]) -> list[str]:
        source, target = self._sides
        lines = ["data:", "  train:"]
        if len(self.paths) == 2:
            lines += [f"    - source_path: {_quoted(self.paths[0])}", f"      target_path: {_quoted(self.paths[1])}"]
        else:
            lines += [f"    - path: {_quoted(self.paths[0])}"]
        lines += _comment(
            f"{self._count()}. Of these, validation_rows are held out to tune on. To measure on rows of your own, give "
            "`validation: {path: ...}` and `test: {NAME: {path: ...}}`.", 2,
        )  # fmt: skip
        lines += [f"  validation_rows: {max(1, min(1000, self.sample.total // 10))}", "", *self._template(), ""]
        lines += ["  languages:  # for people to read"]
        for key, side in (("source", source), ("target", target)):
            lines += [f"    {key}: {NAMES[side.language] if side.language else key}  # {_why_language(side)}"]
        lines += [""]
        for key, side, per in (("source", source, per_token[0]), ("target", target, per_token[1])):
            lines += _limit(key, sorted(map(len, side.texts)), per)
        return [*lines, "  overlong: drop  # or trim, or error; the receipt counts them", ""]

    def _count(self) -> str:
        rows = self.sample.total
        return (
            f"It has {rows:,} rows"
            if self.sample.exact
            else f"It has about {float(f'{rows:.2g}'):,.0f} rows (estimated)"
        )

    def _template(self) -> list[str]:
        source, target = self._sides
        if len(self.paths) == 2:
            lines = _comment("The lines of the two files are called source and target.", 2)
        else:
            reason = "guessed" if self.pair.sure else "UNSURE, please look"
            lines = _comment(f"{reason}: {self._why_pair()}. The columns, each with a cell from the file:", 2)
            for column in self.columns[:SHOWN_COLUMNS]:
                cell = " ".join(column.texts[0].split()) if column.texts else ""
                short = cell if len(cell) <= SHOWN_CHARACTERS else cell[: SHOWN_CHARACTERS - 1] + "…"
                lines += [f"  #   {_quoted(column.name)}: {_quoted(short)}"]
            if len(self.columns) > SHOWN_COLUMNS:
                lines += [f"  #   and {len(self.columns) - SHOWN_COLUMNS} more"]
        lines += ["  template:"]
        for key, side in (("source", source), ("target", target)):
            lines += [f"    {key}: {_quoted('{' + side.name + '}')}"]
        level = next((c.name for c in self.columns if c.texts and set(c.texts) <= LEVELS), None)
        if level is not None:
            lines += [f"    level: {_quoted(level)}  # guessed: it holds levels; scores are given for each"]
        return lines

    def _why_pair(self) -> str:
        source, target = self._sides
        if source.name == target.name:
            return (
                f"there is only the column {_quoted(source.name)}; name another file, or another column for the target"
            )
        reasons = [f"{_quoted(c.name)} is named like a {c.role}" for c in self._sides if c.role is not None]
        reasons += [f"{_quoted(c.name)} {_why_language(c, short=True)}" for c in self._sides if c.language is not None]
        return "; ".join(reasons) or "nothing speaks for any two columns, so these are the first two that hold text"

    def _model(self, size: Size, vocabulary: int) -> list[str]:
        rows, lines = self.sample.total, list[str]()
        if rows < 10_000:
            lines += _comment(
                "Few rows to learn a language from nothing: expect a model that knows sentences like those of the file "
                "and little more. A hundred thousand pairs make a translator."
            )
        lines += _comment(
            f"guessed: sizes for {_magnitude(rows)} rows; small models learn few rows better than big ones."
        )
        return [
            *lines, "tokenizer:", f"  vocabulary_size: {vocabulary}", "", "model:", "  nmt:",
            f"    d_model: {size.d_model}", f"    n_heads: {size.n_heads}", "    n_kv_heads: 2",
            f"    encoder_layers: {size.layers}", f"    decoder_layers: {size.layers}", f"    d_ff: {size.d_ff}",
            f"    dropout: {size.dropout}  # more for fewer rows", "",
        ]  # fmt: skip

    def _training(self, size: Size, tokens_a_row: float) -> list[str]:
        rows = self.sample.total
        return [
            "training:",
            f"  epochs: {size.epochs}  # passes over the rows: more for fewer rows",
            f"  batch: {{tokens: {batch_tokens(rows, tokens_a_row, size)}}}  # source and target tokens of one step",
            f"  learning_rate: {size.learning_rate:.0e}".replace("e-0", ".0e-"),
            f"  warmup_steps: {choose_warmup(rows, tokens_a_row, size)}",
            "  early_stopping: {patience: 5}  # stop after so many validations without a better score",
            "",
        ]


_ENDING = [
    "generation:",
    "  beam: 4  # 1 is faster and a little worse",
    "",
    "evaluation:",
    "  metrics: [bleu, chrf, ter]",
    "  main: bleu  # chrf suits languages with many word forms, or without spaces",
]


def _limit(side: str, lengths: Sequence[int], per_token: float) -> list[str]:
    """The length limit of a side. lengths: in characters, sorted."""
    if not lengths:
        return []  # the default stands
    most = lengths[int(0.99 * (len(lengths) - 1))]
    said = (
        f"guessed: 99 of 100 sampled {side}s have at most {most:,} characters, the longest {lengths[-1]:,}; "
        f"a token has about {per_token:.2g}."
    )
    return [*_comment(said, 2), f"  max_{side}_length: {choose_limit(most, per_token)}"]


def _why_language(column: Column, short: bool = False) -> str:
    if column.language is None:
        return "the language could not be told"
    how = "by its name" if column.by_name else "by its letters and words"
    return f"looks {NAMES[column.language]} {how}" if short else f"guessed {how}"


def _magnitude(rows: int) -> str:
    return f"{rows:,}" if rows < 10_000 else f"about {float(f'{rows:.2g}'):,.0f}"


def _recipe_name(file: Path) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", file.name.split(".")[0]).strip("-._")
    return name or "translation"


def _comment(text: str, indent: int = 0) -> list[str]:
    margin = " " * indent + "# "
    return textwrap.wrap(text, 118, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)


def _quoted(text: str) -> str:
    """The text in double quotes, as YAML reads it: what cannot be printed is escaped."""
    plain = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain)
