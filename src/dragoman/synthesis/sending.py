"""One request from its reservation to its answer: rates, attempts, what the server asks, what may have cost something.

Whatever happens, each request ends in the ledger as answered, failed or open, and the budget knows what it cost or may
have cost.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from dragoman.base.errors import DragomanError, RequestError
from dragoman.recipe.schema import Synthesis
from dragoman.synthesis.commits import Commits
from dragoman.synthesis.halting import Halt
from dragoman.synthesis.ledger import Ledger
from dragoman.synthesis.money import Budget, Tariff
from dragoman.synthesis.pace import Pace, Taken
from dragoman.synthesis.server import Server, Trouble
from dragoman.synthesis.wire.face import Reply

FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0  # seconds of our own waiting: doubled after each attempt
MOST_PATIENCE = 900.0  # seconds: a server that asks for more will hardly answer in this start


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out. content: the order as JSON, for the ledger. worst: its cost at worst, in parts of the currency.

    tokens: input and output at worst. Bytes are never fewer than tokens, and all of the body counts.
    """

    id: str
    version: str
    content: str
    body: bytes
    tokens: tuple[int, int]
    worst: int


class Turn(NamedTuple):
    """A place in the rates. tokens: what was taken of theirs, where they are limited."""

    tokens: Taken | None


class Sender:
    """Sees requests through, any number at a time. sent, answered, tokens: in this start."""

    def __init__(
        self,
        settings: Synthesis,
        *,
        server: Server,
        ledger: Ledger,
        commits: Commits,
        tariff: Tariff,
        budget: Budget,
        halt: Halt,
    ):
        self.settings, self.model, self.server, self.ledger = settings.sending, settings.model, server, ledger
        self.commits, self.tariff, self.budget, self.halt = commits, tariff, budget, halt
        self.sent = self.answered = self.tokens = 0
        self.too_dear: int | None = None  # the worst case of a request that the budget did not reach any more
        self._has_answers = ledger.totals().answers > 0
        per_minute, tokens = self.settings.requests_per_minute, self.settings.tokens_per_minute
        self._requests = None if per_minute is None else Pace(per_minute)
        self._tokens = None if tokens is None else Pace(tokens)
        self._turns = asyncio.Lock()
        self._not_before = 0.0  # of the loop's clock: the server asked to wait until then
        self._failed_in_a_row = 0

    @property
    def out_of_money(self) -> bool:
        return self.too_dear is not None

    async def see_through(self, request: Request, slot: int, usable: Callable[[Reply], bool]) -> None:
        """Send until there is an answer, and record it; or as often as the recipe says.

        The caller has reserved the worst case; here it is settled. usable: whether an answer is what was asked for.
        """
        held = request.worst
        try:
            for attempt in range(1, self.settings.attempts + 1):
                if not held:  # the attempt before may have cost all that was reserved for it
                    if not await self.budget.reserve(request.worst):
                        self.too_dear = request.worst
                        return
                    held = request.worst
                turn = await self._turn(sum(request.tokens))
                if turn is None:
                    return
                self.ledger.send(
                    request.id,
                    model=self.model,
                    prompt=request.version,
                    content=request.content,
                    reserved=request.worst,
                )
                await self.commits.durable()
                self.sent += 1
                found = await self.server.post(slot, request.body)
                if isinstance(found, Reply):
                    cost = self._record(request, found, usable(found), turn)
                    self.budget.settle(held, cost)
                    held = 0
                    return
                if not found.free:
                    self.budget.settle(held, held)
                    held = 0
                self._note(request, found, turn)
                if not self._may_go_on(request, found, attempt):
                    return
                await self.halt.rest(self._wait(request.id, attempt, found))
        finally:
            self.budget.settle(held, 0)

    def _record(self, request: Request, reply: Reply, usable: bool, turn: Turn) -> int:
        """What the answer cost. Tokens that the server did not count are taken at their worst case."""
        counted = (reply.input_tokens, reply.output_tokens)
        tokens = tuple(most if own is None else own for own, most in zip(counted, request.tokens, strict=True))
        cost = self.tariff.cost(*tokens)
        self.ledger.record(request.id, reply, usable=usable, tokens=(tokens[0], tokens[1]), cost=cost)
        self.commits.note()
        self._lower(turn, min(sum(tokens), sum(request.tokens)))
        self.answered += 1
        self.tokens += sum(tokens)
        self._has_answers, self._failed_in_a_row = True, 0
        return cost

    def _note(self, request: Request, trouble: Trouble, turn: Turn) -> None:
        """Into the ledger with it; and where the server asks to wait, nobody sends until then."""
        if trouble.free:
            self.ledger.release(request.id, trouble.text)
            self._lower(turn, 0)
        else:
            self.ledger.lose(request.id, trouble.text)
        self.commits.note()
        if trouble.delay is not None:
            self._not_before = max(self._not_before, asyncio.get_running_loop().time() + trouble.delay)

    def _may_go_on(self, request: Request, trouble: Trouble, attempt: int) -> bool:
        """Whether to try once more. What no request of this start will get over halts everything."""
        if trouble.kind == "hopeless" or (trouble.kind == "declined" and not self._has_answers):
            self.halt.because_of(self.server.hopeless(trouble.text))
            return False
        if trouble.delay is not None and trouble.delay > MOST_PATIENCE:
            text = f"the server asks to wait {trouble.delay / 60:,.0f} minutes ({trouble.text})"
            self.halt.because_of(DragomanError(text, hint="run the same command again then: it goes on from here"))
            return False
        if trouble.kind == "again" and attempt < self.settings.attempts:
            return True
        self.ledger.fail(request.id)
        self.commits.note()
        self._failed_in_a_row += 1
        if self._failed_in_a_row >= self.settings.give_up_after:
            self.halt.because_of(
                DragomanError(
                    f"{self._failed_in_a_row} requests in a row failed at every attempt; the last: {trouble.text}",
                    where=self.server.where,
                    hint="run the same command again when the server is back: it goes on from here. --only-write "
                    "writes the pairs that are there",
                )
            )
        return False

    async def _turn(self, tokens: int) -> Turn | None:
        """Wait until rates and server allow one more request. None where everything halts."""
        loop = asyncio.get_running_loop()
        async with self._turns:
            while not self.halt.asked:
                now = loop.time()
                wait = self._not_before - now
                if self._requests is not None:
                    wait = max(wait, self._requests.delay(1, now))
                if self._tokens is not None:
                    if tokens > self._tokens.limit:
                        self.halt.because_of(self._too_large(tokens))
                        return None
                    wait = max(wait, self._tokens.delay(tokens, now))
                if wait <= 0:
                    if self._requests is not None:
                        self._requests.take(1, now)
                    return Turn(None if self._tokens is None else self._tokens.take(tokens, now))
                await self.halt.rest(wait)
        return None

    def _lower(self, turn: Turn, tokens: int) -> None:
        if self._tokens is not None and turn.tokens is not None:
            self._tokens.lower(turn.tokens, tokens)

    def _too_large(self, tokens: int) -> DragomanError:
        hint = (
            "lower max_output_tokens, or how much goes into one request; or raise the limit, if the server's is higher"
        )
        text = f"one request may take {tokens:,} tokens, which is more than a whole minute's"
        return RequestError(text, where="synthesis.sending.tokens_per_minute", hint=hint)

    def _wait(self, id: str, attempt: int, trouble: Trouble) -> float:
        """Seconds until the next attempt: what the server asks for, at least our own, doubled each time, with jitter.

        The jitter follows from the request, so that a run can be repeated.
        """
        dice = int.from_bytes(hashlib.blake2b(f"{id}/{attempt}".encode(), digest_size=4).digest(), "big") / 2**32
        own = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1)) * (0.5 + dice)
        return max(own, (trouble.delay or 0.0) * (1 + 0.1 * dice))
