"""Lines of UTF-8 text files, as bytes.

- A line ends at "\\n" and nowhere else: U+2028, U+0085 and vertical tabs are part of the text.
- The "\\r" of a CRLF file belongs to the line's end and is dropped; a byte order mark is skipped.
- Decoding is left to whoever reads the line, so that undecodable bytes cost one row and not the file.
- Memory is one line, time is linear in its length.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from dragoman.base.errors import RequestError
from dragoman.data.rows import BadRow, Origin, excerpt


def raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Every line with its end, and the byte offset in the file at which it starts.

    Raises RequestError for UTF-16 and UTF-32, which spreadsheets like to write and which would decode to rubbish.
    """
    with open(path, "rb") as file:
        offset = 0
        for line in file:
            start = offset
            offset += len(line)
            if start == 0:
                if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
                    raise RequestError("is UTF-16 or UTF-32", where=str(path), hint="save it as UTF-8")
                if b"\0" in line:  # without a byte order mark, every other byte of Latin text in UTF-16 is one
                    raise RequestError(
                        "is UTF-16, or no text at all: its first line holds NUL characters", where=str(path),
                        hint="save it as UTF-8",
                    )  # fmt: skip
                if line.startswith(codecs.BOM_UTF8):
                    start, line = len(codecs.BOM_UTF8), line[len(codecs.BOM_UTF8) :]
            yield start, line


def without_end(line: bytes) -> bytes:
    """The line less its "\\n" or "\\r\\n"."""
    return line.removesuffix(b"\n").removesuffix(b"\r")


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Every line without its end, and the byte offset in the file at which it starts."""
    return ((offset, without_end(line)) for offset, line in raw_lines(path))


def not_utf8(raw: bytes, offset: int, origin: Origin) -> BadRow:
    """The bad row for bytes that do not decode. offset: where `raw` starts in the file."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"byte 0x{raw[error.start]:02x} at offset {offset + error.start}"
        return BadRow(origin, "not UTF-8", excerpt(raw), detail)
    raise ValueError("these bytes are UTF-8")
