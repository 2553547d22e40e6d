"""Pieces put together to shards: what one process does in one go, some 64 MB of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from dragoman.data.documents import Piece
from dragoman.recipe.schema import TextSource

SHARD_BYTES = 64 << 20


@dataclass(frozen=True)
class Part:
    """A piece of a source, and what its file is called in everything that is written."""

    piece: Piece
    name: str


@dataclass(frozen=True)
class Shard:
    """number: its place in the order of the corpus, from 0."""

    number: int
    parts: tuple[Part, ...]

    @property
    def source(self) -> int:
        """The number of the source that all its parts are of."""
        return self.parts[0].piece.source

    @property
    def size(self) -> int:
        """Bytes on disk, about."""
        return sum(part.piece.size for part in self.parts)


def shards_of(
    pieces: Sequence[Piece], sources: Sequence[TextSource], folder: Path, shard_bytes: int = SHARD_BYTES
) -> list[Shard]:
    """Pieces that follow one another in a source, about `shard_bytes` together. folder: the recipe's."""
    shards: list[Shard] = []
    for source, own in groupby(pieces, key=lambda piece: piece.source):
        parts: list[Part] = []
        size = 0
        for piece in own:
            if parts and (piece.size == 0 or size + piece.size > shard_bytes):
                shards.append(Shard(len(shards), tuple(parts)))
                parts, size = [], 0
            parts.append(Part(piece, file_name(piece, sources[source], folder)))
            size += piece.size
        if parts:
            shards.append(Shard(len(shards), tuple(parts)))
    return shards


def file_name(piece: Piece, source: TextSource, folder: Path) -> str:
    """A file by its path from the recipe's folder, where it is in there; a data set's by its split and number."""
    name = str(piece.file)
    if piece.file.is_absolute() and piece.file.is_relative_to(folder):
        name = str(piece.file.relative_to(folder))
    return f"{name}/{source.split}/{piece.start}" if source.hub is not None else name
