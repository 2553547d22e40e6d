"""Doing a recipe's job: its stages in order; what is done is skipped, what is half done goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dragoman.base.device import tune_allocator
from dragoman.base.errors import Interrupted, Stop, explained
from dragoman.base.files import clear_temporaries, lock, write_text
from dragoman.base.progress import say
from dragoman.job.comparing import write_comparison
from dragoman.job.folder import RunFolder
from dragoman.job.ledger import Ledger, Stage
from dragoman.job.pretraining import PRETRAIN
from dragoman.job.stages import stages
from dragoman.planning.semantics import refuse_impossible
from dragoman.recipe.loading import Loaded
from dragoman.recipe.merging import PRETRAINED, PRETRAINING, check_method, start_of
from dragoman.recipe.saving import effective
from dragoman.recipe.schema import Recipe
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
    if method is not None:
        check_method(recipe, method, where="--method")
    tune_allocator()
    run = RunFolder(runs / recipe.name)
    with loaded.located(), lock(run.path):
        clear_temporaries(run.path)
        everything = stages(loaded, run)
        todo = everything if method is None else _needed(everything, recipe, method)
        ledger = Ledger(run.path)
        for stage in todo if not restart else []:
            ledger.refuse_waste(stage)
        write_text(run.recipe, effective(recipe, loaded.folder))
        for stage in todo:
            with _during(stage.label):
                anew = restart and stage.resumable and method in (None, stage.method)
                if not ledger.run(stage, restart=anew):
                    say(f"{stage.label}: done before", "dim")
        with _during("compare"):
            write_comparison(recipe, run, ledger.current(everything, "evaluate"))
        return Result(run.path, write_report(run.path), ledger.seconds(todo))


def _needed(stages: list[Stage], recipe: Recipe, method: str) -> list[Stage]:
    """The stages that one method is the end of."""
    pretrained = start_of(recipe, method) == PRETRAINED
    return [
        stage
        for stage in stages
        if stage.method in (None, method, PRETRAINING)
        and (pretrained or not (stage.name == PRETRAIN or stage.method == PRETRAINING))
    ]


@contextmanager
def _during(stage: str) -> Iterator[None]:
    """Say in which stage an interruption came, or the machine refused something."""
    try:
        yield
    except Stop as stop:
        hint = "the same command goes on from here"
        raise Interrupted(f"{stage}: interrupted", signal=stop.signal, hint=hint) from None
    except OSError as error:
        raise explained(error, stage) from error
