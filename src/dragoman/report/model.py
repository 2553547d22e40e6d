"""The model as each method trains it: its blocks and layers, what is frozen, where adapters sit."""

from __future__ import annotations

from dragoman.report.html import Html, tag, trusted
from dragoman.report.layout import section, text
from dragoman.report.run import Run


def model_section(run: Run) -> Html | None:
    """A picture for each method: the best one's is in sight, the others are behind a click."""
    drawn = [(method, tag("figure", trusted(method.picture))) for method in run.trained if method.picture is not None]
    if len(drawn) < 2:
        return section("model", "Model", *(picture for _, picture in drawn)) if drawn else None
    seen = run.best if run.best in [method for method, _ in drawn] else drawn[0][0]
    parts = [
        tag("details", tag("summary", text(method.name)), picture, open=method is seen) for method, picture in drawn
    ]
    return section("model", "Model", *parts, intro="As each method trains it.")
