"""The files that a recipe's text sources name."""

from __future__ import annotations

from collections.abc import Sequence

from dragoman.base.errors import RequestError
from dragoman.data.documents import text_files
from dragoman.recipe.loading import LoadedTexts
from dragoman.recipe.schema import TextSource
from dragoman.recipe.tree import Problem


def absent_texts(loaded: LoadedTexts, key: str, sources: Sequence[TextSource]) -> list[Problem]:
    """Those that are not there, may not be read, or that nothing says how to read. key: of the list of sources."""
    found: list[Problem] = []
    for number, source in enumerate(sources):
        if source.path is not None:
            try:
                text_files(source, loaded.folder)
            except RequestError as error:
                found.append(loaded.fault((*key.split("."), number), error))
    return found
