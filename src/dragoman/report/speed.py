"""The page of a measurement of speed: tokens a second in generation, with the cache and without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dragoman.report.document import document
from dragoman.report.html import Child, Html, join, table, tag
from dragoman.report.layout import figure, legend_key, section, text
from dragoman.report.numbers import count, short_count
from dragoman.report.plots import Line, curves

Timings = Sequence[Mapping[str, Any]]


def render_generation(found: Mapping[str, Any]) -> str:
    """found: what `job.speed.time_generation` writes down."""
    timings, machine = found["timings"], found["machine"]
    search = "greedy" if found["beam"] == 1 else f"beam {found['beam']}"
    title = f"{found['model']} · generation"
    top = tag("header", tag("p", "Dragoman · bench", class_="eyebrow"), tag("h1", text(str(found["model"]))))
    where = (
        f"{short_count(found['parameters'])} parameters, {search} search, float32, on {machine['device']} with "
        f"{machine['threads']} threads. The end of an answer is not allowed before its full length."
    )
    same = "The answers are the same with and without." if all(one["same"] for one in timings) else _different(timings)
    lead = tag("section", tag("p", where, class_="intro"), tag("p", same, class_="verdict"), id="headline")
    return document(title, top, lead, [_plots(timings), _table(timings)])


def _different(timings: Timings) -> str:
    wrong = [f"batch {one['batch']} with {one['length']} tokens" for one in timings if not one["same"]]
    return f"The answers differ with and without cache: {', '.join(wrong)}."


def _plots(timings: Timings) -> Html:
    batches = list(dict.fromkeys(one["batch"] for one in timings))
    rates, gains, legend = list[Line](), list[Line](), list[Child]()
    for colour, batch in enumerate(batches):
        own = [one for one in timings if one["batch"] == batch]
        lengths = [one["length"] for one in own]
        rates += [
            Line(lengths, [one["cached"] for one in own], colour, dots=True),
            Line(lengths, [one["uncached"] for one in own], colour, "dashed", dots=True),
        ]
        gains.append(Line(lengths, [one["gain"] for one in own], colour, dots=True))
        legend.append(legend_key(f"batch {batch}", colour))
    return section(
        "curves",
        "By length of the answers",
        tag(
            "div",
            figure(
                "Tokens a second", curves(rates, "Tokens a second over the length of answers", log=True),
                [*legend, legend_key("without cache", 0, "dashed")],
            ),
            figure("Gain of the cache", curves(gains, "Gain of the cache over the length of answers"), legend),
            class_="grid columns-2",
        ),
    )  # fmt: skip


def _table(timings: Timings) -> Html:
    rows: list[list[Child]] = [
        [
            f"batch {one['batch']}", count(one["length"]), count(one["cached"]), count(one["uncached"]),
            join(f"{one['gain']:.2f}", "×"), "yes" if one["same"] else "no",
        ]
        for one in timings
    ]  # fmt: skip
    head = ["", "Tokens of an answer", "Tokens/s with cache", "Without", "Gain", "Same answers"]
    return section("table", "All of it", table(head, rows))
