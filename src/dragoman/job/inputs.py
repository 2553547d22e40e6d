"""The files that a job reads. Stages are told apart by what they hold, so they have to hold it while they are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dragoman.base.errors import ChangedError
from dragoman.base.files import digest
from dragoman.data.standing import AGAIN


class Inputs:
    """Files by their digests, as they were when a job began."""

    def __init__(self) -> None:
        self.known: dict[Path, tuple[tuple[int, int], str]] = {}  # when it was changed last and its size; its digest

    def digest(self, file: Path) -> str:
        """The file's digest, which is noted."""
        self.known[file] = _stamp(file), digest(file)
        return self.known[file][1]

    def reading(self, work: Callable[[], None]) -> None:
        """Do work that reads them. Raises ChangedError where one went away or was changed meanwhile.

        Several parts of a job read the same file again, line by line: what comes of two states of it fits nowhere.
        """
        try:
            work()
        except Exception as error:  # whatever half a file leads to
            self._check(error)
            raise
        self._check(None)

    def _check(self, cause: Exception | None) -> None:
        for file, (stamp, known) in self.known.items():
            if not file.exists():
                raise ChangedError("has gone while it was needed", where=str(file), hint=AGAIN) from cause
            if _stamp(file) != stamp and digest(file) != known:  # touched alone is not changed
                raise ChangedError("was changed while it was being read", where=str(file), hint=AGAIN) from cause


def _stamp(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_mtime_ns, found.st_size
