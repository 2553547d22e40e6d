"""`dragoman new`: a commented recipe for the user's own file."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from dragoman.base.errors import RequestError
from dragoman.base.progress import say


def new(
    task: Annotated[str, typer.Argument(metavar="TASK", help="What the model should do: translation.")],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="Your file of examples (CSV, TSV, JSONL, Parquet, XLSX), or two aligned text files."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The recipe to write (default: the file's name with .yaml).")
    ] = None,
) -> None:
    """Write a commented recipe for your own file, guessing columns and languages."""
    from dragoman.base.files import write_text
    from dragoman.planning.draft import draft_recipe
    from dragoman.planning.draft_text import write_draft

    target = output or Path(f"{files[0].stem}.yaml")
    if target.exists():
        raise RequestError("is already there", where=str(target), hint="name another file with --output")
    draft = draft_recipe(task, *files, folder=target.parent)
    write_text(target, write_draft(draft))
    say(f"wrote {target}")
    for doubt in draft.doubts():
        say(doubt, "yellow")
    say(f"next: dragoman check {shlex.quote(str(target))}")
