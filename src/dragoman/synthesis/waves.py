"""Orders sent side by side, and their answers judged in the order of the orders while others are still in flight.

- Orders are reserved for strictly in order: what a budget leaves out is always the end, never what was slow.
- Judging follows behind, up to the first order that is not settled, and takes no more than its share of the time.
- Memory: 16 bytes an order, whatever its words; those in flight aside.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from dragoman.synthesis.asks import Ask, Parameters, request_id
from dragoman.synthesis.halting import Halt
from dragoman.synthesis.ledger import Ledger
from dragoman.synthesis.money import Tariff
from dragoman.synthesis.sending import Request, Sender
from dragoman.synthesis.wire.face import Reply, Wire
from dragoman.synthesis.work import Order, SchemaError, Work, dump

GRACE = 30.0  # seconds that what is in flight has, once everything halts
BATCH = 32  # answers judged at a time
REST = 4.0  # after judging, so many times as long is for sending
TICK = 0.05  # seconds between looks at what is settled
BREATH = 64  # orders that need no request, after which others get a turn
ID = 16  # bytes


class Gate(Protocol):
    def take(self, ids: Sequence[str]) -> None:
        """Judge what was answered to these requests, in this order."""
        ...


class Requests:
    """From orders to requests."""

    def __init__(self, work: Work, wire: Wire, parameters: Parameters, tariff: Tariff):
        self.work, self.wire, self.parameters, self.tariff = work, wire, parameters, tariff

    def name(self, ask: Ask) -> str:
        return request_id(ask, self.parameters)

    def make(self, order: Order, ask: Ask, id: str) -> Request:
        body = to_bytes(self.wire.body(ask, self.parameters))
        tokens = (len(body), self.parameters.max_output_tokens)
        return Request(id, ask.version, dump(order), body, tokens, self.tariff.cost(*tokens))

    def is_usable(self, order: Order, reply: Reply) -> bool:
        """Whether there are pairs in the answer, good or bad."""
        if reply.finish != "stop":
            return False
        try:
            self.work.read(order, reply.text)
        except SchemaError:
            return False
        return True


def to_bytes(body: dict[str, Any]) -> bytes:
    """As it goes over the wire."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


class Wave:
    """One wave of orders. sender None: none is sent, and what was answered before is judged.

    report: is called for every order that is taken up.
    """

    def __init__(
        self,
        requests: Requests,
        ledger: Ledger,
        gate: Gate,
        *,
        sender: Sender | None,
        slots: asyncio.LifoQueue[int],
        halt: Halt,
        report: Callable[[], None],
    ):
        self.requests, self.ledger, self.gate, self.sender = requests, ledger, gate, sender
        self.slots, self.halt, self.report = slots, halt, report
        self._ids = bytearray()
        self._unsettled: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._judged, self._closed = 0, False

    def __len__(self) -> int:
        return len(self._ids) // ID

    async def run(self, orders: Iterable[Order]) -> None:
        """Until all are answered, or given up, and judged; or until everything halts.

        Raises what one of its parts raises, as an ExceptionGroup.
        """
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(self._send(orders, group))
            guard = group.create_task(self._guard(sending))
            group.create_task(self._follow())
            await asyncio.wait([sending])
            while self._tasks:
                await asyncio.wait(self._tasks)
            self._closed = True
            guard.cancel()

    async def _send(self, orders: Iterable[Order], group: asyncio.TaskGroup) -> None:
        for number, order in enumerate(orders):
            ask = self.requests.work.ask(order)
            id = self.requests.name(ask)
            sender = self.sender
            if sender is not None and not sender.out_of_money and self.ledger.is_open(id):
                request = self.requests.make(order, ask, id)
                slot = await self.slots.get()
                if await sender.budget.reserve(request.worst):
                    place = len(self)
                    self._unsettled.add(place)
                    task = group.create_task(self._see_through(sender, request, order, slot, place))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                else:
                    sender.too_dear = request.worst
                    self.slots.put_nowait(slot)
            elif number % BREATH == 0:
                await asyncio.sleep(0)
            self._ids += bytes.fromhex(id)
            self.report()

    async def _see_through(self, sender: Sender, request: Request, order: Order, slot: int, place: int) -> None:
        try:
            await sender.see_through(request, slot, lambda reply: self.requests.is_usable(order, reply))
        finally:
            self._unsettled.discard(place)
            self.slots.put_nowait(slot)

    async def _guard(self, sending: asyncio.Task[None]) -> None:
        """Once everything halts: no more orders, and an end to those that take too long."""
        await self.halt.wait()
        sending.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE)
        for task in self._tasks:
            task.cancel()

    async def _follow(self) -> None:
        while not self.halt.asked:
            ready = min(self._unsettled, default=len(self))
            if self._judged < ready:
                began = time.perf_counter()
                stop = min(ready, self._judged + BATCH)
                self.gate.take([self._id(place) for place in range(self._judged, stop)])
                self._judged = stop
                await asyncio.sleep(REST * (time.perf_counter() - began) if self._unsettled else 0)
            elif self._closed:
                return
            else:
                await asyncio.sleep(TICK)

    def _id(self, place: int) -> str:
        return self._ids[ID * place : ID * (place + 1)].hex()
