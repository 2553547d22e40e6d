"""Files that must stay as they are while they are in use: held open for long, or read from end to end.

What is cut off a memory-mapped file kills the process that touches it, and what is overwritten is read as if it had
always been so. Both are found out here, by the size and the time of the last change. A file that is only deleted can
still be read by whoever holds it open.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from dragoman.base.errors import ChangedError
from dragoman.base.files import digest

AGAIN = "put it back as it was, or give the same command again: it is then read anew, and nothing that is done is lost"

Stamp = tuple[int, int]  # size, time of the last change
NO_DIGESTS: Mapping[Path, str] = MappingProxyType({})


class Standing:
    """A file that is held open, or mapped into memory. Raises OSError where there is none.

    hint: what to do once it has changed.
    """

    def __init__(self, path: Path, hint: str):
        self.path, self.hint = path, hint
        self.handle = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self.handle)
        self.stamp = self._now()

    def _now(self) -> Stamp:
        return _stamp(os.fstat(self.handle))

    def check(self) -> None:
        """Raise ChangedError where it is not what it was. Takes about a microsecond."""
        if self._now() != self.stamp:
            raise ChangedError("was cut or overwritten while it was in use", where=str(self.path), hint=self.hint)


def stamps_of(files: Iterable[Path]) -> dict[Path, Stamp]:
    """What files are told by, now. Raises OSError where one is missing."""
    return {file: _stamp(file.stat()) for file in files}


@contextmanager
def unchanged(stamps: Mapping[Path, Stamp], digests: Mapping[Path, str] = NO_DIGESTS) -> Iterator[None]:
    """A block that reads files. Raises ChangedError where one has gone, or is not as its stamp says: half a file may
    be read without an error, or lead to any.

    digests: of files that may be touched, as long as they hold the same. Files may be added while the block runs.
    """
    try:
        yield
    except Exception as error:
        _check(stamps, digests, error)
        raise
    _check(stamps, digests, None)


def _check(stamps: Mapping[Path, Stamp], digests: Mapping[Path, str], cause: Exception | None) -> None:
    for file, stamp in stamps.items():
        if not file.exists():
            raise ChangedError("has gone while it was needed", where=str(file), hint=AGAIN) from cause
        if _stamp(file.stat()) != stamp and (file not in digests or digest(file) != digests[file]):
            raise ChangedError("was changed while it was being read", where=str(file), hint=AGAIN) from cause


def _stamp(found: os.stat_result) -> Stamp:
    return found.st_size, found.st_mtime_ns
