"""The recipe of a draft: what was guessed, said and explained in comments."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dragoman.planning.draft import SEED, Draft, quoted
from dragoman.planning.languages import NAMES
from dragoman.planning.sizes import (
    Size,
    batch_tokens,
    characters_a_token,
    choose_limit,
    choose_size,
    choose_warmup,
)
from dragoman.planning.vocabulary import choose_vocabulary

LEVELS = {"A1", "A2", "B1", "B2", "C1", "C2"}
SHOWN_COLUMNS, SHOWN_CHARACTERS = 12, 60  # of the table of columns in the recipe


def write_draft(draft: Draft) -> str:
    """The text of the recipe."""
    return "\n".join(_Text(draft).lines())


@dataclass(frozen=True)
class _Text:
    draft: Draft

    def lines(self) -> list[str]:
        rows, sides = self.draft.sample.total, self.draft.sides
        size = choose_size(rows)
        vocabulary = choose_vocabulary(self.draft.training_texts(), len(self.draft.sample.rows), rows, size)
        per_token = [characters_a_token(side.language, vocabulary) for side in sides]
        tokens_a_row = 2 + sum(side.mean_length / per for side, per in zip(sides, per_token, strict=True))
        return [
            *self._opening(), *self._data(per_token), *self._model(size, vocabulary),
            *self._training(size, tokens_a_row), *_ENDING, "",
        ]  # fmt: skip

    def _opening(self) -> list[str]:
        files = quoted(" and ".join(file.name for file in self.draft.files))
        lines = _comment(
            f"Translation learnt from {files}. This is a draft: comments that begin with 'guessed' say what was "
            "guessed, and why. Correct what is wrong; `dragoman check` says what would happen, `dragoman run` does it."
        )
        for doubt in self.draft.doubts():
            lines += ["#", *_comment(f"{doubt}.")]
        name = quoted(_recipe_name(self.draft.files[0]))
        return [*lines, "", f"name: {name}", f"seed: {SEED}", "task: translation", ""]

    def _data(self, per_token: Sequence[float]) -> list[str]:
        (source, target), paths, sheet = self.draft.sides, self.draft.paths, self.draft.source.sheet
        lines = ["data:", "  train:"]
        if len(paths) == 2:
            lines += [f"    - source_path: {quoted(paths[0])}", f"      target_path: {quoted(paths[1])}"]
        else:
            lines += [f"    - path: {quoted(paths[0])}"]
        if sheet is not None:
            lines += [f"      sheet: {quoted(sheet)}  # guessed: the first one with a header and rows"]
        lines += _comment(
            f"{self._count()}. Of these, validation_rows are held out to tune on. To measure on rows of your own, give "
            "`validation: {path: ...}` and `test: {NAME: {path: ...}}`.", 2,
        )  # fmt: skip
        lines += [f"  validation_rows: {self.draft.validation_rows}", "", *self._template(), ""]
        lines += ["  languages:  # for people to read"]
        for key, side in (("source", source), ("target", target)):
            lines += [f"    {key}: {NAMES[side.language] if side.language else key}  # {side.why_language()}"]
        lines += [""]
        for key, side, per in (("source", source, per_token[0]), ("target", target, per_token[1])):
            lines += _limit(key, sorted(map(len, side.texts)), per)
        return [*lines, "  overlong: drop  # or trim, or error; the receipt counts them", ""]

    def _count(self) -> str:
        rows = self.draft.sample.total
        return (
            f"It has {rows:,} rows"
            if self.draft.sample.exact
            else f"It has about {float(f'{rows:.2g}'):,.0f} rows (estimated)"
        )

    def _template(self) -> list[str]:
        source, target = self.draft.sides
        if len(self.draft.paths) == 2:
            lines = _comment("The lines of the two files are called source and target.", 2)
        else:
            reason = "guessed" if self.draft.pair.sure else "UNSURE, please look"
            lines = _comment(f"{reason}: {self.draft.why_pair()}. The columns, each with a cell from the file:", 2)
            for column in self.draft.columns[:SHOWN_COLUMNS]:
                cell = " ".join(column.texts[0].split()) if column.texts else ""
                short = cell if len(cell) <= SHOWN_CHARACTERS else cell[: SHOWN_CHARACTERS - 1] + "…"
                lines += [f"  #   {quoted(column.name)}: {quoted(short)}"]
            if len(self.draft.columns) > SHOWN_COLUMNS:
                lines += [f"  #   and {len(self.draft.columns) - SHOWN_COLUMNS} more"]
        lines += ["  template:"]
        for key, side in (("source", source), ("target", target)):
            lines += [f"    {key}: {quoted('{' + side.name + '}')}"]
        level = next((c.name for c in self.draft.columns if c.texts and set(c.texts) <= LEVELS), None)
        if level is not None:
            lines += [f"    level: {quoted(level)}  # guessed: it holds levels; scores are given for each"]
        return lines

    def _model(self, size: Size, vocabulary: int) -> list[str]:
        rows, lines = self.draft.sample.total, list[str]()
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
        rows = self.draft.sample.total
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


def _magnitude(rows: int) -> str:
    return f"{rows:,}" if rows < 10_000 else f"about {float(f'{rows:.2g}'):,.0f}"


def _recipe_name(file: Path) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", file.name.split(".")[0]).strip("-._")
    return name or "translation"


def _comment(text: str, indent: int = 0) -> list[str]:
    margin = " " * indent + "# "
    return textwrap.wrap(text, 118, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)
