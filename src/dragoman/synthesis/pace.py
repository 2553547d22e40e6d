"""So many a minute: requests or tokens. No 60 seconds, wherever they begin, see more."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

MINUTE = 61.0  # seconds: what is taken now goes out a little later, and not all of it equally so


@dataclass(slots=True)
class Taken:
    """What was taken at a time."""

    at: float
    amount: int
    gone: bool = False  # over a minute ago


class Pace:
    """What the last minute saw, entry by entry: memory is one entry for each thing taken in a minute."""

    def __init__(self, limit: int):
        self.limit = limit
        self._taken: deque[Taken] = deque()
        self._sum = 0

    def delay(self, amount: int, now: float) -> float:
        """Seconds until so much may be taken; 0 for now. Raises ValueError for more than the limit."""
        if amount > self.limit:
            raise ValueError(f"{amount} is more than {self.limit} a minute")
        while self._taken and self._taken[0].at + MINUTE <= now:
            oldest = self._taken.popleft()
            self._sum -= oldest.amount
            oldest.gone = True
        excess = self._sum + amount - self.limit
        if excess <= 0:
            return 0.0
        for entry in self._taken:
            excess -= entry.amount
            if excess <= 0:
                return entry.at + MINUTE - now
        raise AssertionError("all of a minute's entries are more than the limit")

    def take(self, amount: int, now: float) -> Taken:
        entry = Taken(now, amount)
        self._taken.append(entry)
        self._sum += amount
        return entry

    def lower(self, entry: Taken, amount: int) -> None:
        """Less was used of what was taken. Of an entry that is over a minute old nothing changes."""
        if not entry.gone:
            self._sum -= entry.amount - amount
            entry.amount = amount
