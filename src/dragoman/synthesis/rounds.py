"""The rounds of a synthesis: a wave of orders, those that were cut off in halves, then orders for what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from itertools import chain

from dragoman.base.progress import Bar
from dragoman.recipe.schema import Synthesis
from dragoman.synthesis.gates import Gates
from dragoman.synthesis.halting import Halt
from dragoman.synthesis.ledger import Ledger, Totals
from dragoman.synthesis.money import Tariff
from dragoman.synthesis.sending import Sender
from dragoman.synthesis.waves import Requests, Wave
from dragoman.synthesis.work import Order, Work

SHOWN = 0.2  # seconds between looks at the progress


class Rounds:
    """sender None: nothing is sent, and the answers that are there are judged."""

    def __init__(
        self, settings: Synthesis, work: Work, requests: Requests, ledger: Ledger, gates: Gates, sender: Sender | None
    ):
        self.settings, self.work, self.requests = settings, work, requests
        self.ledger, self.gates, self.sender = ledger, gates, sender
        self.orders = 0  # taken up so far

    async def run(self, halt: Halt) -> None:
        """Until nothing is missing, or the recipe's rounds are over, or money runs out, or everything halts."""
        slots = asyncio.LifoQueue[int]()  # the connection that was used last is open still
        for slot in range(self.settings.sending.concurrency):
            slots.put_nowait(slot)
        orders: Iterable[Order] = self.work.first()
        for round in range(1, self.settings.rounds + 1):
            if round > 1:
                missing = self.work.refill(round, self.gates, self.gates.unusable)
                first = next(missing, None)
                if first is None:
                    return
                if self.sends:
                    self.ledger.replace(self.gates.failed)
                orders = chain([first], missing)
            self.gates.begin_round()
            before = self.gates.answers + self.gates.splits
            await self._round(orders, halt, slots)
            found = self.gates.answers + self.gates.splits > before
            if halt.asked or not (self.sends or found):
                return

    @property
    def sends(self) -> bool:
        return self.sender is not None and not self.sender.out_of_money

    async def _round(self, orders: Iterable[Order], halt: Halt, slots: asyncio.LifoQueue[int]) -> None:
        while True:
            self.gates.cut = []
            wave = Wave(
                self.requests, self.ledger, self.gates, sender=self.sender, slots=slots, halt=halt, report=self._count
            )
            await wave.run(orders)
            if halt.asked or not self.gates.cut:
                return
            orders = self.gates.cut

    def _count(self) -> None:
        self.orders += 1


async def show(bar: Bar, before: Totals, rounds: Rounds, tariff: Tariff) -> None:
    """Keep a progress bar current: pairs, rejects, requests, tokens, money. before: what was there at the start."""
    while True:
        draw(bar, before, rounds, tariff)
        await asyncio.sleep(SHOWN)


def draw(bar: Bar, before: Totals, rounds: Rounds, tariff: Tariff) -> None:
    bar.done = rounds.gates.kept
    bar.note(" · ".join(_figures(before, rounds, tariff)))


def _figures(before: Totals, rounds: Rounds, tariff: Tariff) -> Iterator[str]:
    gates, sender = rounds.gates, rounds.sender
    sent, tokens = (0, 0) if sender is None else (sender.sent, sender.tokens)
    yield f"{sum(gates.rejected.values()):,} rejected"
    if useless := sum(gates.useless.values()):
        yield f"{useless:,} answers unusable"
    yield f"{before.attempts + sent:,} requests"
    yield f"{_short(before.input_tokens + before.output_tokens + tokens)} tokens"
    if not tariff.free and sender is not None:
        left = "" if tariff.limit is None else f", {tariff.shown(max(0, tariff.limit - sender.budget.spent), 2)} left"
        yield f"{tariff.shown(sender.budget.spent, 2)} spent{left}"


def _short(number: int) -> str:
    """1234567 -> 1.23 M."""
    for size, unit in ((10**9, " G"), (10**6, " M"), (10**3, " k")):
        if number >= size:
            return f"{number / size:.2f}{unit}"
    return str(number)
