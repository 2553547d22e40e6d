"""The page of a cleaning of sentence pairs: what each rule removed, its numbers with their limits, pairs to look at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dragoman.base.errors import RequestError
from dragoman.base.files import read_json, write_text
from dragoman.report.document import document
from dragoman.report.html import Child, Html, join, table, tag
from dragoman.report.layout import absent, bar, figure, grid, legend_key, section, text
from dragoman.report.numbers import count, plural, share
from dragoman.report.overview import navigation
from dragoman.report.plots import histogram

TEXT_SHOWN = 600  # characters of one text

Receipt = Mapping[str, Any]


def write_pairs_report(folder: Path) -> Path:
    """Write report.html into the folder of a cleaning and return its path.

    Raises RequestError where the folder holds no receipt.
    """
    file = folder / "receipt.json"
    if not file.is_file():
        raise RequestError("no pairs were cleaned here", where=str(folder), hint="dragoman corpus pairs RECIPE does it")
    path = folder / "report.html"
    write_text(path, render_pairs(read_json(file)))
    return path


def render_pairs(receipt: Receipt) -> str:
    """The page of a receipt. The same receipt gives the same page, byte for byte."""
    built = {"Rules": _rules(receipt), "Distributions": _distributions(receipt), "Samples": _samples(receipt)}
    if receipt["reasons"]:
        built["Quarantine"] = _quarantine(receipt)
    languages = receipt["languages"] or {}
    between = f"{languages['source']} to {languages['target']} · " if languages else ""
    top = tag(
        "header",
        tag("p", "Dragoman · sentence pairs", class_="eyebrow"),
        tag("h1", text(receipt["name"])),
        tag("p", f"{between}rules of the preset {receipt['preset']}", class_="subtitle"),
        navigation([(title.lower(), title) for title in built]),
    )
    return document(receipt["name"], top, _headline(receipt), list(built.values()))


def _headline(receipt: Receipt) -> Html:
    read, kept, removed = receipt["read"], receipt["kept"], receipt["removed"]
    most = max(receipt["rules"], key=lambda rule: rule["removed"], default=None)
    found = f" Most went by the rule {most['name']}: {share(most['removed'], read)}." if most and removed else ""
    against = receipt["evaluation_texts"]
    tiles = [
        _tile("Kept", count(kept), f"{share(kept, read)} of the pairs"),
        _tile("Read", count(read), ""),
        _tile("Removed", count(removed), share(removed, read)),
        _tile("Quarantined", count(receipt["quarantined"]), "rows that are no pairs"),
    ]
    compared = (
        f"Compared with {plural(against, 'text')} of evaluation sets." if against else "No evaluation set is named."
    )
    return tag(
        "section",
        tag("div", tiles, class_="tiles"),
        tag("p", f"{count(kept)} of {plural(read, 'pair')} are kept.{found}", class_="verdict"),
        tag("ul", tag("li", compared), class_="notes"),
        id="headline",
    )


def _tile(label: str, value: str, below: str) -> Html:
    return tag("div", tag("p", label, class_="label"), tag("p", value, class_="value"), tag("p", below, class_="below"))


def _rules(receipt: Receipt) -> Html:
    rules = receipt["rules"]
    if not rules:
        return section("rules", "Rules", absent("Every rule is switched off."))
    most = max(rule["removed"] for rule in rules)
    rows: list[list[Child]] = []
    for rule in rules:
        label = join(rule["name"], tag("span", rule["description"], class_="below"))
        length = tag("td", bar(rule["removed"], most, 1) if rule["removed"] else None, class_="graph")
        removed = count(rule["removed"]) if rule["removed"] else tag("span", "0", class_="zero")
        rows.append([label, _limits(rule), length, count(rule["seen"]), removed, share(rule["removed"], rule["seen"])])
    head = ["Rule", "Passes", "", "Asked of", "Removed", "Share"]
    intro = "In the order in which they are asked: a pair goes by the first rule that it does not pass."
    return section("rules", "Rules", table(head, rows, text=3), intro=intro)


def _limits(rule: Mapping[str, Any]) -> str:
    """The limits of a rule's numbers; of two sides with the same ones, once."""
    said = []
    for low, high in rule["limits"].values():
        parts = [f"at least {low:g}"] if low is not None else []
        said.append(" and ".join([*parts, f"at most {high:g}"] if high is not None else parts))
    return "; ".join(dict.fromkeys(said))


def _distributions(receipt: Receipt) -> Html:
    figures = [_figure(rule) for rule in receipt["rules"] if any(map(_filled, rule["histograms"].values()))]
    keys = tag(
        "p", legend_key("source, or the pair", 0, "block"), legend_key("target", 1, "block"),
        legend_key("limit", 5, "dashed"), class_="legend",
    )  # fmt: skip
    intro = "Of all pairs that a rule was asked of; what lies beyond an end of a scale counts to its last step."
    drawn = (
        join(keys, grid(*figures, columns=3)) if figures else absent("No rule that is switched on measures a scale.")
    )
    return section("distributions", "Distributions", drawn, intro=intro)


def _figure(rule: Mapping[str, Any]) -> Html:
    histograms = list(rule["histograms"].values())
    edges = histograms[0]["edges"]
    limits = {limit for pair in rule["limits"].values() for limit in pair if limit is not None}
    inside = sorted(limit for limit in limits if edges[0] < limit < edges[-1])
    drawing = histogram(edges, [own["counts"] for own in histograms], f"Distribution of {rule['name']}", limits=inside)
    return figure(rule["name"].replace("_", " "), drawing)


def _filled(own: Mapping[str, Any]) -> bool:
    return any(own["counts"])


def _samples(receipt: Receipt) -> Html:
    parts: list[Child] = []
    for rule in receipt["rules"]:
        if rule["samples"]:
            parts.append(tag("h3", f"Removed by {rule['name']}"))
            parts += [_sample(one) for one in rule["samples"]]
    if receipt["kept_samples"]:
        parts.append(tag("h3", "Kept"))
        parts += [_sample(one) for one in receipt["kept_samples"]]
    intro = "Some of each, chosen by a hash of file and row. All that was removed is in rejected.jsonl."
    return section("samples", "Samples", *(parts or [absent("No pair was read.")]), intro=intro)


def _sample(one: Mapping[str, Any]) -> Html:
    origin = tag("span", text(f"{one['file'].rsplit('/', 1)[-1]}:{one['row']}"), class_="origin")
    lines = [_line(name.capitalize(), _shorten(one[name])) for name in ("source", "target")]
    if measured := one.get("measured"):
        numbers = (f"{name.replace('_', ' ')} {value:,g}" for name, value in measured.items())
        lines.append(_line("Measured", ", ".join(numbers)))
    return tag("article", tag("div", origin, class_="side"), tag("dl", lines), class_="sample")


def _line(name: str, value: str) -> Html:
    return tag("div", tag("dt", name), tag("dd", value, dir="auto"))


def _shorten(value: str) -> str:
    return value if len(value) <= TEXT_SHOWN else f"{value[:TEXT_SHOWN]}… ({len(value):,} characters)"


def _quarantine(receipt: Receipt) -> Html:
    rows: list[list[Child]] = [
        [text(reason), count(number), share(number, receipt["read"])] for reason, number in receipt["reasons"].items()
    ]
    intro = "Rows that are no pairs: quarantine.jsonl has each with its place."
    return section("quarantine", "Quarantine", table(["Reason", "Rows", "Of all"], rows), intro=intro)
