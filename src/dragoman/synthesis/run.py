"""Doing a recipe's synthesis, or going on with it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.base.errors import DragomanError, Interrupted
from dragoman.base.files import clear_temporaries, lock, write_text
from dragoman.base.progress import Bar, progress
from dragoman.corpus.pairs import EvaluationOverlap
from dragoman.recipe.loading import LoadedTexts
from dragoman.recipe.saving import effective
from dragoman.recipe.schema import Synthesis
from dragoman.synthesis.asks import Parameters
from dragoman.synthesis.commits import Commits
from dragoman.synthesis.evaluation import read_overlap
from dragoman.synthesis.gates import Gates
from dragoman.synthesis.generating import Generating
from dragoman.synthesis.halting import Halt, heeding
from dragoman.synthesis.ledger import Ledger
from dragoman.synthesis.money import Budget, Tariff
from dragoman.synthesis.output import LEDGER, pair_files, write_receipt
from dragoman.synthesis.problems import refuse_faulty, settings_of
from dragoman.synthesis.receipt import make_receipt
from dragoman.synthesis.rounds import Rounds, draw, show
from dragoman.synthesis.sending import Sender
from dragoman.synthesis.server import Server
from dragoman.synthesis.translating import Translating
from dragoman.synthesis.waves import Requests
from dragoman.synthesis.work import Work


@dataclass(frozen=True)
class Result:
    """receipt: as receipt.json has it."""

    folder: Path
    receipt: dict[str, Any]

    def refuse_unfinished(self) -> None:
        """Raise DragomanError where the budget ended it."""
        if self.receipt["state"] == "out of money":
            money, pairs = self.receipt["money"], self.receipt["pairs"]
            of = f" of {pairs['wanted']:,}" if pairs["wanted"] else ""
            raise DragomanError(
                f"the budget of {money['budget']} {money['currency']} does not reach further: {money['spent']} are "
                f"spent, {pairs['kept']:,}{of} pairs are there, and the next request may cost {money['next']}",
                where="synthesis.budget",
                hint="what is there is written. With a larger budget the same command goes on from here",
            )


def folder_of(loaded: LoadedTexts, runs: Path) -> Path:
    return runs / loaded.recipe.name / "synthesis"


def make_work(loaded: LoadedTexts, overlap: EvaluationOverlap | None) -> Work:
    settings, seed = settings_of(loaded), loaded.recipe.seed
    if settings.generate is not None:
        return Generating(settings, seed)
    holds = (lambda text: False) if overlap is None else overlap.holds
    return Translating(settings, loaded.folder, seed, holds)


def synthesize(loaded: LoadedTexts, runs: Path, *, only_write: bool = False) -> Result:
    """Make a recipe's pairs in `runs/<name>/synthesis`, or go on with it. only_write: ask nothing, use what is there.

    Raises RequestError for what is wrong with recipe, key, address or model, before anything is spent; DragomanError
    where the server fails again and again; Interrupted after a signal. What was answered is never paid for twice.
    """
    settings = settings_of(loaded)
    folder = folder_of(loaded, runs)
    server = Server(settings)
    refuse_faulty(loaded)
    with loaded.located():
        if not only_write:
            server.refuse_unready()
    with loaded.located(), lock(folder.parent):
        folder.mkdir(exist_ok=True)
        clear_temporaries(folder)
        overlap = read_overlap(loaded, settings)
        work = make_work(loaded, overlap)
        tariff = Tariff(settings)
        with closing(Ledger(folder / LEDGER)) as ledger:
            with pair_files(folder) as output:
                gates = Gates(settings, work, ledger, overlap, output)
                with progress("synthesis", settings.pairs, unit="pairs") as bar:
                    too_dear = asyncio.run(_make(settings, work, tariff, ledger, gates, server, bar, not only_write))
            out_of_money = too_dear is not None
            state = "out of money" if out_of_money else "written from what was there" if only_write else "done"
            receipt = make_receipt(
                loaded.recipe.name, settings, server, work, gates, ledger.totals(), tariff, state=state,
                too_dear=too_dear, evaluation_texts=0 if overlap is None else len(overlap),
            )  # fmt: skip
        write_text(folder / "recipe.yaml", effective(loaded.recipe, loaded.folder))
        write_receipt(folder, receipt)
    return Result(folder, receipt)


async def _make(
    settings: Synthesis,
    work: Work,
    tariff: Tariff,
    ledger: Ledger,
    gates: Gates,
    server: Server,
    bar: Bar,
    sends: bool,
) -> int | None:
    """Where money ran out, the worst case of a request that it did not reach. Raises what went wrong first."""
    halt, commits, before = Halt(), Commits(ledger), ledger.totals()
    sender = None
    if sends:
        sender = Sender(
            settings, server=server, ledger=ledger, commits=commits, tariff=tariff,
            budget=Budget(tariff.limit, before.spent), halt=halt,
        )  # fmt: skip
    requests = Requests(work, server.wire, Parameters.of(settings), tariff)
    rounds = Rounds(settings, work, requests, ledger, gates, sender)
    try:
        if sends:
            await server.open(settings.sending.concurrency)
            await server.check()
        with heeding(halt):
            async with asyncio.TaskGroup() as group:
                beside = [
                    group.create_task(commits.run()),
                    group.create_task(show(bar, before, rounds, tariff)),
                ]
                await rounds.run(halt)
                for task in beside:
                    task.cancel()
    except BaseExceptionGroup as errors:
        raise _first(errors) from None
    finally:
        await server.close()
    draw(bar, before, rounds, tariff)
    if halt.signal is not None:
        of = f" of {settings.pairs:,}" if settings.pairs is not None else ""
        raise Interrupted(
            f"synthesis: interrupted; every answer is recorded, {gates.kept:,}{of} pairs were judged so far",
            signal=halt.signal,
            hint="the same command goes on from here",
        )
    if halt.error is not None:
        raise halt.error
    return None if sender is None else sender.too_dear


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that the others follow from."""
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
