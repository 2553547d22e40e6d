"""Plain text: a document is a line, a paragraph (what stands between empty lines) or a whole file.

Encodings in which a line's end is not the byte 0x0a, such as UTF-16, are turned into UTF-8 on the way.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import closing

from dragoman.data.documents.document import TOO_LONG, BadDocument, Found
from dragoman.data.documents.piece import Piece
from dragoman.data.documents.streams import read_blocks, read_lines, without_mark
from dragoman.data.rows import excerpt
from dragoman.recipe.schema import TextSource

REPLACED = "\N{REPLACEMENT CHARACTER}"


def by_bytes(encoding: str) -> bool:
    """Whether lines can be told apart before they are decoded."""
    return "\n".encode(encoding) == b"\n"


def read_plain(piece: Piece, source: TextSource, limit: int) -> Iterator[Found | BadDocument]:
    """The documents of a piece. limit: bytes of the longest one."""
    with closing(read_blocks(piece.file, piece.start, piece.stop)) as blocks:
        decoder = _Decoder(source.encoding)
        raw: Iterator[bytes] = blocks if by_bytes(source.encoding) else _as_utf8(blocks, source.encoding)
        if piece.start == 0 and decoder.is_utf8:
            raw = without_mark(raw)
        match source.document:
            case "file":
                yield from _file(raw, decoder, limit)
            case "line":
                yield from _lines(raw, decoder, piece.first_row, limit)
            case _:
                yield from _paragraphs(raw, decoder, piece.first_row, limit)


class _Decoder:
    """Bytes to text, and how a failure is called."""

    def __init__(self, encoding: str):
        self.transcoded = not by_bytes(encoding)
        self.encoding = "utf-8" if self.transcoded else encoding
        self.reason = f"not {encoding.upper()}"
        self.is_utf8 = codecs.lookup(self.encoding).name == "utf-8"

    def document(self, row: int, raw: bytes) -> Found | BadDocument:
        try:
            text = raw.decode(self.encoding)
        except UnicodeError:
            return BadDocument(row, self.reason, excerpt(raw))
        if self.transcoded and REPLACED in text:
            return BadDocument(row, self.reason, excerpt(text))
        return Found(row, text)


def _lines(raw: Iterator[bytes], decoder: _Decoder, first_row: int, limit: int) -> Iterator[Found | BadDocument]:
    for row, line in enumerate(read_lines(raw, limit), start=first_row):
        if line is None:
            yield BadDocument(row, TOO_LONG)
        elif line := line.rstrip():
            yield decoder.document(row, line)


def _paragraphs(raw: Iterator[bytes], decoder: _Decoder, first_row: int, limit: int) -> Iterator[Found | BadDocument]:
    parts: list[bytes] = []
    size, begins = 0, first_row
    for row, line in enumerate(read_lines(raw, limit), start=first_row):
        if line is not None and not line.strip():
            if size:
                yield BadDocument(begins, TOO_LONG) if size > limit else decoder.document(begins, b"\n".join(parts))
            parts, size = [], 0
            continue
        if not size:
            begins = row
        size += limit + 1 if line is None else len(line) + 1
        if size > limit or line is None:
            parts = []
        else:
            parts.append(line.rstrip())
    if size:
        yield BadDocument(begins, TOO_LONG) if size > limit else decoder.document(begins, b"\n".join(parts))


def _file(raw: Iterator[bytes], decoder: _Decoder, limit: int) -> Iterator[Found | BadDocument]:
    parts: list[bytes] = []
    size = 0
    for block in raw:
        size += len(block)
        if size > limit:
            yield BadDocument(1, TOO_LONG)
            return
        parts.append(block)
    yield decoder.document(1, b"".join(parts).replace(b"\r\n", b"\n"))


def _as_utf8(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The same text in UTF-8, with a replacement character for what cannot be decoded."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for block in blocks:
        yield decoder.decode(block).encode()
    yield decoder.decode(b"", final=True).encode()
