"""`dragoman compare`: methods of several runs on the rows that all of them have answered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dragoman.base.progress import say


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="A run for its best method, or RUN/METHOD. A single run: all of its methods.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the comparison as a page too, such as compare.html.")
    ] = None,
) -> None:
    """Compare runs of any recipes: scores with intervals, whether differences may be chance, and what each costs."""
    from dragoman.base.files import write_text
    from dragoman.job.choosing import choose_methods
    from dragoman.report.merging import merged
    from dragoman.report.page import render_comparison
    from dragoman.report.terminal import print_comparison

    run = merged(choose_methods(runs))
    print_comparison(run, Console(highlight=False, emoji=False))
    if output is not None:
        write_text(output, render_comparison(run))
        say(f"page  {output}")
