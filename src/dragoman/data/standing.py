"""Files that must stay as they are while they are in use.

What is cut off a memory-mapped file kills the process that touches it, and what is overwritten is read as if it had
always been so. Both are found out here, by the size and the time of the last change. A file that is only deleted can
still be read by whoever holds it open.
"""

from __future__ import annotations

import os
import weakref
from pathlib import Path

from dragoman.base.errors import ChangedError


class Standing:
    """A file that is held open, or mapped into memory. Raises OSError where there is none.

    hint: what to do once it has changed.
    """

    def __init__(self, path: Path, hint: str):
        self.path, self.hint = path, hint
        self.handle = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self.handle)
        self.stamp = self._now()

    def _now(self) -> tuple[int, int]:
        found = os.fstat(self.handle)
        return found.st_size, found.st_mtime_ns

    def check(self) -> None:
        """Raise ChangedError where it is not what it was. Takes about a microsecond."""
        if self._now() != self.stamp:
            raise ChangedError("was cut or overwritten while it was in use", where=str(self.path), hint=self.hint)
