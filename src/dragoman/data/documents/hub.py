"""Texts of a data set on the hub, read as they are downloaded, a piece for each of its data files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from dragoman.data.documents.document import BadDocument, Found
from dragoman.data.documents.piece import Piece
from dragoman.data.documents.tables import MOST_ROWS, column_texts, column_type
from dragoman.data.readers.hub import hub_commit, local_folder, open_hub
from dragoman.data.readers.hub_errors import in_words
from dragoman.recipe.schema import Source, TextSource


def hub_pieces(number: int, source: TextSource, folder: Path) -> list[Piece]:
    """Raises RequestError as open_hub does, and where the data set has no such column of text."""
    rows = _rows_source(source, str(source.hub))
    local = local_folder(rows, folder)
    file = Path(str(source.hub)) if local is None else local
    with in_words(str(source.hub), source.revision):
        data = _stream(_rows_source(source, str(file)), source)
        if data.features is not None:
            column_type(data.features.arrow_schema, source.column, str(source.hub))
        return [Piece(number, file, shard, shard + 1) for shard in range(data.num_shards)]


@cache
def hub_state(hub: str, source: TextSource) -> str:
    """The commit that a data set is read at, for as long as the process lives; of a local folder its files' digest."""
    return hub_commit(_rows_source(source, hub), Path())


def read_hub_texts(piece: Piece, source: TextSource) -> Iterator[Found | BadDocument]:
    """The documents of one data file. Memory: a batch of rows. Raises RequestError where it cannot be downloaded."""
    with in_words(str(source.hub), source.revision):
        data = _stream(_rows_source(source, str(piece.file)), source)
        part = data.shard(num_shards=data.num_shards, index=piece.start)
        row = 1
        for table in part.with_format("arrow").iter(batch_size=MOST_ROWS):
            column_type(table.schema, source.column, str(source.hub))
            yield from column_texts(table, source.column, row)
            row += table.num_rows


def _rows_source(source: TextSource, hub: str) -> Source:
    """The same data set as the reader of rows knows it."""
    return Source(hub=hub, config=source.config, split=source.split, revision=source.revision, streaming=True)


def _stream(rows: Source, source: TextSource) -> Any:
    data = open_hub(rows, Path()).builder.as_streaming_dataset(split=source.split)
    if data.features is None or source.column not in data.features:
        return data
    return data.select_columns([source.column])
