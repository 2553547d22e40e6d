"""`dragoman report`: write a run's page again."""

from __future__ import annotations

from typing import Annotated

import typer


def report(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's name or folder.", show_default=False)],
) -> None:
    """Write report.html of a run again, from what its folder holds."""
    from dragoman.job.folder import find_run
    from dragoman.report.page import write_report

    print(write_report(find_run(run).path))
