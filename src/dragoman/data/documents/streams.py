"""The bytes of a file, or of a part of it, in blocks; .gz and .zst are unpacked on the way.

Memory is one block. Several compressed members one after the other count as one stream, as the web's archives have it.
"""

from __future__ import annotations

import codecs
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

from dragoman.data.documents.document import DamagedError

BLOCK = 1 << 20
UNPACKED_BLOCK = 1 << 16  # where a stream breaks off, up to one of these before the break is lost
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}


def compression_of(path: Path) -> str | None:
    return COMPRESSIONS.get(path.suffix.lower())


def read_blocks(path: Path, start: int = 0, stop: int | None = None) -> Generator[bytes, None, None]:
    """The bytes from start to stop, which only an uncompressed file may have.

    Raises DamagedError where a compressed file is damaged or breaks off, or the file cannot be read on.
    """
    compression = compression_of(path)
    if compression is not None:
        yield from _unpacked(path, compression)
        return
    with open(path, "rb") as file:
        file.seek(start)
        left = None if stop is None else stop - start
        while left is None or left > 0:
            try:
                block = file.read(BLOCK if left is None else min(BLOCK, left))
            except OSError as error:
                raise DamagedError(_words(error)) from None
            if not block:
                return
            if left is not None:
                left -= len(block)
            yield block


def _unpacked(path: Path, compression: str) -> Iterator[bytes]:
    import pyarrow as pa

    with pa.OSFile(str(path)) as packed, pa.CompressedInputStream(packed, compression) as stream:
        while True:
            try:
                block = stream.read(UNPACKED_BLOCK)
            except (OSError, pa.ArrowException) as error:
                raise DamagedError(_words(error)) from None
            if not block:
                return
            yield block


def _words(error: Exception) -> str:
    if "truncated" in str(error).lower():
        return "the compressed file breaks off"
    return getattr(error, "strerror", None) or str(error).split("\n")[0]


def read_lines(blocks: Iterable[bytes], limit: int) -> Iterator[bytes | None]:
    """Lines without their ends ("\\n"); None for one of more than `limit` bytes, which is not held."""
    parts: list[bytes] = []
    held = 0  # bytes of the line that has begun
    for block in blocks:
        first, *others = block.split(b"\n")
        held += len(first)
        if held <= limit:
            parts.append(first)
        else:
            parts = []
        if not others:
            continue
        yield b"".join(parts) if held <= limit else None
        last = others.pop()
        for line in others:
            yield line if len(line) <= limit else None
        parts, held = [last] if len(last) <= limit else [], len(last)
    if held:
        yield b"".join(parts) if held <= limit else None


def without_mark(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks less a byte order mark of UTF-8, which is never cut in two: blocks are long."""
    yield next(blocks, b"").removeprefix(codecs.BOM_UTF8)
    yield from blocks


class Reader:
    """A stream that is taken from by lines and by counts of bytes."""

    def __init__(self, blocks: Iterator[bytes]):
        self._blocks, self._held, self._at = blocks, b"", 0

    def _more(self) -> bool:
        block = next(self._blocks, None)
        if block is None:
            return False
        self._held, self._at = self._held[self._at :] + block, 0
        return True

    def line(self, limit: int) -> bytes | None:
        """The next line without its end, None at the end of the stream. Raises DamagedError for a longer one."""
        searched = self._at
        while (end := self._held.find(b"\n", searched)) < 0:
            if len(self._held) - self._at > limit:
                raise DamagedError("a line of a header is too long")
            searched = len(self._held) - self._at  # where the new bytes will begin
            if not self._more():
                rest, self._held, self._at = self._held[self._at :], b"", 0
                return rest or None
        line = self._held[self._at : end]
        self._at = end + 1
        return line.removesuffix(b"\r")

    def take(self, count: int) -> bytes:
        """The next `count` bytes. Raises DamagedError where there are fewer."""
        return b"".join(self._parts(count))

    def rest(self) -> bytes:
        """All that is left."""
        rest = b"".join([self._held[self._at :], *self._blocks])
        self._held, self._at = b"", 0
        return rest

    def skip(self, count: int) -> None:
        for _ in self._parts(count):
            pass

    def _parts(self, count: int) -> Iterator[bytes]:
        while count:
            if self._at == len(self._held):
                self._held, self._at = b"", 0
                if not self._more():
                    raise DamagedError("a record breaks off")
            part = self._held[self._at : self._at + count]
            self._at += len(part)
            count -= len(part)
            yield part
