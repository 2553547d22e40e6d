"""A cleaned corpus on the screen: what each rule removed, and why one document was kept or removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dragoman.corpus.explaining import NORMALISING, Change, Explanation
from dragoman.report.numbers import count, share, size

CHANGES_SHOWN, CHARACTERS_SHOWN, TEXT_SHOWN = 20, 160, 600


def print_corpus_receipt(receipt: Mapping[str, Any], console: Console) -> None:
    """Print what became of the documents. Rules that removed nothing are named below the table."""
    read, kept, rules = receipt["read"], receipt["kept"], receipt["rules"]
    table = _table("", ("documents", True), ("", True), ("bytes", True), ("", True))
    _row(table, "read", read, read)
    for rule in rules:
        if rule["documents"]:
            _row(table, f"removed by {rule['rule']}", rule, read)
    _row(table, "kept", kept, read, style="bold")
    console.print(table)
    notes = [f"{count(number)} {reason}" for part in ("bad", "failed") for reason, number in receipt[part].items()]
    if notes:
        console.print(Text(f"in quarantine: {', '.join(notes)}"), soft_wrap=True)
    idle = [rule["rule"] for rule in rules if not rule["documents"] and rule["rule"] != "nothing left"]
    if idle:
        console.print(Text(f"removed nothing: {', '.join(idle)}", "dim"), soft_wrap=True)


def _row(table: Table, name: str, amount: Mapping[str, int], whole: Mapping[str, int], style: str = "") -> None:
    documents, taken = amount["documents"], amount["bytes"]
    shares = share(documents, whole["documents"]), share(taken, whole["bytes"])
    table.add_row(Text(name), count(documents), shares[0], size(taken), shares[1], style=style)


def print_explanation(told: Explanation, console: Console) -> None:
    """Print what was changed, what every rule measured, and the verdict."""
    head = Text.assemble((f"{told.file}:{told.row}", "bold"))
    if told.language:
        head.append(f"  language {told.language} ({told.score:.2f})")
    console.print(head, soft_wrap=True)
    if told.bad is not None:
        console.print(Text(f"in quarantine: {told.bad}", "red"), soft_wrap=True)
        console.print(Text(_cut(told.text, TEXT_SHOWN), "dim"), soft_wrap=True)
        return
    _print_changes(told.changes, console)
    console.print(Text(_cut(told.text, TEXT_SHOWN), "dim"), soft_wrap=True)
    console.print()
    if told.measured:
        console.print(_measures(told))
    if told.removed_by is not None:
        console.print(Text(f"removed by {told.removed_by}", "bold red"), soft_wrap=True)
    elif told.fate is not None:
        console.print(Text(f"no rule removes it; {told.fate}", "bold"), soft_wrap=True)
    else:
        said = "no rule removes it; whether it is a duplicate shows when the corpus has been cleaned with this recipe"
        console.print(Text(said, "bold"), soft_wrap=True)


def _measures(told: Explanation) -> Table:
    table = _table("rule", ("measure", False), ("value", True), ("keeps", True), ("", False))
    for one in told.measured:
        low, high = (None if limit is None else f"{limit:g}" for limit in (one.low, one.high))
        keeps = f"{low} to {high}" if low and high else f"≥ {low}" if low else f"≤ {high}" if high else "everything"
        first = one.removes and one.rule == told.removed_by
        verdict = "removes it" if first else "would too" if one.removes else ""
        style = "red" if first else "yellow" if one.removes else None
        measure = "" if one.measure == one.rule else one.measure
        table.add_row(Text(one.rule), Text(measure), f"{one.value:,.4g}", keeps, verdict, style=style)
    return table


def _print_changes(changes: list[Change], console: Console) -> None:
    """What stood there before in red, what stands there now in green; odd characters are made visible."""
    for change in changes[:CHANGES_SHOWN]:
        name = change.step if change.step == NORMALISING else f"{change.step}: {change.reason}"
        console.print(Text(name, "dim"), soft_wrap=True)
        if change.before:
            console.print(Text(f"  - {_visible(change.before)}", "red"), soft_wrap=True)
        if change.after:
            console.print(Text(f"  + {_visible(change.after)}", "green"), soft_wrap=True)
    if len(changes) > CHANGES_SHOWN:
        console.print(Text(f"and {len(changes) - CHANGES_SHOWN:,} changes more", "dim"), soft_wrap=True)


def _visible(text: str) -> str:
    """Text on one line, with escapes for what cannot be seen."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[: CHARACTERS_SHOWN + 1])
    return _cut(shown, CHARACTERS_SHOWN)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _table(first: str, *others: tuple[str, bool]) -> Table:
    """Columns by name; True: numbers, flush right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(first)
    for name, is_number in others:
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number)
    return table
