"""The errors that a user can cause. Each says what is wrong, where, and what to do.

Exit codes of the command line: 0 done, 1 a check failed, 2 the request was wrong, 3 failed while running,
130/143 interrupted and resumable.
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable


class DragomanError(Exception):
    """Something failed while running. Shown without a traceback.

    message: what is wrong. where: file, row or key ("train.csv:17", "training.batch"). hint: what to do about it.
    """

    exit_code = 3

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None):
        self.message, self.where, self.hint = message, where, hint
        super().__init__(str(self))

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}\n  {self.hint}" if self.hint else text


class RequestError(DragomanError):
    """What was asked for cannot be done as it stands: a wrong recipe, a missing file, an impossible option."""

    exit_code = 2


class UnreachableError(RequestError):
    """What was asked for needs something that cannot be reached now: nothing is wrong with the request itself."""

    exit_code = 3


class ChangedError(DragomanError):
    """A file was cut or overwritten while it was being read: what it holds now is not what was begun with."""


class CheckError(DragomanError):
    """A check that the user asked for did not pass."""

    exit_code = 1


class Interrupted(DragomanError):  # noqa: N818 (nothing went wrong)
    """Stopped by a signal, everything saved: the same command goes on from here."""

    def __init__(self, message: str, *, signal: int, hint: str | None = None):
        super().__init__(message, hint=hint)
        self.exit_code = 128 + signal


class Stop(BaseException):
    """SIGINT or SIGTERM as an exception that nothing takes for an error: on its way out temporary files are cleared."""

    def __init__(self, signal: int):
        self.signal = signal
        super().__init__(signal)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The closest known word as a question ("did you mean 'epochs'?"), or None."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else None


def explained(error: OSError, doing: str | None = None) -> DragomanError:
    """What the machine refused, in words. Files are written whole or not at all, so nothing is half done.

    doing: what was being done, where that is known.
    """
    refusal = _refusal(error)
    if doing is not None:
        refusal.message = f"{doing}: {refusal.message}"
    return refusal


def _refusal(error: OSError) -> DragomanError:
    place = None if error.filename is None else str(error.filename)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DragomanError("the disk is full", where=place, hint="make room there, and give the same command again")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        hint = "change its permissions, or choose another place"
        return RequestError("may not be written or read", where=place, hint=hint)
    if error.errno in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
        what = "is a folder" if error.errno == errno.EISDIR else "something that is no folder is in the way"
        return RequestError(what, where=place, hint="move it away, or choose another place")
    return DragomanError(error.strerror or str(error), where=place)
