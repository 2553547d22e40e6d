"""Sources cut into pieces: always the same ones, in the order of the recipe and of the files' names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from dragoman.base.errors import RequestError
from dragoman.base.progress import progress
from dragoman.data.documents.files import file_format, text_files
from dragoman.data.documents.piece import Piece
from dragoman.data.documents.plain import by_bytes
from dragoman.data.documents.streams import compression_of
from dragoman.recipe.schema import TextSource

PIECE_BYTES = 64 << 20
BLOCK = 4 << 20


def pieces_of(sources: Sequence[TextSource], folder: Path, *, piece_bytes: int = PIECE_BYTES) -> list[Piece]:
    """The pieces of all sources. folder: the recipe's.

    Long uncompressed files are read once, for the number of their lines. A source with `rows` is read as far as they
    go. Raises RequestError as text_files and open_hub do.
    """
    pieces: list[Piece] = []
    with progress("cutting files into pieces", unit="files") as bar:
        for number, source in enumerate(sources):
            own: list[Piece] = []
            if source.hub is not None:
                from dragoman.data.documents.hub import hub_pieces

                own = hub_pieces(number, source, folder)
            else:
                for path in text_files(source, folder):
                    own += _file_pieces(number, path, source, piece_bytes)
                    bar.advance()
            pieces += own if source.rows is None else _first(own, source, source.rows)
    return pieces


def _first(pieces: list[Piece], source: TextSource, rows: int) -> Iterator[Piece]:
    """As many of the pieces as the first `rows` documents are in."""
    from dragoman.data.documents.reading import count_documents

    for number, piece in enumerate(pieces):
        piece = replace(piece, rows=rows)
        yield piece
        if number == len(pieces) - 1:
            return
        rows -= count_documents(piece, source)
        if rows <= 0:
            return


def _file_pieces(number: int, path: Path, source: TextSource, piece_bytes: int) -> Iterator[Piece]:
    format, size = file_format(source, path), path.stat().st_size
    whole, plain = Piece(number, path, 0, None, size=size), format == "text"
    streamed = format in ("wet", "warc") or compression_of(path) is not None
    if format == "parquet":
        yield from _parquet_pieces(whole, source, piece_bytes)
    elif streamed or (plain and (source.document == "file" or not by_bytes(source.encoding))):
        yield whole
    else:
        yield from _line_pieces(whole, piece_bytes, paragraphs=plain and source.document == "paragraph")


def _parquet_pieces(whole: Piece, source: TextSource, piece_bytes: int) -> Iterator[Piece]:
    """A file that cannot be opened is one piece, and reading it says why."""
    from dragoman.data.documents.tables import column_type, parquet_pieces
    from dragoman.data.readers.parquet import open_parquet

    try:
        file = open_parquet(whole.file)
    except RequestError:
        yield whole
        return
    with file:
        column_type(file.schema_arrow, source.column, str(whole.file))
        yield from parquet_pieces(whole.source, file, whole, piece_bytes)


def _line_pieces(whole: Piece, piece_bytes: int, *, paragraphs: bool) -> Iterator[Piece]:
    """Cut after a line, or after the empty line that ends a paragraph, so that no document is in two pieces."""
    start, row = 0, 1
    with open(whole.file, "rb") as file:
        while whole.size - start > piece_bytes:
            stop = _cut(file, start + piece_bytes, paragraphs=paragraphs)
            if stop >= whole.size:
                break
            yield Piece(whole.source, whole.file, start, stop, first_row=row, size=stop - start)
            row += _count_lines(file, start, stop)
            start = stop
    yield Piece(whole.source, whole.file, start, whole.size, first_row=row, size=whole.size - start)


def _cut(file: IO[bytes], at: int, *, paragraphs: bool) -> int:
    """The first place from `at` on where a document may begin."""
    file.seek(at)
    begins = False  # whether the part of a line that comes next is its beginning
    while part := file.readline(BLOCK):
        ends = part.endswith(b"\n")
        if ends and (not paragraphs or (begins and not part.strip())):
            break
        begins = ends
    return file.tell()


def _count_lines(file: IO[bytes], start: int, stop: int) -> int:
    file.seek(start)
    left, count = stop - start, 0
    while left > 0 and (block := file.read(min(BLOCK, left))):
        count += block.count(b"\n")
        left -= len(block)
    return count
