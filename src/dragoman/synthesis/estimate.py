"""What a synthesis will ask for and cost at worst, before anything is sent."""

from __future__ import annotations

import heapq
import json
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.base.progress import progress
from dragoman.recipe.loading import LoadedTexts
from dragoman.synthesis.asks import Parameters
from dragoman.synthesis.evaluation import read_overlap
from dragoman.synthesis.ledger import read_answered
from dragoman.synthesis.money import Tariff
from dragoman.synthesis.output import LEDGER
from dragoman.synthesis.problems import refuse_faulty, settings_of
from dragoman.synthesis.run import folder_of, make_work
from dragoman.synthesis.server import Server
from dragoman.synthesis.waves import Requests

PROMPTS = 3  # that are shown


@dataclass(frozen=True)
class Estimate:
    """Of the first round, less what is answered already. Tokens and cost at worst: every byte of input is a token, and
    every answer as long as it may be. prompts: some requests as they would be sent.
    """

    url: str
    pairs: int
    requests: int
    answered: int
    input_tokens: int
    output_tokens: int
    cost: str | None
    budget: str | None
    spent: str | None
    passed_over: dict[str, int]
    prompts: list[str]

    def rows(self) -> list[tuple[str, str]]:
        """What to print: a name and a value each."""
        found = [
            ("server", self.url),
            ("requests", f"{self.requests:,} for {self.pairs:,} pairs"),
            ("answered before", f"{self.answered:,} requests, which cost nothing more" if self.answered else ""),
            ("tokens of input", f"{self.input_tokens:,} at worst: a token for every byte"),
            ("tokens of output", f"{self.output_tokens:,} at worst: every answer as long as it may be"),
            ("cost", f"{self.cost} at worst" if self.cost is not None else "no prices are given"),
            ("budget", self.budget or ""),
            ("spent before", self.spent or ""),
            *((f"passed over: {reason}", f"{number:,}") for reason, number in self.passed_over.items()),
        ]
        return [(name, value) for name, value in found if value]


def estimate(loaded: LoadedTexts, runs: Path) -> Estimate:
    """Go through the first round's orders. Nothing is sent, nothing is written, no key is needed.

    Raises RequestError for what is wrong with the recipe or its files.
    """
    refuse_faulty(loaded)
    return count(loaded, *read_answered(folder_of(loaded, runs) / LEDGER))


def count(loaded: LoadedTexts, answered: Container[str] = (), spent: int = 0) -> Estimate:
    """The same for a section that nothing is wrong with; a corpus is read for it, and nothing else.

    answered: requests that are answered already. spent: in parts of the currency.
    """
    settings = settings_of(loaded)
    tariff, server = Tariff(settings), Server(settings)
    with loaded.located():
        work = make_work(loaded, read_overlap(loaded, settings) if settings.translate is not None else None)
        requests = Requests(work, server.wire, Parameters.of(settings), tariff)
        pairs = fresh = known = inputs = outputs = 0
        chosen: list[tuple[int, str]] = []  # a heap: the highest hash on top
        with progress("counting requests", unit="requests") as bar:
            for order in bar.over(work.first()):
                ask = work.ask(order)
                id = requests.name(ask)
                if id in answered:
                    known += 1
                    continue
                request = requests.make(order, ask, id)
                fresh, pairs = fresh + 1, pairs + work.size(order)
                inputs, outputs = inputs + request.tokens[0], outputs + request.tokens[1]
                entry = (-int(id, 16), request.body.decode())
                heapq.heappush(chosen, entry) if len(chosen) < PROMPTS else heapq.heappushpop(chosen, entry)
    return Estimate(
        server.url,
        pairs,
        fresh,
        known,
        inputs,
        outputs,
        cost=None if tariff.free else tariff.shown(tariff.cost(inputs, outputs)),
        budget=None if tariff.limit is None else tariff.shown(tariff.limit),
        spent=tariff.shown(spent) if spent else None,
        passed_over=work.counts(),
        prompts=[_shown(server.url, json.loads(body)) for _, body in sorted(chosen, reverse=True)],
    )


def _shown(url: str, body: dict[str, Any]) -> str:
    return f"POST {url}\n{json.dumps(body, ensure_ascii=False, indent=2)}"
