"""Which methods of which runs the words of a command line mean, where they are to be compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.job.folder import RUNS, find_run
from dragoman.report.merging import Chosen
from dragoman.report.run import Run, read_run


def choose_methods(names: Sequence[str]) -> list[Chosen]:
    """RUN/METHOD is that one; RUN its best one, or all that it has where it stands alone.

    Raises RequestError where there is no such run or method, where one has not been scored, or where only one is left.
    """
    chosen: list[Chosen] = []
    for name in names:
        run, method = _find(name)
        found = [one for one in run.methods if one.scores.get("sets")]
        if method is not None:
            found = [one for one in found if one.name == method]
        elif len(names) > 1:
            found = [run.best] if run.best is not None else []
        if not found:
            raise RequestError("has not been scored yet", where=name, hint="dragoman run goes on with it")
        chosen += [Chosen(one.name if len(names) == 1 else f"{run.name}/{one.name}", run, one) for one in found]
    chosen = _told_apart(chosen)
    if len(chosen) < 2:
        hint = "name several: dragoman compare RUN OTHER/METHOD ..."
        raise RequestError("there is only one method to compare", where=" ".join(names), hint=hint)
    return chosen


def _find(name: str) -> tuple[Run, str | None]:
    """The run, and the method where the name has one."""
    path = Path(name)
    parent = next((place for place in (path.parent, RUNS / path.parent) if (place / "recipe.yaml").is_file()), None)
    if parent is None or any((place / "recipe.yaml").is_file() for place in (path, RUNS / path)):
        return read_run(find_run(name).path), None
    run = read_run(parent)
    known = [method.name for method in run.methods]
    if path.name not in known:
        hint = did_you_mean(path.name, known) or f"its methods: {', '.join(known)}"
        raise RequestError(f"the run has no method '{path.name}'", where=str(parent), hint=hint)
    return run, path.name


def _told_apart(chosen: list[Chosen]) -> list[Chosen]:
    """Each method once. Runs in different folders may have one name: then the folder tells them apart."""
    once = {one.method.folder.resolve(): one for one in chosen}
    labels = [one.label for one in once.values()]
    return [
        one if labels.count(one.label) == 1 else Chosen(str(one.method.folder), one.run, one.method)
        for one in once.values()
    ]
