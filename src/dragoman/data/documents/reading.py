"""One piece, read: its documents in batches, and what of it is bad."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from dragoman.data.documents.document import DAMAGED, BadDocument, DamagedError, Documents, Found, batched
from dragoman.data.documents.files import file_format
from dragoman.data.documents.piece import Piece
from dragoman.recipe.schema import TextSource

BATCH_BYTES = 1 << 20
LONGEST = 10_000_000  # bytes of a document
NOTHING = "no documents"


def read_piece(
    piece: Piece, source: TextSource, *, batch_bytes: int = BATCH_BYTES, limit: int = LONGEST
) -> Iterator[Documents]:
    """The documents of a piece, in batches. Memory: a batch and the longest document.

    What is damaged, is no text, or is longer than `limit` bytes becomes a bad document. Raises RequestError where a
    data set on the hub cannot be reached any more, or a Parquet file has no such column.
    """
    return batched(islice(_found(piece, source, limit), piece.rows), batch_bytes, limit)


def count_documents(piece: Piece, source: TextSource, limit: int = LONGEST) -> int:
    """How many documents a piece has, bad ones too, up to its `rows`."""
    return sum(1 for _ in islice(_found(piece, source, limit), piece.rows))


def _found(piece: Piece, source: TextSource, limit: int) -> Iterator[Found | BadDocument]:
    """One by one. The rest of a damaged file is one bad document, and so is a piece with nothing in it."""
    row = piece.first_row - 1
    try:
        for one in _reader(piece, source, limit):
            row = one.row
            yield one
    except DamagedError as error:
        yield BadDocument(row + 1, f"{DAMAGED}: {error}")
    else:
        if row < piece.first_row:
            yield BadDocument(piece.first_row, NOTHING)


def _reader(piece: Piece, source: TextSource, limit: int) -> Iterator[Found | BadDocument]:
    if source.hub is not None:
        from dragoman.data.documents.hub import read_hub_texts

        return read_hub_texts(piece, source)
    match file_format(source, piece.file):
        case "jsonl":
            from dragoman.data.documents.json_lines import read_json

            return read_json(piece, source, limit)
        case "parquet":
            from dragoman.data.documents.tables import read_parquet_texts

            return read_parquet_texts(piece, source)
        case "wet":
            from dragoman.data.documents.web_archives import read_wet

            return read_wet(piece, limit)
        case "warc":
            from dragoman.data.documents.web_archives import read_warc

            return read_warc(piece)
        case _:
            from dragoman.data.documents.plain import read_plain

            return read_plain(piece, source, limit)
