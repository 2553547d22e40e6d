"""Web archives: the documents of WET files, and the pages of WARC files as text (ISO 28500:2017).

A WET file's documents are its `conversion` records. A WARC file's are its `response` records that hold a page of HTML
with status 200; their tags are taken away by `html_text`. Records are read one after the other, at the memory of one.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import closing

from dragoman.data.documents.document import TOO_LONG, BadDocument, DamagedError, Found
from dragoman.data.documents.html_text import html_text
from dragoman.data.documents.piece import Piece
from dragoman.data.documents.streams import Reader, read_blocks
from dragoman.data.rows import excerpt

PAGE_BYTES = 5_000_000  # of the longest page: taken apart, it takes up to fifty times as much memory
HEADER_LINE = 1 << 16  # bytes
STATUS = re.compile(rb"HTTP/\d(?:\.\d)? 200\b")
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
PAGES = ("text/html", "application/xhtml+xml")


class _PageError(Exception):
    """A page without a readable text; the message is the reason."""


def read_wet(piece: Piece, limit: int) -> Iterator[Found | BadDocument]:
    """The documents of a WET file. limit: bytes of the longest one."""
    with closing(read_blocks(piece.file)) as blocks:
        number = 0
        for kind, _, length, reader in _records(Reader(blocks)):
            if kind != "conversion":
                reader.skip(length)
                continue
            number += 1
            if length > limit:
                reader.skip(length)
                yield BadDocument(number, TOO_LONG)
                continue
            content = reader.take(length)
            try:
                yield Found(number, content.decode())
            except UnicodeDecodeError:
                yield BadDocument(number, "not UTF-8", excerpt(content))


def read_warc(piece: Piece) -> Iterator[Found | BadDocument]:
    """The pages of a WARC file as text."""
    with closing(read_blocks(piece.file)) as blocks:
        number = 0
        for kind, media, length, reader in _records(Reader(blocks)):
            if kind != "response" or not media.startswith("application/http"):
                reader.skip(length)
                continue
            if length > PAGE_BYTES:
                reader.skip(length)
                number += 1
                yield BadDocument(number, TOO_LONG)
                continue
            try:
                page = _page(reader.take(length))
            except _PageError as error:
                number += 1
                yield BadDocument(number, str(error))
                continue
            if page is not None:
                number += 1
                yield Found(number, page)


def _records(reader: Reader) -> Iterator[tuple[str, str, int, Reader]]:
    """Kind, media type and length of each record, with the reader standing at its content: take or skip all of it."""
    while True:
        line = reader.line(HEADER_LINE)
        if line is None:
            return
        if not line:  # two empty lines follow each record
            continue
        if not line.startswith(b"WARC/"):
            raise DamagedError("no record of a web archive where one should begin")
        headers = _headers(reader)
        try:
            length = int(headers.get("content-length", ""))
        except ValueError:
            raise DamagedError("a record without a length") from None
        if length < 0:
            raise DamagedError("a record without a length")
        yield headers.get("warc-type", "").lower(), headers.get("content-type", "").lower(), length, reader


def _headers(reader: Reader) -> dict[str, str]:
    headers: dict[str, str] = {}
    while line := reader.line(HEADER_LINE):
        name, _, value = line.decode("utf-8", "replace").partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return headers


def _page(response: bytes) -> str | None:
    """The text of an HTTP response (RFC 9112); None for what is no page. Raises _PageError."""
    reader = Reader(iter([response]))
    status = reader.line(len(response))
    if status is None or not STATUS.match(status):
        return None
    headers = _headers(reader)
    media = headers.get("content-type", "").lower()
    if not media.startswith(PAGES):
        return None
    try:
        body = reader.rest()
        if "chunked" in headers.get("transfer-encoding", "").lower():
            body = _joined(body)
        body = _inflated(body, headers.get("content-encoding", "").lower())
    except (DamagedError, ValueError, zlib.error):
        raise _PageError("a page that cannot be unpacked") from None
    declared = CHARSET.search(media)
    try:
        text = html_text(body, declared[1] if declared else None)
    except Exception:  # of a parser that meets what nobody has written before
        raise _PageError("a page that cannot be taken apart") from None
    if text is None:
        raise _PageError("a page in another encoding than it says")
    return text


def _joined(body: bytes) -> bytes:
    """A body that was sent in chunks. An archive may have joined them already: then it stays as it is."""
    if not re.match(rb"[0-9A-Fa-f]+[ \t]*(;[^\r\n]*)?\r?\n", body):
        return body
    reader, parts = Reader(iter([body])), list[bytes]()
    while line := reader.line(HEADER_LINE):
        length = int(line.split(b";")[0], 16)
        if not length:
            break
        parts.append(reader.take(length))
        reader.line(HEADER_LINE)
    return b"".join(parts)


def _inflated(body: bytes, coding: str) -> bytes:
    """A compressed body; one that an archive has unpacked already stays as it is. Raises zlib.error, ValueError."""
    if coding not in ("gzip", "x-gzip", "deflate") or (coding != "deflate" and not body.startswith(b"\x1f\x8b")):
        return body
    unpacker = zlib.decompressobj(wbits=47)  # either header
    plain = unpacker.decompress(body, PAGE_BYTES)
    if not unpacker.eof:
        raise ValueError("it breaks off, or is longer than any page")
    return plain
