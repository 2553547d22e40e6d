"""The receipt of a synthesis: what was asked, answered, kept and rejected, and what it cost."""

from __future__ import annotations

from collections import Counter
from typing import Any

from dragoman.recipe.schema import Synthesis
from dragoman.synthesis.gates import Gates
from dragoman.synthesis.generating import Generating
from dragoman.synthesis.grid import Cell
from dragoman.synthesis.ledger import Totals
from dragoman.synthesis.money import Tariff, amount
from dragoman.synthesis.server import Server
from dragoman.synthesis.work import Work


def make_receipt(
    name: str,
    settings: Synthesis,
    server: Server,
    work: Work,
    gates: Gates,
    totals: Totals,
    tariff: Tariff,
    *,
    state: str,
    too_dear: int | None,
    evaluation_texts: int,
) -> dict[str, Any]:
    """As JSON. Money is text in units of the currency, exact; None where the recipe names no prices.

    too_dear: the worst case of a request that the budget did not reach any more.
    """
    return {
        "name": name,
        "state": state,
        "made": {
            "provider": settings.provider,
            "model": settings.model,
            "server": server.base,
            "prompt": work.version,
        },
        "settings": settings.model_dump(mode="json"),
        "pairs": {
            "wanted": settings.pairs,
            "asked": gates.asked,
            "kept": gates.kept,
            "rejected": sum(gates.rejected.values()),
        },
        "requests": {
            "attempts": totals.attempts,
            "answers": totals.answers,
            "unusable": totals.rejected,
            "failed": totals.failed,
            "lost": totals.lost_attempts,
            "split": gates.splits,
        },
        "tokens": {"input": totals.input_tokens, "output": totals.output_tokens},
        "money": _money(totals, tariff) | {"next": None if too_dear is None else _text(too_dear)},
        "evaluation_texts": evaluation_texts,
        "passed_over": work.counts(),
        "gates": [
            {
                "name": gate,
                "description": description,
                "pairs": gates.rejected[gate],
                "answers": gates.useless[gate],
            }
            for gate, description in gates.descriptions.items()
        ],
        "grid": _grid(gates, work),
        "words": {side: sorted(counts.items()) for side, counts in gates.words.items()},
        "samples": gates.samples.to_json(),
    }


def _money(totals: Totals, tariff: Tariff) -> dict[str, Any]:
    if tariff.free or tariff.limit is None:
        return {"currency": tariff.currency, "budget": None, "spent": None, "answers": None, "lost": None}
    return {
        "currency": tariff.currency,
        "budget": _text(tariff.limit),
        "spent": _text(totals.spent),
        "answers": _text(totals.cost),
        "lost": _text(totals.lost),
    }


def _text(parts: int) -> str:
    """Units of the currency, exact, without zeros at the end."""
    whole, _, rest = f"{amount(parts):f}".partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')}"


def _grid(gates: Gates, work: Work) -> dict[str, dict[str, list[int]]]:
    """Of each axis its values, each with the pairs that it has and those that it wants."""
    if not isinstance(work, Generating):
        return {}
    axes: dict[str, dict[str, list[int]]] = {}
    for axis, name in enumerate(Cell._fields):
        kept, wanted = Counter[str](), Counter[str]()
        for cell, quota in work.quotas.items():
            kept[cell[axis]] += gates.cells[tuple(cell)]
            wanted[cell[axis]] += quota
        axes[name] = {value: [kept[value], wanted[value]] for value in wanted}
    return axes
