"""`dragoman corpus clean`: raw text in, clean documents out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dragoman.base.progress import console, say
from dragoman.cli.options import Overrides, RecipeFile, Runs


class Engine(StrEnum):
    processes = "processes"
    ray = "ray"


def clean(
    recipe: RecipeFile,
    overrides: Overrides = None,
    engine: Annotated[
        Engine, typer.Option(help="Where the work is done: processes of this machine, or a Ray cluster (RAY_ADDRESS).")
    ] = Engine.processes,
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many shards at a time (default: one a core).", show_default=False)
    ] = None,
    runs: Runs = Path("runs"),
) -> None:
    """Clean raw text by the recipe's rules, and say what each rule removed. Run again, it goes on where it was."""
    from dragoman.job.corpus import clean_recipe
    from dragoman.recipe.loading import load_texts
    from dragoman.report.corpus import print_corpus_receipt

    loaded = load_texts(recipe, overrides or [], section="corpus")
    done = clean_recipe(loaded, runs, workers=workers, engine=engine.value)
    print_corpus_receipt(done.receipt, console)
    say(f"corpus  {done.folder / 'shards'}")
    say(f"report  {done.report}")
    say(f"try     dragoman corpus explain {loaded.arguments} FILE:ROW")
