"""Doing a recipe's job: its stages in order; what is done is skipped, what is half done goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dragoman.base.device import tune_allocator
from dragoman.base.errors import Interrupted, RequestError, Stop, did_you_mean, explained
from dragoman.base.files import clear_temporaries, lock, write_text
from dragoman.base.progress import say
from dragoman.job.comparing import write_comparison
from dragoman.job.folder import RunFolder
from dragoman.job.ledger import Ledger
from dragoman.job.stages import stages
from dragoman.planning.semantics import refuse_impossible
from dragoman.recipe.loading import Loaded
from dragoman.recipe.saving import effective
from dragoman.report.page import write_report


@dataclass(frozen=True)
class Result:
    folder: Path
    report: Path
    seconds: dict[str, float]  # by stage, over all the times that it was gone on with


def run_recipe(loaded: Loaded, runs: Path, *, method: str | None = None, restart: bool = False) -> Result:
    """Do a recipe's job in `runs/<name>`, or go on with it.

    method: only this one of the recipe's methods. restart: train anew; what is there is set aside, not lost.
    Raises RequestError for what is wrong with the recipe or the data, Interrupted after a signal.
    """
    recipe = loaded.recipe
    refuse_impossible(loaded)
    if method is not None and method not in recipe.methods:
        hint = did_you_mean(method, recipe.methods) or f"methods: {', '.join(recipe.methods)}"
        raise RequestError(f"the recipe has no method '{method}'", where="--method", hint=hint)
    tune_allocator()
    run = RunFolder(runs / recipe.name)
    with loaded.located(), lock(run.path):
        clear_temporaries(run.path)
        everything = stages(loaded, run)
        todo = [stage for stage in everything if method is None or stage.method in (None, method)]
        ledger = Ledger(run.path)
        for stage in todo if not restart else []:
            ledger.refuse_waste(stage)
        write_text(run.recipe, effective(recipe, loaded.folder))
        for stage in todo:
            with _during(stage.label):
                if not ledger.run(stage, restart=restart and stage.resumable):
                    say(f"{stage.label}: done before", "dim")
        with _during("compare"):
            write_comparison(recipe, run, ledger.current(everything, "evaluate"))
        return Result(run.path, write_report(run.path), ledger.seconds(todo))


@contextmanager
def _during(stage: str) -> Iterator[None]:
    """Say in which stage an interruption came, or the machine refused something."""
    try:
        yield
    except Stop as stop:
        hint = "the same command goes on from here"
        raise Interrupted(f"{stage}: interrupted", signal=stop.signal, hint=hint) from None
    except OSError as error:
        refusal = explained(error)
        refusal.message = f"{stage}: {refusal.message}"
        raise refusal from error
