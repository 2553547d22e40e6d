"""The page of a cleaned corpus."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dragoman.base.files import write_text
from dragoman.report.corpus.rules import bad_section, lines_section, rules_section, sources_section
from dragoman.report.corpus.run import CorpusRun, read_corpus_run
from dragoman.report.corpus.samples import samples_section
from dragoman.report.corpus.thresholds import thresholds_section
from dragoman.report.corpus.throughput import speed, throughput_section
from dragoman.report.document import document
from dragoman.report.html import Html, tag
from dragoman.report.layout import details, section, text
from dragoman.report.numbers import GAP, MISSING, count, decimal, plural, share, size
from dragoman.report.overview import navigation

_SECTIONS: list[tuple[str, str, Callable[[CorpusRun], Html | None]]] = [
    ("rules", "Rules", rules_section),
    ("lines", "Lines", lines_section),
    ("thresholds", "Thresholds", thresholds_section),
    ("samples", "Samples", samples_section),
    ("sources", "Sources", sources_section),
    ("quarantine", "Quarantine", bad_section),
    ("throughput", "Throughput", throughput_section),
]


def write_corpus_report(folder: Path) -> Path:
    """Write report.html into the folder of a cleaned corpus and return its path.

    Raises RequestError where the folder holds none.
    """
    path = folder / "report.html"
    write_text(path, render_corpus(read_corpus_run(folder)))
    return path


def render_corpus(run: CorpusRun) -> str:
    """The page. The same corpus gives the same page, byte for byte."""
    built = [(anchor, title, build(run)) for anchor, title, build in _SECTIONS]
    made = [(anchor, title, part) for anchor, title, part in built if part is not None]
    if run.recipe_text:
        code = tag("pre", tag("code", run.recipe_text), dir="ltr")
        made.append(("recipe", "Recipe", section("recipe", "Recipe", details("The recipe, with every default", code))))
    top = tag(
        "header",
        tag("p", "Dragoman · cleaned corpus", class_="eyebrow"),
        tag("h1", text(run.name)),
        tag("p", f"Languages: {', '.join(run.languages[:8])}" if run.languages else "", class_="subtitle"),
        navigation([(anchor, title) for anchor, title, _ in made]),
    )
    return document(run.name, top, _headline(run), [part for _, _, part in made])


def _headline(run: CorpusRun) -> Html:
    read, kept, fast = run.read, run.kept, speed(run)
    unusable = sum(run.receipt["bad"].values()) + sum(run.receipt["failed"].values())
    left = f"{plural(kept['documents'], 'document')}, {size(kept['bytes'])}"
    tiles = [
        _tile("Kept", share(kept["bytes"], read["bytes"]), left),
        _tile("Read", size(read["bytes"]), plural(read["documents"], "document")),
        _tile("Quarantined", count(unusable), "documents that cannot be used"),
        _tile("Throughput", f"{decimal(fast)}{GAP}MB/s" if fast else MISSING, "a worker" if fast else "not measured"),
    ]
    most = max(run.removing, key=lambda rule: rule["documents"], default=None)
    said = f"{share(kept['documents'], read['documents'])} of {plural(read['documents'], 'document')} are kept."
    if most is not None and most["documents"]:
        said += f" Most went by {most['rule'].replace('_', ' ')}: {share(most['documents'], read['documents'])}."
    lines = sum(amount["bytes"] for step in run.receipt["lines"].values() for amount in step.values())
    if lines:
        said += f" Lines that were taken out of documents are {share(lines, read['bytes'])} of the bytes."
    idle = [rule["rule"] for rule in run.removing if not rule["documents"] and rule["rule"] != "nothing left"]
    notes = [f"Removed nothing: {', '.join(idle)}."] if idle else []
    return tag(
        "section",
        tag("div", tiles, class_="tiles"),
        tag("p", said, class_="verdict"),
        tag("ul", [tag("li", note) for note in notes], class_="notes") if notes else None,
        tag("p", "Not in the folder: ", ", ".join(run.absent), ".", class_="absent") if run.absent else None,
        id="headline",
    )


def _tile(label: str, value: str, below: str) -> Html:
    return tag("div", tag("p", label, class_="label"), tag("p", value, class_="value"), tag("p", below, class_="below"))
