"""Requests a second of the synthesis client on one core, against a server on another that answers at once.

The whole client is measured: orders into prompts, names and bodies, reservation and ledger on disk, HTTP, answers read
and recorded; then the gates, which are a pass of their own. The server is the tests', in a process of its own.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.loss import forget_peak, resident
from benchmarks.process import ROOT, measure
from benchmarks.tables import middle, table
from dragoman.base.progress import say

KEY = "sk-test-0123456789abcdef"
RECIPE = """
name: synthesis
synthesis:
  provider: {provider}
  model: small-1
  base_url: {url}
  preset: pairs-de-en
  pairs: {pairs}
  prices: {{input: 0.3, output: 2.5}}
  budget: 1000
  rounds: 1
  generate:
    topics: [food, travel, work, school, weather, money, music, history, sports, family]
    pairs_per_request: 10
  sending: {{concurrency: {concurrency}}}
"""
CASES = [("openai", 64, 3_000), ("gemini", 64, 3_000), ("openai", 16, 3_000), ("openai", 64, 12_000)]
QUICK_CASES = [("openai", 8, 60)]


def run(quick: bool) -> dict[str, Any]:
    """Every case, round by round; a case is (protocol, requests in flight, requests)."""
    rounds, cases = (1, QUICK_CASES) if quick else (3, CASES)
    results: dict[str, list[Any]] = {" ".join(map(str, case)): [] for case in cases}
    for number in range(rounds):
        for provider, concurrency, requests in cases:
            found = measure(
                "benchmarks.synthesis:contest", threads=1, provider=provider, concurrency=concurrency, requests=requests
            )
            results[f"{provider} {concurrency} {requests}"].append(found)
            say(f"synthesis, round {number + 1} of {rounds}: {provider}, {concurrency} in flight: done")
    return {"rounds": rounds, "results": results}


def report(found: dict[str, Any]) -> str:
    rows = []
    for case, rounds in found["results"].items():
        provider, concurrency, requests = case.split()
        rows.append([
            provider, concurrency, f"{int(requests):,}", middle([one["rate"] for one in rounds]),
            middle([one["core"] for one in rounds], ".2f"), middle([one["judged"] for one in rounds]),
            middle([one["growth"] / 2**20 for one in rounds], ".1f"),
        ])  # fmt: skip
    return "\n".join([
        f"The client alone on one core; median of {found['rounds']} rounds (lowest-highest). Every request is reserved "
        "for and recorded on disk; gates aside, which are measured by themselves.",
        "",
        table(
            ["protocol", "in flight", "requests", "requests/s", "CPU share", "gates: pairs/s", "memory growth, MiB"],
            rows,
        ),
    ])  # fmt: skip


def contest(provider: str, concurrency: int, requests: int) -> dict[str, Any]:
    """One run in this process, kept to one core; the server has the others. growth: of memory after a tenth of it."""
    cores = sorted(os.sched_getaffinity(0))
    os.environ["OPENAI_API_KEY"] = os.environ["GEMINI_API_KEY"] = KEY
    with tempfile.TemporaryDirectory() as folder, serving(cores[1:] or cores) as port:
        os.sched_setaffinity(0, cores[:1])
        return asyncio.run(_contest(Path(folder), port, provider, concurrency, requests))


async def _contest(folder: Path, port: int, provider: str, concurrency: int, requests: int) -> dict[str, Any]:
    from dragoman.recipe.loading import load_texts
    from dragoman.synthesis.asks import Parameters
    from dragoman.synthesis.commits import Commits
    from dragoman.synthesis.gates import Gates
    from dragoman.synthesis.halting import Halt
    from dragoman.synthesis.ledger import Ledger
    from dragoman.synthesis.money import Budget, Tariff
    from dragoman.synthesis.output import pair_files
    from dragoman.synthesis.problems import settings_of
    from dragoman.synthesis.run import make_work
    from dragoman.synthesis.sending import Sender
    from dragoman.synthesis.server import Server
    from dragoman.synthesis.waves import Requests, Wave

    url = f"http://127.0.0.1:{port}" + ("/v1" if provider == "openai" else "")
    file = folder / "recipe.yaml"
    file.write_text(RECIPE.format(provider=provider, url=url, pairs=10 * requests, concurrency=concurrency))
    loaded = load_texts(file, section="synthesis")
    settings, work, tariff = settings_of(loaded), make_work(loaded, None), Tariff(settings_of(loaded))
    ledger, halt, server = Ledger(folder / "ledger.sqlite"), Halt(), Server(settings_of(loaded))
    commits = Commits(ledger)
    committing = asyncio.create_task(commits.run())
    await server.open(concurrency)
    sender = Sender(
        settings,
        server=server,
        ledger=ledger,
        commits=commits,
        tariff=tariff,
        budget=Budget(tariff.limit, 0),
        halt=halt,
    )
    slots = asyncio.LifoQueue[int]()
    for slot in range(concurrency):
        slots.put_nowait(slot)
    taken = _Taken(requests)
    wave = Wave(
        Requests(work, server.wire, Parameters.of(settings), tariff), ledger, taken, sender=sender, slots=slots,
        halt=halt, report=taken.report,
    )  # fmt: skip
    began, cpu = time.perf_counter(), time.process_time()
    await wave.run(work.first())
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    growth = resident("VmHWM") - taken.memory
    committing.cancel()
    await server.close()
    if sender.answered != len(taken.ids):
        raise RuntimeError(f"{len(taken.ids)} requests, {sender.answered} answers")
    with pair_files(folder) as output:
        gates = Gates(settings, work, ledger, None, output)
        began = time.perf_counter()
        for start in range(0, len(taken.ids), 32):
            gates.take(taken.ids[start : start + 32])
        judging = time.perf_counter() - began
    return {
        "rate": len(taken.ids) / seconds, "core": cpu / seconds, "growth": growth,
        "judged": gates.asked / judging, "kept": gates.kept,
    }  # fmt: skip


class _Taken:
    """Takes the place of the gates: notes what came, and the memory when a tenth has gone out."""

    def __init__(self, requests: int):
        self.ids: list[str] = []
        self.sent, self.tenth, self.memory = 0, max(1, requests // 10), 0

    def take(self, ids: Any) -> None:
        self.ids += ids

    def report(self) -> None:
        self.sent += 1
        if self.sent == self.tenth:
            forget_peak()
            self.memory = resident("VmRSS")


@contextmanager
def serving(cores: list[int]) -> Iterator[int]:
    """The tests' server in a process of its own; its port."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), *sys.path])}
    process = subprocess.Popen(
        [sys.executable, "-m", "llm.server"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        os.sched_setaffinity(process.pid, cores)
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait()
