"""SIGINT and SIGTERM: the first asks for a clean stop, the second leaves at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dragoman.base.errors import Stop
from dragoman.base.signals import heeded_signals


class Interruption:
    """`signal` is the number of the signal that came, or None."""

    signal: int | None = None
    _cuttable = False

    @contextmanager
    def cuts_short(self) -> Iterator[None]:
        """A block that a signal leaves with Stop: what it does must be of the kind that can be done again."""
        self._cuttable = True
        try:
            yield
        finally:
            self._cuttable = False

    def note(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            os._exit(128 + number)
        self.signal = number
        # Not through Python's streams: the signal may have come while they were being written to.
        os.write(2, b"\nsaving, then leaving; once more to leave at once\n")
        if self._cuttable:
            raise Stop(number)


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Note signals instead of dying of them. Works in the main thread only, as Python's signals do."""
    asked = Interruption()
    before = {number: signal.signal(number, asked.note) for number in heeded_signals()}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
