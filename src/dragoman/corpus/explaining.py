"""Why one document is kept or removed: every step, every number and every threshold, with the code that cleans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.corpus.engine.batch import Batch
from dragoman.corpus.engine.fate import fate_of
from dragoman.corpus.engine.pipeline import (
    BOILERPLATE,
    LANGUAGE,
    LANGUAGE_SCORE,
    LINE_RULES,
    Pipeline,
    failure,
    pipeline_of,
    with_languages,
)
from dragoman.corpus.engine.removing import EMPTY
from dragoman.corpus.engine.shards import file_name
from dragoman.corpus.lines import Stripped
from dragoman.corpus.normalising import normalise, normalise_texts
from dragoman.corpus.rules import Words
from dragoman.data.documents import BadDocument, Piece, read_piece, text_files
from dragoman.recipe.schema import Corpus, TextSource

NORMALISING = "normalising"


@dataclass(frozen=True)
class Measured:
    """A number that a rule takes of the document, and what it keeps. removes: whether it does not keep this one."""

    rule: str
    measure: str
    description: str
    value: float
    low: float | None
    high: float | None
    removes: bool


@dataclass(frozen=True)
class Change:
    """Lines that a step took away, with its reason, or put in the place of others."""

    step: str
    reason: str
    before: str
    after: str | None = None


@dataclass
class Explanation:
    """removed_by: the first rule that removes the document; None where all keep it. bad: why it was never read.

    text: what is left of it. fate: what the duplicates of the whole corpus made of it, where it has been cleaned.
    """

    file: str
    row: int
    language: str = ""
    score: float = 1.0
    text: str = ""
    bad: str | None = None
    changes: list[Change] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    removed_by: str | None = None
    fate: str | None = None


def explain_document(corpus: Corpus, folder: Path, document: str, output: Path) -> Explanation:
    """Explain "FILE:ROW". folder: the recipe's. output: where the corpus was cleaned to, if it was.

    Raises RequestError where no source has such a file, or the file no such document.
    """
    file, _, row = document.rpartition(":")
    if not file or not row.isdecimal():
        raise RequestError(f"'{document}' is no FILE:ROW", hint="such as texts/a.jsonl:17")
    piece, source, name = _find(corpus, folder, file)
    found = _document(piece, source, int(row), corpus.max_document_bytes)
    told = Explanation(name, int(row))
    if isinstance(found, BadDocument):
        told.bad, told.text = found.reason, found.content
        return told
    pipeline = pipeline_of(corpus)
    try:
        _explain(pipeline, Batch([name], found, np.array([int(row)]), [source.language or ""]), told)
    except Exception as error:  # the document is poison, and in quarantine
        told.bad = f"{failure(error)}: {error}"
        return told
    if told.removed_by is None:
        told.fate = fate_of(corpus, output, name, int(row))
    return told


def _find(corpus: Corpus, folder: Path, file: str) -> tuple[Piece, TextSource, str]:
    """The source that has a file: by the name that reports give it, by its path, or by the last part of its name."""
    known: dict[str, tuple[Piece, TextSource]] = {}
    for number, source in enumerate(corpus.sources):
        for piece in _files(number, source, folder):
            known.setdefault(file_name(piece, source, folder), (piece, source))
    matching = [name for name in known if name == file]
    matching = matching or [name for name, (piece, _) in known.items() if piece.file == Path(file).absolute()]
    matching = matching or [name for name in known if name.endswith(f"/{file}")]
    if len(matching) != 1:
        listed = ", ".join(matching[:5]) or ", ".join(list(known)[:5])
        hint = did_you_mean(file, known) or f"the files are {listed}{', ...' if len(known) > 5 else ''}"
        several = f"{len(matching)} files are called so" if matching else "no source of the corpus has this file"
        raise RequestError(several, where=file, hint=hint)
    return (*known[matching[0]], matching[0])


def _files(number: int, source: TextSource, folder: Path) -> Iterator[Piece]:
    """Every file of a source as one piece: rows are then counted as they are read."""
    if source.hub is not None:
        from dragoman.data.documents.hub import hub_pieces

        yield from hub_pieces(number, source, folder)
    else:
        yield from (Piece(number, path, 0, None) for path in text_files(source, folder))


def _document(piece: Piece, source: TextSource, row: int, limit: int) -> pa.Array | BadDocument:
    """The text that begins in a row, as a column of one."""
    before = None
    for documents in read_piece(piece, source, limit=limit):
        rows = documents.table["row"].to_numpy()
        for bad in documents.bad:
            if bad.row == row:
                return bad
        place = int(np.searchsorted(rows, row))
        if place < len(rows):
            if rows[place] == row:
                return documents.table["text"].combine_chunks().slice(place, 1)
            if rows[0] < row:
                before = rows[place - 1]
            hint = f"documents begin at {before} and {rows[place]}" if before else f"the first begins at {rows[place]}"
            raise RequestError(f"no document begins in row {row}", where=str(piece.file), hint=hint)
        before = rows[-1] if len(rows) else before
    hint = "the file has no document at all" if before is None else f"the last document begins at {before}"
    raise RequestError(f"no document begins in row {row}", where=str(piece.file), hint=hint)


def _explain(pipeline: Pipeline, batch: Batch, told: Explanation) -> None:
    raw = batch.texts[0].as_py()
    batch = batch.with_texts(normalise_texts(batch.texts))
    told.changes += _rewritten(raw)
    if pipeline.boilerplate is not None:
        batch = _stripped(BOILERPLATE, batch, pipeline.boilerplate(batch.texts), told)
    batch, scores = with_languages(batch)
    told.language, told.score = batch.languages[0], float(scores[0])
    before = None if batch.sizes[0] else EMPTY
    corpus = pipeline.corpus
    if corpus.languages:
        fits = bool(pipeline.wanted(batch, scores)[0])
        described = f"How sure the language is; wanted: {', '.join(corpus.languages)}."
        told.measured.append(
            Measured(LANGUAGE, LANGUAGE_SCORE, described, told.score, corpus.language_score, None, not fits)
        )
        before = before or (None if fits else LANGUAGE)
    if pipeline.line_rules:
        batch = _stripped(LINE_RULES, batch, pipeline.line_rules(batch.texts, batch.languages), told)
        before = before or (None if batch.sizes[0] else EMPTY)
    told.text = batch.texts[0].as_py()
    words = Words(batch.texts, batch.languages, exact=True)
    for rule in pipeline.rules:
        measured = rule.measure(words)
        removes = not bool(rule.verdict(measured, words)[0])
        for name, (low, high) in rule.thresholds(told.language).items():
            value = float(measured[name][0])
            told.measured.append(Measured(rule.name, name, rule.description, value, low, high, removes))
        before = before or (rule.name if removes else None)
    told.removed_by = before


def _stripped(step: str, batch: Batch, stripped: Stripped, told: Explanation) -> Batch:
    """The batch without the lines that a step takes away, each noted with its reason."""
    for reason in stripped.counts():
        lines = stripped.sample(reason, len(stripped.reasons))
        told.changes += [Change(step, reason, line) for _, line in lines]
    return batch.with_texts(stripped.texts)


def _rewritten(text: str) -> Iterator[Change]:
    """The lines that normalising writes in another way; of empty lines that go nothing is said."""
    for line in text.split("\n"):
        if (after := normalise(line)) != line:
            yield Change(NORMALISING, "", line, after)
