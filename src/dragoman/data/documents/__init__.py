"""Raw text of any size, read piece by piece at constant memory."""

from dragoman.data.documents.document import BadDocument, Documents
from dragoman.data.documents.files import text_files
from dragoman.data.documents.piece import Piece
from dragoman.data.documents.pieces import pieces_of
from dragoman.data.documents.reading import read_piece

__all__ = ["BadDocument", "Documents", "Piece", "pieces_of", "read_piece", "text_files"]
