"""Pairs over a grid: every cell is asked for its quota, and in later rounds for what it still lacks."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from dragoman.base.seeds import derive
from dragoman.recipe.schema import Synthesis
from dragoman.synthesis.asks import Ask
from dragoman.synthesis.grid import Cell, quotas
from dragoman.synthesis.wording import ASPECTS, GENERATE, generate_schema, generate_system, generate_user
from dragoman.synthesis.work import Candidate, Order, Progress, SchemaError, Side, read_list, sound

INSPIRATIONS, ASPECTS_DRAWN, AVOIDED = 3, 4, 8  # of one request


class Generating:
    """An order is {"cell", "count", "batch", "avoid"}. batch: what tells orders for one cell apart, such as "2.1a": the
    round, the number in it, and the halves of halves.
    """

    version = GENERATE

    def __init__(self, settings: Synthesis, seed: int):
        assert settings.generate is not None
        assert settings.pairs is not None
        self.settings, self.grid, self.seed = settings, settings.generate, seed
        self.codes: dict[Side, str] = {"source": settings.languages.source, "target": settings.languages.target}
        self.quotas = quotas(self.grid, settings.pairs, seed)
        self._system = {side: generate_system(*self._ordered(side), settings.instructions) for side in self.codes}
        self._schema = {side: generate_schema(*self._ordered(side)) for side in self.codes}

    def first(self) -> Iterator[Order]:
        for cell, quota in self.quotas.items():
            yield from self._orders(cell, quota, 1, ())

    def refill(self, round: int, progress: Progress, unusable: Sequence[Order]) -> Iterator[Order]:
        for cell, quota in self.quotas.items():
            place = cell._asdict()
            yield from self._orders(cell, quota - progress.kept_in(place), round, progress.examples(place)[-AVOIDED:])

    def size(self, order: Order) -> int:
        return int(order["count"])

    def halves(self, order: Order) -> list[Order]:
        count = order["count"]
        if count == 1:
            return []
        parts = {"a": count - count // 2, "b": count // 2}
        return [order | {"count": part, "batch": order["batch"] + letter} for letter, part in parts.items()]

    def ask(self, order: Order) -> Ask:
        cell = order["cell"]
        written = _written(cell)
        seed = derive(self.seed, "generate", *cell.values(), order["batch"])
        dice = random.Random(seed)
        words = dice.sample(self.grid.words, min(INSPIRATIONS, len(self.grid.words)))
        user = generate_user(
            order["count"],
            topic=cell["topic"],
            level=cell["level"],
            register=cell["register"],
            length=cell["length"],
            written=self.codes[written],
            aspects=dice.sample(ASPECTS, ASPECTS_DRAWN),
            words=words,
            avoid=order["avoid"],
        )
        return Ask(self.version, self._system[written], user, self._schema[written], seed % 2**31)

    def read(self, order: Order, text: str) -> list[Candidate]:
        found = read_list(text, "pairs")
        if not found:
            raise SchemaError("an empty list")
        return [self._candidate(order["cell"], one) for one in found]

    def quota(self, place: dict[str, Any]) -> int | None:
        return self.quotas.get(Cell(**place), 0)

    def counts(self) -> dict[str, int]:
        return {}

    def _candidate(self, cell: dict[str, Any], value: Any) -> Candidate:
        pair = value if isinstance(value, dict) else {}
        source, target = (sound(pair.get(self.codes[side])) for side in ("source", "target"))
        fault = None if source and target and len(pair) == 2 else "not a pair of texts"
        return Candidate(source or "", target or "", _written(cell), cell, fault)

    def _orders(self, cell: Cell, missing: int, round: int, avoid: Sequence[str]) -> Iterator[Order]:
        most = self.grid.pairs_per_request
        for number, start in enumerate(range(0, missing, most), start=1):
            count = min(most, missing - start)
            yield {"cell": cell._asdict(), "count": count, "batch": f"{round}.{number}", "avoid": list(avoid)}

    def _ordered(self, written: Side) -> tuple[str, str]:
        """The codes of the language that is written first, and of the other."""
        codes = (self.codes["source"], self.codes["target"])
        return codes if written == "source" else (codes[1], codes[0])


def _written(cell: dict[str, Any]) -> Side:
    return "source" if cell["direction"] == "source-to-target" else "target"
