"""`dragoman export`: a trained model for other programs, replayed before it is called done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dragoman.base.errors import RequestError
from dragoman.base.progress import say


def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run or RUN/METHOD.", show_default=False)],
    merge: Annotated[
        bool, typer.Option("--merge", help="Whole weights of 16 bits, the adapter merged into them.")
    ] = False,
    adapter: Annotated[bool, typer.Option("--adapter", help="The adapter alone, as PEFT's files.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The folder to write (default: export/ in the method's folder)."),
    ] = None,
) -> None:
    """Write a model for other programs; it is loaded again and replayed on held-out rows before it is called done."""
    from dragoman.export.adapted import export_adapter, export_merged
    from dragoman.job.folder import find_model

    if merge == adapter:
        raise RequestError("give one of --merge and --adapter")
    folder = find_model(run)
    target = output or folder.parent / "export" / ("merged" if merge else "adapter")
    if target.exists():
        raise RequestError(
            "is already there", where=str(target), hint="name another folder with --output, or delete it"
        )
    found = (export_merged if merge else export_adapter)(folder, target)
    say(str(found))
    print(target)
