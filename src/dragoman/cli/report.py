"""`dragoman report`: write a run's page again."""

from __future__ import annotations

from typing import Annotated

import typer


def report(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's name or folder.", show_default=False)],
) -> None:
    """Write report.html of a run, or of a cleaned corpus (runs/NAME/corpus), again, from what its folder holds."""
    from dragoman.job.folder import find_run
    from dragoman.report.corpus import write_corpus_report
    from dragoman.report.page import write_report

    path = find_run(run).path
    print(write_corpus_report(path) if (path / "findings.json").is_file() else write_report(path))
