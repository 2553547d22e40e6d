"""The receipt: what was read, kept, trimmed, dropped, held out and put into quarantine, and why."""

from __future__ import annotations

from collections import Counter
from typing import Any

from dragoman.report.html import Child, Html, join, table, tag
from dragoman.report.layout import absent, figure, grid, legend_key, section, stacked_bar, text
from dragoman.report.numbers import MISSING, count, plural, share, short_count, size
from dragoman.report.plots import histogram
from dragoman.report.run import CORPUS_REPORT, Run, set_label

_FATES = ["kept", "held_out", "dropped", "quarantined"]  # every row read has exactly one; trimmed rows are kept ones
_COLOURS = {"kept": 0, "held_out": 2, "dropped": 4, "quarantined": 1}


def receipt_section(run: Run) -> Html:
    """The counts, the reasons, the overlap and the lengths of every split."""
    splits: dict[str, dict[str, Any]] = run.receipt.get("splits", {})
    if not splits:
        return section("data", "Data", absent("No receipt has been written yet."))
    padding = run.best.padding if run.best else None
    lead = "Every row that was read is kept, held out for validation, dropped, or in quarantine (quarantine.jsonl)."
    intro = lead + (f" {share(padding, 1)} of the training batches is padding." if padding is not None else "")
    return section(
        "data",
        "Data",
        _counts(splits),
        _reasons(splits),
        _overlap(run.receipt.get("overlap", {})),
        _lengths(splits),
        _corpus(run.corpus_receipt),
        intro=intro,
    )


def _counts(splits: dict[str, dict[str, Any]]) -> Html:
    head = [
        "Split",
        "",
        "Read",
        "Kept",
        "Trimmed",
        "Held out",
        "Dropped",
        "Quarantined",
        "Source tokens",
        "Target tokens",
    ]
    rows: list[list[Child]] = []
    for name, own in splits.items():
        parts = [(own.get(fate) or 0, _COLOURS[fate]) for fate in _FATES]
        numbers = [_number(own.get(key)) for key in ("read", "kept", "trimmed", "held_out", "dropped", "quarantined")]
        tokens = [short_count(own.get(key)) for key in ("source_tokens", "target_tokens")]
        rows.append([text(set_label(name)), tag("td", stacked_bar(parts), class_="graph"), *numbers, *tokens])
    used = [fate for fate in _FATES if any(own.get(fate) for own in splits.values())]
    legend = [legend_key(fate.replace("_", " "), _COLOURS[fate], "block") for fate in used]
    return join(tag("p", legend, class_="legend"), table(head, rows))


def _number(value: int | None) -> Child:
    """A count; zeros step back, so that the others are seen."""
    return tag("span", "0", class_="zero") if value == 0 else count(value)


def _reasons(splits: dict[str, dict[str, Any]]) -> Html | None:
    rows: list[list[Child]] = []
    for name, own in splits.items():
        for fate in ("quarantined", "dropped", "trimmed"):
            reasons = (own.get("reasons") or {}).get(fate) or {}
            for reason, number in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])):
                rows.append([text(set_label(name)), fate, text(reason), count(number), share(number, own.get("read"))])
    if not rows:
        return None
    return join(tag("h3", "Why"), table(["Split", "What", "Reason", "Rows", "Of its rows"], rows, text=3))


def _overlap(overlap: dict[str, dict[str, Any]]) -> Html | None:
    """Evaluation rows that training has seen: a score over them shows memory, not skill."""
    if not overlap:
        return None
    rows = []
    for name, own in overlap.items():
        sources, pairs, whole = own.get("sources_in_train", 0), own.get("pairs_in_train", 0), own.get("rows", 0)
        sign = tag("span", "⚠ seen in training", class_="warning") if sources else "none"
        rows.append(
            [
                text(set_label(name)),
                sign,
                count(whole),
                _number(sources),
                share(sources, whole) if sources else MISSING,
                _number(pairs),
            ]
        )
    head = ["Set", "Overlap", "Rows", "Same source", "Share", "Same pair"]
    return join(tag("h3", "Overlap with the training rows"), table(head, rows, text=2))


def _lengths(splits: dict[str, dict[str, Any]]) -> Html | None:
    """A histogram for each split, all over the same bins: the widest that any of them has."""
    sides = {name: [own.get(f"{side}_lengths") or {} for side in ("source", "target")] for name, own in splits.items()}
    sides = {name: own for name, own in sides.items() if all(side.get("counts") for side in own)}
    if not sides:
        return None
    width = max(_width(side) for own in sides.values() for side in own)
    counts = {name: [_rebinned(side, width) for side in own] for name, own in sides.items()}
    bins = max(len(side) for own in counts.values() for side in own)
    edges = [number * width for number in range(bins + 1)]
    figures = [
        figure(set_label(name), histogram(edges, own, f"Lengths in tokens, {set_label(name)}"))
        for name, own in counts.items()
    ]
    keys = tag("p", legend_key("source", 0, "block"), legend_key("target", 1, "block"), class_="legend")
    return join(tag("h3", "Lengths in tokens"), keys, grid(*figures, columns=3))


def _corpus(receipt: dict[str, Any]) -> Html | None:
    """Raw text that was cleaned: how much of it is left, and where to read on."""
    if not receipt:
        return None
    read, kept = receipt["read"], receipt["kept"]
    said = f"{count(kept['documents'])} of {plural(read['documents'], 'document')} are kept, {size(kept['bytes'])}. "
    link = tag("a", "Its own report", href=CORPUS_REPORT)
    return join(tag("h3", "Raw text"), tag("p", said, link, " shows what each rule removed."))


def _width(lengths: dict[str, list[int]]) -> int:
    return lengths["edges"][1] - lengths["edges"][0] if len(lengths["edges"]) > 1 else 1


def _rebinned(lengths: dict[str, list[int]], width: int) -> list[int]:
    """Counts in bins of `width` from 0 on, up to the last that has any."""
    bins = Counter[int]()
    for edge, rows in zip(lengths["edges"], lengths["counts"], strict=False):
        bins[edge // width] += rows
    return [bins[number] for number in range(max((n for n in bins if bins[n]), default=0) + 1)]
