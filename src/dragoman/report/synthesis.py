"""The page of a synthesis: what was asked and kept, what it cost, what every gate rejected, pairs to look at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dragoman.base.errors import RequestError
from dragoman.base.files import read_json, write_text
from dragoman.report.document import document
from dragoman.report.html import Child, Html, join, table, tag
from dragoman.report.layout import absent, bar, facts, figure, grid, legend_key, section, text
from dragoman.report.numbers import MISSING, count, plural, share, short_count
from dragoman.report.overview import navigation
from dragoman.report.plots import histogram

MOST_WORDS = 60  # of the histogram; longer sides count to its last bin
BIN = 2  # words

Receipt = Mapping[str, Any]


def write_synthesis_report(folder: Path) -> Path:
    """Write report.html into the folder of a synthesis and return its path.

    Raises RequestError where the folder holds no receipt.
    """
    file = folder / "receipt.json"
    if not file.is_file():
        hint = "dragoman corpus synthesize RECIPE makes them"
        raise RequestError("no pairs were made here", where=str(folder), hint=hint)
    path = folder / "report.html"
    write_text(path, render_synthesis(read_json(file)))
    return path


def summary(receipt: Receipt) -> list[tuple[str, str]]:
    """What to say at the end: a name and a value each."""
    pairs, requests, tokens, money = (receipt[key] for key in ("pairs", "requests", "tokens", "money"))
    wanted = f" of {pairs['wanted']:,}" if pairs["wanted"] else ""
    spent = f"{money['spent']} of {money['budget']} {money['currency']}" if money["spent"] is not None else ""
    lost = f"; {money['lost']} of it for {plural(requests['lost'], 'attempt')} without an answer, at worst"
    found = [
        ("kept", f"{pairs['kept']:,}{wanted} pairs"),
        *(
            (f"rejected: {gate['name']}", _rejected(gate))
            for gate in receipt["gates"]
            if gate["pairs"] or gate["answers"]
        ),
        ("requests", f"{requests['attempts']:,}, answered {requests['answers']:,}"),
        ("failed", f"{plural(requests['failed'], 'request')} at every attempt" if requests["failed"] else ""),
        ("tokens", f"{tokens['input']:,} of input, {tokens['output']:,} of output"),
        ("spent", spent + (lost if requests["lost"] and spent else "")),
        ("note", _shortfall(receipt) or ""),
    ]
    return [(name, value) for name, value in found if value]


def _rejected(gate: Mapping[str, Any]) -> str:
    parts = [plural(gate["pairs"], "pair")] if gate["pairs"] else []
    return ", ".join([*parts, plural(gate["answers"], "whole answer")] if gate["answers"] else parts)


def _shortfall(receipt: Receipt) -> str | None:
    """Why there are fewer pairs than were wanted."""
    pairs = receipt["pairs"]
    if not pairs["wanted"] or pairs["kept"] >= pairs["wanted"]:
        return None
    if receipt["state"] == "out of money":
        money = receipt["money"]
        return f"the budget does not reach further: the next request may cost {money['next']} {money['currency']}"
    if receipt["state"] != "done":
        return "nothing was asked, only what was there is written"
    rounds = plural(receipt["settings"]["rounds"], "round")
    corpus = " or the corpus has no more sentences" if receipt["settings"]["translate"] else ""
    return f"fewer than wanted: after {rounds} no more are asked for{corpus}"


def render_synthesis(receipt: Receipt) -> str:
    """The page of a receipt. The same receipt gives the same page, byte for byte."""
    built = {"Gates": _gates(receipt), "Cost": _cost(receipt)}
    if receipt["grid"]:
        built["Grid"] = _grid(receipt)
    built |= {"Lengths": _lengths(receipt), "Samples": _samples(receipt)}
    languages, made = receipt["settings"]["languages"], receipt["made"]
    top = tag(
        "header",
        tag("p", "Dragoman · synthetic pairs", class_="eyebrow"),
        tag("h1", text(receipt["name"])),
        tag(
            "p",
            f"{languages['source']} to {languages['target']} · {made['model']} at {made['server']}",
            class_="subtitle",
        ),
        navigation([(title.lower(), title) for title in built]),
    )
    return document(receipt["name"], top, _headline(receipt), list(built.values()))


def _headline(receipt: Receipt) -> Html:
    pairs, money = receipt["pairs"], receipt["money"]
    wanted = f"of {count(pairs['wanted'])} wanted" if pairs["wanted"] else "of a whole corpus"
    spent = (
        (money["spent"], f"of {money['budget']} {money['currency']}")
        if money["spent"]
        else (MISSING, "no prices given")
    )
    tiles = [
        _tile("Pairs", count(pairs["kept"]), wanted),
        _tile("Kept", share(pairs["kept"], pairs["asked"]), f"of {count(pairs['asked'])} asked for"),
        _tile("Requests", count(receipt["requests"]["attempts"]), f"{count(receipt['requests']['answers'])} answers"),
        _tile("Spent", *spent),
    ]
    texts = receipt["evaluation_texts"]
    compared = f"Compared with {plural(texts, 'text')} of evaluation sets." if texts else "No evaluation set is named."
    notes = [tag("li", compared)]
    if short := _shortfall(receipt):
        notes.insert(0, tag("li", f"{short[:1].upper()}{short[1:]}.", class_="warning"))
    return tag(
        "section",
        tag("div", tiles, class_="tiles"),
        tag(
            "p", f"{count(pairs['kept'])} pairs passed the gates, {count(pairs['rejected'])} did not.", class_="verdict"
        ),
        tag("ul", notes, class_="notes"),
        id="headline",
    )


def _tile(label: str, value: str, below: str) -> Html:
    return tag("div", tag("p", label, class_="label"), tag("p", value, class_="value"), tag("p", below, class_="below"))


def _gates(receipt: Receipt) -> Html:
    most = max(gate["pairs"] for gate in receipt["gates"])
    rows: list[list[Child]] = []
    for gate in receipt["gates"]:
        label = join(gate["name"].replace("_", " "), tag("span", gate["description"], class_="below"))
        length = tag("td", bar(gate["pairs"], most, 1) if gate["pairs"] else None, class_="graph")
        rows.append([label, length, _number(gate["pairs"]), _number(gate["answers"])])
    intro = "In the order in which they are asked. A whole answer is rejected where no pair can be read from it."
    return section("gates", "Gates", table(["Gate", "", "Pairs", "Whole answers"], rows, text=2), intro=intro)


def _number(value: int) -> Child:
    return count(value) if value else tag("span", "0", class_="zero")


def _cost(receipt: Receipt) -> Html:
    requests, tokens, money = receipt["requests"], receipt["tokens"], receipt["money"]
    pairs: list[tuple[str, Child]] = [
        ("Requests sent", count(requests["attempts"])),
        ("Answers", f"{count(requests['answers'])}, unusable as a whole {count(requests['unusable'])}"),
        ("Cut off", f"{count(requests['split'])}, asked again in halves"),
        ("Failed", f"{count(requests['failed'])} at every attempt"),
        ("Lost", f"{count(requests['lost'])}: sent, and no answer came"),
        ("Tokens of input", short_count(tokens["input"])),
        ("Tokens of output", short_count(tokens["output"])),
        ("Tokens a pair", count(_each(tokens["input"] + tokens["output"], receipt["pairs"]["kept"]))),
    ]
    if money["spent"] is not None:
        pairs += [
            ("Paid for answers", f"{money['answers']} {money['currency']}"),
            ("Set down for lost", f"{money['lost']} {money['currency']}, their worst case"),
            ("A thousand pairs", f"{_per_thousand(receipt)} {money['currency']}"),
        ]
    passed: list[list[Child]] = [[text(reason), count(number)] for reason, number in receipt["passed_over"].items()]
    skipped = join(tag("h3", "Passed over in the corpus"), table(["Reason", "Sentences"], passed)) if passed else None
    return section("cost", "Cost", facts(pairs), skipped)


def _each(whole: float, parts: int) -> float | None:
    return whole / parts if parts else None


def _per_thousand(receipt: Receipt) -> str:
    spent = _each(float(receipt["money"]["spent"]), receipt["pairs"]["kept"])
    return MISSING if spent is None else f"{1000 * spent:,.4f}"


def _grid(receipt: Receipt) -> Html:
    tables = []
    for axis, values in receipt["grid"].items():
        most = max((wanted for _, wanted in values.values()), default=0)
        rows: list[list[Child]] = [
            [text(value), tag("td", bar(kept, most), class_="graph"), count(kept), count(wanted)]
            for value, (kept, wanted) in values.items()
        ]
        tables.append(tag("div", tag("h3", axis.capitalize()), table(["", "", "Pairs", "Wanted"], rows, text=2)))
    return section("grid", "Grid", grid(*tables), intro="Pairs by what was asked for.")


def _lengths(receipt: Receipt) -> Html:
    edges = list(range(0, MOST_WORDS + BIN, BIN))
    counts = [[0] * (len(edges) - 1) for _ in range(2)]
    for own, side in zip(counts, ("source", "target"), strict=True):
        for words, number in receipt["words"][side]:
            own[min(words, MOST_WORDS - 1) // BIN] += number
    if not any(map(any, counts)):
        return section("lengths", "Lengths", absent("No pair was kept."))
    keys = [legend_key("source", 0, "block"), legend_key("target", 1, "block")]
    drawn = figure("Words", histogram(edges, counts, "Words of sources and targets"), keys)
    return section("lengths", "Lengths", grid(drawn, columns=3))


def _samples(receipt: Receipt) -> Html:
    samples = receipt["samples"]
    parts: list[Child] = []
    for kind in ("kept", *(gate["name"] for gate in receipt["gates"])):
        if samples.get(kind):
            parts.append(tag("h3", "Kept" if kind == "kept" else f"Rejected: {kind.replace('_', ' ')}"))
            parts += [_sample(one) for one in samples[kind]]
    intro = "Some of each, chosen by a hash. All that was rejected is in rejected.jsonl."
    return section("samples", "Samples", *(parts or [absent("Nothing was answered.")]), intro=intro)


def _sample(one: Mapping[str, Any]) -> Html:
    """A pair, or an answer as a whole."""
    lines = [_line(name.capitalize(), one[name]) for name in ("source", "target", "answer") if one.get(name)]
    if one.get("detail"):
        lines.append(_line("Found", one["detail"]))
    place = [one[key] for key in ("topic", "level", "register", "length") if key in one]
    if "file" in one:
        place = [f"{str(one['file']).rsplit('/', 1)[-1]}:{one['row']}"]
    side = tag(
        "div", tag("span", text(" · ".join(map(str, place)) or str(one["request"])[:8]), class_="origin"), class_="side"
    )
    return tag("article", side, tag("dl", lines), class_="sample")


def _line(name: str, value: str) -> Html:
    return tag("div", tag("dt", name), tag("dd", value, dir="auto"))
