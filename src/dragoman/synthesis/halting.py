"""Why sending stops before its end: a signal, or an error that makes going on useless."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from dragoman.base.errors import DragomanError
from dragoman.base.signals import heeded_signals


class Halt:
    """signal or error: the first reason that came; both None: nothing has."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self.error: DragomanError | None = None
        self._asked = asyncio.Event()

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def because_of(self, error: DragomanError) -> None:
        if not self.asked:
            self.error = error
            self._asked.set()

    def note(self, number: int) -> None:
        """A signal came. The second leaves at once."""
        if self.signal is not None:
            os._exit(128 + number)
        self.signal = number
        os.write(2, b"\nwaiting for what is in flight, then leaving; once more to leave at once\n")
        self._asked.set()

    async def wait(self) -> None:
        await self._asked.wait()

    async def rest(self, seconds: float) -> None:
        """Sleep, unless something makes it useless."""
        try:
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        except TimeoutError:
            pass


@contextmanager
def heeding(halt: Halt) -> Iterator[None]:
    """Have the running event loop note signals. Works in the main thread only, as Python's signals do."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in heeded_signals()}
    for number in before:
        loop.add_signal_handler(number, halt.note, number)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
