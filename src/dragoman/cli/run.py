"""`dragoman run`: do a recipe's whole job, or go on with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from dragoman.base.progress import console, say
from dragoman.cli.options import Overrides, RecipeFile, Runs


def run(
    recipe: RecipeFile,
    overrides: Overrides = None,
    method: Annotated[str | None, typer.Option(help="Only this one of the recipe's methods.")] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Train anew; what is there is set aside, not lost.")
    ] = False,
    runs: Runs = Path("runs"),
) -> None:
    """Do a recipe's whole job: data, tokenizer, training, scores, report. Run again, it goes on where it was."""
    from dragoman.job.run import run_recipe
    from dragoman.planning.semantics import find_all
    from dragoman.recipe.loading import load_recipe
    from dragoman.report.run import read_run
    from dragoman.report.terminal import print_comparison

    loaded = load_recipe(recipe, overrides or [], find_all)
    result = run_recipe(loaded, runs, method=method, restart=restart)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    for stage, seconds in result.seconds.items():
        table.add_row(stage, f"{seconds:,.1f} s")
    table.add_row("together", f"{sum(result.seconds.values()):,.1f} s", style="bold")
    console.print(table)
    done = read_run(result.folder)
    if sum(bool(one.scores) for one in done.methods) > 1 or done.base is not None:
        print_comparison(done, console)
    say(f"run     {result.folder}")
    say(f"report  {result.report}")
    verb = "translate" if loaded.recipe.task == "translation" else "predict"
    say(f'try     dragoman {verb} {result.folder} "..."')
