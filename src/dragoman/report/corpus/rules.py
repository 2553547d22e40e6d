"""What each rule removed, by language; which lines went; what was read from where, and what could not be."""

from __future__ import annotations

from typing import Any

from dragoman.report.corpus.run import CorpusRun
from dragoman.report.html import Child, Html, table, tag
from dragoman.report.layout import bar, section, text
from dragoman.report.numbers import count, share, size

LANGUAGES_SHOWN = 6


def rules_section(run: CorpusRun) -> Html:
    """A row a rule in the order in which documents pass them, then what is left; bytes by language beside."""
    shown = run.languages[:LANGUAGES_SHOWN]
    head: list[Child] = ["Rule", "", "Documents", "Of all", "Bytes", "Of all", *(text(code) for code in shown)]
    rows = [_row(run, rule["rule"], rule, rule["languages"], shown, 1) for rule in run.removing]
    changed = run.receipt["normalised"]
    rows.append(_row(run, "kept", run.kept, run.receipt["languages"], shown, 0, strong=True))
    others = len(run.languages) - len(shown)
    intro = (
        "A document counts for the first rule that removes it. The columns of languages are bytes"
        + (f"; {others} more languages are not shown" if others > 0 else "")
        + f". Normalising rewrote {count(changed['documents'])} documents, which took {size(changed['bytes'])} away."
    )
    return section("rules", "Rules", table(head, rows, text=2), intro=intro)


def _row(
    run: CorpusRun, name: str, amount: dict[str, int], languages: dict[str, Any], shown: list[str], colour: int,
    *, strong: bool = False,
) -> list[Child]:  # fmt: skip
    label = text(name.replace("_", " "))
    length = bar(amount["documents"], run.read["documents"], colour) if amount["documents"] else ""
    return [
        tag("th", tag("strong", label) if strong else label, scope="row"),
        tag("td", length, class_="graph"),
        _number(amount["documents"]),
        share(amount["documents"], run.read["documents"]),
        size(amount["bytes"]) if amount["bytes"] else _number(0),
        share(amount["bytes"], run.read["bytes"]),
        *(size(languages[code]["bytes"]) if code in languages else _number(0) for code in shown),
    ]


def _number(value: int) -> Child:
    """A count; zeros step back, so that the others are seen."""
    return tag("span", "0", class_="zero") if not value else count(value)


def lines_section(run: CorpusRun) -> Html | None:
    """Lines that were taken out of documents."""
    rows: list[list[Child]] = [
        [text(step), text(reason.replace("_", " ")), count(amount["lines"]), size(amount["bytes"])]
        for step, by_reason in run.receipt["lines"].items()
        for reason, amount in sorted(by_reason.items(), key=lambda one: -one[1]["bytes"])
    ]
    if not rows:
        return None
    intro = "Lines that were taken out of documents; what is left of the documents stays."
    return section("lines", "Lines", table(["Step", "Reason", "Lines", "Bytes"], rows, text=2), intro=intro)


def sources_section(run: CorpusRun) -> Html:
    """What each source had, and what is left of it."""
    rows: list[list[Child]] = []
    for source in run.receipt["sources"]:
        read, kept = source["read"], source["kept"]
        rows.append(
            [
                text(source["source"]),
                tag("td", bar(kept["bytes"], read["bytes"]), class_="graph"),
                count(read["documents"]),
                size(read["bytes"]),
                count(kept["documents"]),
                size(kept["bytes"]),
                share(kept["bytes"], read["bytes"]),
            ]
        )
    head = ["Source", "", "Read", "Bytes", "Kept", "Bytes", "Of its bytes"]
    return section("sources", "Sources", table(head, rows, text=2))


def bad_section(run: CorpusRun) -> Html | None:
    """Documents that could not be read, or on which a step failed."""
    reasons = {**run.receipt["bad"], **run.receipt["failed"]}
    if not reasons:
        return None
    rows: list[list[Child]] = [
        [text(reason), count(number)] for reason, number in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
    ]
    intro = "Each of them stands in quarantine.jsonl with its file and row."
    return section("quarantine", "Quarantine", table(["Reason", "Documents"], rows), intro=intro)
