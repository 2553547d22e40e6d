"""Durable in groups: whoever waits for the disk waits for it together with the others."""

from __future__ import annotations

import asyncio
import time

from dragoman.synthesis.ledger import Ledger

PAUSE = 0.004  # seconds in which a group gathers
SHARE = 2.0  # at least so many times as long as the disk takes: most of the time is for other things


class Commits:
    """Commits a ledger's transaction again and again while `run` runs."""

    def __init__(self, ledger: Ledger):
        self.ledger = ledger
        self._waiting: list[asyncio.Future[None]] = []
        self._asked = asyncio.Event()

    async def durable(self) -> None:
        """Until everything that was written to the ledger so far is on disk."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._asked.set()
        await future

    def note(self) -> None:
        """Something was written that nobody waits for."""
        self._asked.set()

    async def run(self) -> None:
        pause = PAUSE
        while True:
            await self._asked.wait()
            await asyncio.sleep(pause)
            self._asked.clear()
            waiting, self._waiting = self._waiting, []
            began = time.perf_counter()
            self.ledger.commit()
            pause = max(PAUSE, SHARE * (time.perf_counter() - began))
            for future in waiting:
                if not future.done():
                    future.set_result(None)
