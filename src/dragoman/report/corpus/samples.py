"""Documents and lines that each rule removed, to see whether it was right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dragoman.report.corpus.run import CorpusRun
from dragoman.report.html import Child, Html, tag
from dragoman.report.layout import section, text
from dragoman.report.numbers import GAP


def samples_section(run: CorpusRun) -> Html | None:
    """Drawn evenly from all that a rule removed; always the same ones."""
    order = [rule["rule"] for rule in run.removing]
    names = sorted(run.samples, key=lambda name: (order.index(name) if name in order else len(order), name))
    parts: list[Child] = []
    for name in names:
        parts.append(tag("h3", text(name.replace("_", " "))))
        parts += [_sample(one) for one in run.samples[name]]
    if not parts:
        return None
    intro = "A few of the documents and lines that went, drawn by chance; long texts are cut."
    return section("samples", "Samples", *parts, intro=intro)


def _sample(one: Mapping[str, Any]) -> Html:
    side = tag(
        "div",
        [tag("span", f"{name.replace('_', ' ')}{GAP}{value:g}", class_="origin") for name, value in _values(one)],
        tag("span", text(one["language"]), class_="badge quiet") if one.get("language") else None,
        tag("span", text(f"{one['file'].rsplit('/', 1)[-1]}:{one['row']}"), class_="origin"),
        class_="side",
    )
    lines = [_line("Stays", one["kept"])] if one.get("kept") else []
    return tag("article", side, tag("dl", *lines, _line("Text", one["text"])), class_="sample")


def _values(one: Mapping[str, Any]) -> list[tuple[str, float]]:
    return list((one.get("values") or {}).items())


def _line(name: str, value: str) -> Html:
    return tag("div", tag("dt", name), tag("dd", value, dir="auto"))
