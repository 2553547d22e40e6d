"""The raw text of a recipe: what there is to pretrain on, cut into parts that are read each on its own.

A part is some tens of megabytes of files, a table, or the recipe's own training rows. Cutting depends on the files
alone, so that parts, and the shards that come of them, are the same however many processes work on them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple

from dragoman.data.dataset import Dataset
from dragoman.data.documents import Piece, pieces_of, read_piece
from dragoman.data.readers import column_names, describe_source, read_source, source_files
from dragoman.data.rows import BadRow, Example
from dragoman.data.values import as_text, fault, look_up
from dragoman.recipe.schema import Recipe, Table, TextSource

PART_BYTES = 64 << 20  # of a part, or more where there would be too many
MOST_PARTS = 120  # of files, or up to twice as many: two files of each stay open, and a process may often open 1,024
TOGETHER = 1 << 20  # bytes of text in a batch
MANY = 10_000  # faults in a batch
VOCABULARY_BYTES = 512 << 20  # of raw text, that a vocabulary is trained on: more takes time and finds no other pieces


class Batch(NamedTuple):
    """Some documents of a part. faults: why others of no use are none, one reason for each."""

    texts: list[str]
    faults: list[str]


@dataclass(frozen=True)
class Part:
    """Text that becomes one shard. kind: where it is from; number: which of these sources or tables.

    size: bytes on disk, as far as that is known. name: for people to read.
    """

    kind: Literal["source", "table", "pairs"]
    name: str
    number: int = 0
    pieces: tuple[Piece, ...] = ()
    size: int = 0

    def units(self) -> list[Part]:
        """Each of its pieces as a part of its own."""
        return [replace(self, pieces=(piece,), size=piece.size) for piece in self.pieces] or [self]


@dataclass(frozen=True)
class Texts:
    """All text of a recipe's pretraining. pairs: the recipe whose training rows belong to it. folder: the recipe's."""

    sources: tuple[TextSource, ...]
    tables: tuple[Table, ...]
    pairs: Recipe | None
    folder: Path

    def parts(self) -> list[Part]:
        """In the order of the recipe. Raises RequestError for files that are missing or cannot be read."""
        parts = []
        found = pieces_of(self.sources, self.folder)
        limit = max(PART_BYTES, sum(map(_bytes, found)) // MOST_PARTS)
        for number, pieces in groupby(found, lambda piece: piece.source):
            for group in _grouped(pieces, limit):
                size = sum(piece.size for piece in group)
                parts.append(Part("source", str(group[0].file), number, tuple(group), size))
        for number, table in enumerate(self.tables):
            parts.append(Part("table", describe_source(table), number, size=_table_bytes(table, self.folder)))
        if self.pairs is not None:
            parts.append(Part("pairs", "the training rows"))
        return parts

    def files(self, part: Part) -> list[Path]:
        """The files that a part is read from; none of what is on the hub."""
        if part.kind == "source":
            local = [] if self.sources[part.number].hub is not None else [piece.file for piece in part.pieces]
            return list(dict.fromkeys(local))
        if part.kind == "table":
            return source_files(self.tables[part.number], self.folder)
        assert self.pairs is not None
        return [file for source in self.pairs.data.train for file in source_files(source, self.folder)]

    def documents(self, part: Part) -> Iterator[Batch]:
        """The documents of a part, some at a time. Memory: a batch."""
        if part.kind == "source":
            for piece in part.pieces:
                for found in read_piece(piece, self.sources[piece.source], batch_bytes=TOGETHER):
                    yield Batch(found.table.column("text").to_pylist(), [bad.reason for bad in found.bad])
        elif part.kind == "table":
            yield from _batches(self._cells(self.tables[part.number]))
        else:
            assert self.pairs is not None
            dataset = Dataset(self.pairs.data, self.folder, self.pairs.seed, task=self.pairs.task)
            yield from _batches(side for example in dataset.train() for side in _sides(example))

    def _cells(self, table: Table) -> Iterator[tuple[str | None, str]]:
        """Text, or None and what is wrong, of each column of each row."""
        before: dict[str, str] = {}  # lists of pairs name a sentence once for each of its translations
        for row in read_source(table, self.folder):
            if isinstance(row, BadRow):
                yield None, row.reason
                continue
            for name in table.columns:
                value = look_up(row.columns, name)
                text = as_text(value)
                if text and text == before.get(name):
                    yield None, f"column '{name}' repeats the row before"
                else:
                    yield (text, "") if text else (None, fault(name, value))
                before[name] = text or ""

    def beginnings(self, most: int) -> Iterator[str]:
        """Documents of about `most` bytes in all, the first ones of every piece of text: to train a vocabulary on, to
        judge by. Of very many pieces some are passed over. The training rows are left out.
        """
        units = [unit for part in self.parts() if part.kind != "pairs" for unit in part.units()]
        units = units[:: max(1, math.ceil(len(units) * TOGETHER / most))]
        for unit in units:
            left = most // len(units)
            for batch in self.documents(unit):
                yield from batch.texts
                left -= sum(map(len, batch.texts))
                if left <= 0:
                    break


def _sides(example: Example) -> Iterator[tuple[str | None, str]]:
    """Source and target, each a document; of a conversation every turn."""
    texts = [turn.content for turn in example.messages] if example.messages else [example.source, example.target]
    yield from ((text, "") if text.strip() else (None, "empty") for text in texts)


def _batches(cells: Iterator[tuple[str | None, str]]) -> Iterator[Batch]:
    """Texts of about TOGETHER bytes at a time."""
    texts, faults, size = list[str](), list[str](), 0
    for text, reason in cells:
        if text is None:
            faults.append(reason)
        else:
            texts.append(text)
            size += len(text)
        if size >= TOGETHER or len(faults) >= MANY:
            yield Batch(texts, faults)
            texts, faults, size = [], [], 0
    if texts or faults:
        yield Batch(texts, faults)


def _table_bytes(table: Table, folder: Path) -> int:
    """Of its columns that are read, if all are alike; 0 for a data set on the hub."""
    files = sum(file.stat().st_size for file in source_files(table, folder) if file.is_file())
    known = len(column_names(table, folder)) if files else 0
    return files * len(table.columns) // max(known, len(table.columns))


def _bytes(piece: Piece) -> int:
    """Its size; a guess where nobody knows it."""
    return piece.size or PART_BYTES


def _grouped(pieces: Iterator[Piece], limit: int) -> Iterator[list[Piece]]:
    """Pieces that follow each other, as many as make a part of at most `limit` bytes, or one that is larger."""
    group: list[Piece] = []
    size = 0
    for piece in pieces:
        if group and size + _bytes(piece) > limit:
            yield group
            group, size = [], 0
        group.append(piece)
        size += _bytes(piece)
    if group:
        yield group


def texts_of(recipe: Recipe, folder: Path, corpus: Path | None) -> Texts:
    """What the recipe pretrains on. corpus: the folder with the files of its cleaned corpus; None: not cleaned yet.

    A corpus that is not cleaned yet is taken as it stands: it can be judged by then, though not learnt from.
    """
    assert recipe.pretraining is not None
    settings = recipe.pretraining
    cleaned = corpus_sources(recipe, corpus) if "corpus" in learnt_data(recipe) else []
    pairs = recipe if "pairs" in learnt_data(recipe) else None
    return Texts((*cleaned, *settings.sources), tuple(settings.tables), pairs, folder)


def vocabulary_texts(recipe: Recipe, folder: Path, corpus: Path | None) -> Texts:
    """What a vocabulary is trained on beside the training rows: the corpus, and all that is pretrained on."""
    settings = recipe.pretraining
    sources = (*corpus_sources(recipe, corpus), *(settings.sources if settings else ()))
    return Texts(sources, tuple(settings.tables) if settings else (), None, folder)


def corpus_sources(recipe: Recipe, corpus: Path | None) -> list[TextSource]:
    if recipe.corpus is None:
        return []
    # absolute: the run stands where the command was given, a recipe's paths start from the recipe's folder
    return recipe.corpus.sources if corpus is None else [TextSource(path=str(corpus.absolute()))]


def learnt_data(recipe: Recipe) -> list[str]:
    """Which of the recipe's own data is pretrained on."""
    assert recipe.pretraining is not None
    if recipe.pretraining.data is not None:
        return list(recipe.pretraining.data)
    return ["corpus"] if recipe.corpus is not None else []
