"""Where and with what a benchmark ran."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
from typing import Any

from dragoman.base.device import choose_precision, describe_machine, pick_device


def describe() -> dict[str, Any]:
    """For the head of the results. load: processes that waited for a core while the benchmark began."""
    versions = {}
    for name in ("transformers", "accelerate", "peft", "trl"):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "none"
    precision = choose_precision("auto", pick_device())
    return {
        "date": datetime.date.today().isoformat(),
        **describe_machine(),
        **versions,
        "precision": f"{precision.name}: {precision.reason}",
        "load": round(os.getloadavg()[0], 2),
    }


def headline(machine: dict[str, Any]) -> str:
    return (
        f"{machine['date']}, {machine['device']}, {machine['cores']} cores, {machine['threads']} threads; "
        f"Python {machine['python']}, torch {machine['torch']}, transformers {machine['transformers']}, "
        f"accelerate {machine['accelerate']}, peft {machine['peft']}, trl {machine['trl']}; "
        f"load at the start {machine['load']}."
    )
