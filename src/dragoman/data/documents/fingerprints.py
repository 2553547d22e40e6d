"""What the content of a piece is told by, so that nothing is done twice and nothing outdated is kept."""

from __future__ import annotations

import hashlib

from dragoman.base.errors import RequestError
from dragoman.data.documents.files import file_format
from dragoman.data.documents.piece import Piece
from dragoman.data.documents.streams import BLOCK
from dragoman.recipe.schema import TextSource


def fingerprint(piece: Piece, source: TextSource) -> str:
    """The BLAKE2 digest of a piece's bytes, or the commit of a data set on the hub. Names play no part."""
    if source.hub is not None:
        from dragoman.data.documents.hub import hub_state

        return f"{hub_state(str(piece.file), source)}:{piece.start}"
    digest = hashlib.blake2b(digest_size=16)
    with open(piece.file, "rb") as file:
        for start, length in _spans(piece, source):
            file.seek(start)
            while length != 0 and (block := file.read(BLOCK if length < 0 else min(BLOCK, length))):
                digest.update(block)
                length -= len(block) if length > 0 else 0
    return digest.hexdigest()


def _spans(piece: Piece, source: TextSource) -> list[tuple[int, int]]:
    """Where the bytes of a piece begin, and how many there are; -1 for all that follow."""
    if piece.stop is None:
        return [(piece.start, -1)]
    if file_format(source, piece.file) != "parquet":
        return [(piece.start, piece.stop - piece.start)]
    from dragoman.data.documents.tables import column_spans

    try:
        return column_spans(piece, source.column)
    except RequestError:  # reading it will say why
        return [(0, -1)]
