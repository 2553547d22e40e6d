"""`dragoman bench`: what a trained model's speed is on this machine."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dragoman.base.errors import CheckError, RequestError
from dragoman.base.progress import say

bench = typer.Typer(help="Measure the speed of a trained model on this machine.", no_args_is_help=True)


@bench.callback()
def _group() -> None:
    """With one verb alone typer would leave its name out."""


@bench.command()
def generation(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run, or RUN/METHOD.", show_default=False)],
    batch: Annotated[str, typer.Option(metavar="N,N,...", help="Batch sizes.")] = "1,8,32",
    length: Annotated[str, typer.Option(metavar="N,N,...", help="Tokens of the answers.")] = "16,32,64,128",
    beam: Annotated[int, typer.Option(min=1, help="Beam width; 1 is greedy.")] = 1,
) -> None:
    """Tokens a second with the cache and without, by batch size and length; the answers have to be the same."""
    from dragoman.job.speed import time_generation

    study = time_generation(run, _numbers("--batch", batch), _numbers("--length", length), beam)
    shown = Table(box=None, pad_edge=False)
    for name in ("batch", "length", "with cache", "without", "gain"):
        shown.add_column(name, justify="right")
    for one in study.timings:
        shown.add_row(
            str(one.batch), str(one.length), f"{one.cached:,.0f}", f"{one.uncached:,.0f}", f"{one.gain:.2f}x",
            style=None if one.same else "red",
        )  # fmt: skip
    Console(highlight=False, emoji=False).print(shown)
    say(f"page  {study.page}")
    if wrong := [one for one in study.timings if not one.same]:
        cells = ", ".join(f"batch {one.batch} with {one.length} tokens" for one in wrong)
        raise CheckError(f"the answers differ with and without cache: {cells}")


def _numbers(option: str, text: str) -> list[int]:
    """Whole numbers above 0, between commas. Raises RequestError for anything else."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and int(word) > 0 for word in words):
        raise RequestError(f"'{text}' is no list of whole numbers above 0", where=option, hint=f"such as {option} 1,8")
    return sorted({int(word) for word in words})
