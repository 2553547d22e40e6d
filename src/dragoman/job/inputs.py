"""The files that a job reads. Stages are told apart by what they hold, so they have to hold it while they are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dragoman.base.files import digest
from dragoman.data.standing import Stamp, stamps_of, unchanged


class Inputs:
    """Files by their digests, as they were when a job began."""

    def __init__(self) -> None:
        self._stamps: dict[Path, Stamp] = {}
        self._digests: dict[Path, str] = {}

    def digest(self, file: Path) -> str:
        """The file's digest, which is noted."""
        self._stamps |= stamps_of([file])
        self._digests[file] = digest(file)
        return self._digests[file]

    def reading(self, work: Callable[[], None]) -> None:
        """Do work that reads them. Raises ChangedError where one went away or was changed meanwhile; touched alone is
        not changed.

        Several parts of a job read the same file again, line by line: what comes of two states of it fits nowhere.
        """
        with unchanged(self._stamps, self._digests):
            work()
