"""SIGINT and SIGTERM: the first asks for a clean stop, the second leaves at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interruption:
    """`signal` is the number of the signal that came, or None."""

    signal: int | None = None


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Note signals instead of dying of them. Works in the main thread only, as Python's signals do."""
    asked = Interruption()

    def note(number: int, frame: FrameType | None) -> None:
        if asked.signal is not None:
            os._exit(128 + number)
        asked.signal = number
        # Not through Python's streams: the signal may have come while they were being written to.
        os.write(2, b"\nsaving after this step; once more to leave at once\n")

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
