"""`dragoman corpus synthesize`: sentence pairs through an LLM's API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from dragoman.base.errors import RequestError
from dragoman.base.progress import console, say
from dragoman.cli.options import Overrides, RecipeFile, Runs


def synthesize(
    recipe: RecipeFile,
    overrides: Overrides = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be asked and what it costs at worst; three prompts.")
    ] = False,
    only_write: Annotated[
        bool, typer.Option("--only-write", help="Ask nothing; write the pairs from the answers that are there.")
    ] = False,
    runs: Runs = Path("runs"),
) -> None:
    """Have sentence pairs made by an LLM, within a budget. Run again, it goes on, and pays nothing twice."""
    from dragoman.recipe.loading import load_texts

    if dry_run and only_write:
        raise RequestError("give one of --dry-run and --only-write")
    loaded = load_texts(recipe, overrides or [], section="synthesis")
    if dry_run:
        from dragoman.synthesis.estimate import estimate

        found = estimate(loaded, runs)
        for prompt in found.prompts:
            print(f"{prompt}\n")
        _print(found.rows())
        return
    from dragoman.report.synthesis import summary, write_synthesis_report
    from dragoman.synthesis.run import synthesize as make

    result = make(loaded, runs, only_write=only_write)
    _print(summary(result.receipt))
    say(f"pairs   {result.folder / 'pairs.jsonl'}")
    say(f"report  {write_synthesis_report(result.folder)}")
    result.refuse_unfinished()


def _print(rows: list[tuple[str, str]]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column()
    for name, value in rows:
        table.add_row(name, value)
    console.print(table)
