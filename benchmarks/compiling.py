"""torch.compile against the loop as it is written: real tokens a second, and the seconds before the first step is done.

- The model, data and batches of the benchmark of training, in float32 and in bfloat16, on a GPU where there is one.
- Every contestant in a fresh process, round by round. What is compiled begins with an empty cache of compiled code;
  then once more with what that has left, as a second training on the same machine does.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.process import measure
from benchmarks.tables import middle, ratio, table
from benchmarks.training import make_corpus
from dragoman.base.device import pick_device
from dragoman.base.progress import say

PRECISIONS = ("float32", "bfloat16")
CONTESTANTS = {"written": "as written", "compiled": "compiled", "again": "... with the code of before"}


def run(quick: bool) -> dict[str, Any]:
    """Every precision in turn, round by round."""
    rounds, steps, warm = (1, 2, 1) if quick else (3, 20, 3)
    device = str(pick_device())
    results: dict[str, dict[str, list[dict[str, Any]]]] = {
        precision: {name: [] for name in CONTESTANTS} for precision in (PRECISIONS[:1] if quick else PRECISIONS)
    }
    with tempfile.TemporaryDirectory() as folder:
        corpus = make_corpus(Path(folder), quick)
        for r in range(rounds):
            for precision, found in results.items():
                with tempfile.TemporaryDirectory() as cache:
                    for name in CONTESTANTS:
                        found[name].append(
                            measure(
                                "benchmarks.training:train_ours", variables={"TORCHINDUCTOR_CACHE_DIR": cache},
                                folder=folder, start=r / rounds, steps=steps, warm=warm, device=device,
                                precision=precision, compile=name != "written",
                            )
                        )  # fmt: skip
                        one = found[name][-1]
                        rate = one["tokens"] / one["seconds"]
                        say(
                            f"compile, round {r + 1} of {rounds}: {precision}, {CONTESTANTS[name]}: first step after "
                            f"{one['first_step']:.1f} s, then {rate:,.0f} real tokens/s"
                        )
    return {"corpus": corpus, "device": device, "rounds": rounds, "steps": steps, "warm": warm, "results": results}


def report(found: dict[str, Any]) -> str:
    """Medians over the rounds, with the smallest and the largest."""
    rows = []
    for precision, results in found["results"].items():
        rates = {name: [one["tokens"] / one["seconds"] for one in rounds] for name, rounds in results.items()}
        for name, title in CONTESTANTS.items():
            first = [one["first_step"] for one in results[name]]
            rows.append([
                f"{precision}, {title}", f"{middle(first, '.1f')} s", middle(rates[name]),
                "" if name == "written" else ratio(rates[name], rates["written"]),
                "" if name == "written" else _worth(results["written"], results[name]),
            ])  # fmt: skip
    threads = next(iter(found["results"].values()))["written"][0]["threads"]
    head = ["training", "first step done after", "real tokens/s", "faster", "worth it after"]
    return "\n".join([
        f"torch.compile on {found['corpus']}, {found['device']}, {threads} threads; {found['rounds']} rounds of "
        f"{found['steps']} optimizer steps after {found['warm']} to warm up; median (lowest-highest).",
        "",
        table(head, rows),
    ])  # fmt: skip


def _worth(written: list[dict[str, Any]], compiled: list[dict[str, Any]]) -> str:
    """The steps after which compiling has won back what it took."""
    later = median(one["first_step"] for one in compiled) - median(one["first_step"] for one in written)
    won = median(one["seconds"] / one["steps"] for one in written)
    won -= median(one["seconds"] / one["steps"] for one in compiled)
    return f"{later / won:,.0f} steps" if won > 0 else "never"
