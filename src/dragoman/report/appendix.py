"""The end of the page: where the time went, the machine, the recipe."""

from __future__ import annotations

from dragoman.report.html import Child, Html, table, tag
from dragoman.report.layout import absent, bar, details, facts, section, text
from dragoman.report.numbers import duration, share
from dragoman.report.run import Run


def time_section(run: Run) -> Html:
    """Every stage with its share of the whole."""
    known = [stage for stage in run.stages if isinstance(stage.get("seconds"), int | float)]
    if not known:
        return section("time", "Time", absent("No stage has been finished yet."))
    several = len({stage.get("method") for stage in known} - {None}) > 1
    whole, longest = sum(stage["seconds"] for stage in known), max(stage["seconds"] for stage in known)
    colours = {method.name: run.colour(method) for method in run.methods}
    rows: list[list[Child]] = []
    for stage in known:
        name, method = str(stage.get("stage", "")), stage.get("method")
        colour = colours.get(str(method), 0) if several else 0
        label = text(f"{name} · {method}" if several and method else name)
        length = tag("td", bar(stage["seconds"], longest, colour), class_="graph wide")
        rows.append([label, length, duration(stage["seconds"]), share(stage["seconds"], whole)])
    rows.append([tag("th", "all", scope="row"), "", tag("strong", duration(whole)), ""])
    return section("time", "Time", table(["Stage", "", "Time", "Share"], rows, text=2))


def setup_section(run: Run) -> Html:
    """What the run ran on, and the recipe with everything filled in."""
    shown = {
        "device": "Device",
        "cores": "Cores",
        "threads": "Threads",
        "precision": "Precision",
        "torch": "PyTorch",
        "python": "Python",
    }
    pairs: list[tuple[str, Child]] = [
        (title, str(run.machine[key])) for key, title in shown.items() if key in run.machine
    ]
    if run.machine.get("precision_reason"):
        pairs = [
            (title, f"{value}: {run.machine['precision_reason']}" if title == "Precision" else value)
            for title, value in pairs
        ]
    machine = facts(pairs) if pairs else absent("The machine has not been described yet.")
    recipe = (
        details("The recipe, with every default", tag("pre", tag("code", run.recipe_text), dir="ltr"))
        if run.recipe_text
        else None
    )
    return section("setup", "Machine and recipe", machine, recipe)
