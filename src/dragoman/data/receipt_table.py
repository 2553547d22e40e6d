"""The receipt on the screen. Numbers carry it, not colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dragoman.base.progress import console as messages

BARS = "▁▂▃▄▅▆▇█"
COUNTS = ("read", "kept", "trimmed", "dropped", "quarantined", "held_out")


def print_receipt(receipt: Mapping[str, Any], console: Console = messages) -> None:
    """Print a receipt (`Receipt.to_json()`, or receipt.json): rows, reasons, lengths, overlap."""
    splits = receipt["splits"]
    console.print(_rows(splits))
    for table in (_reasons(splits), _lengths(splits), _overlap(receipt["overlap"])):
        if table.row_count:
            console.print()
            console.print(table)


def _table(title: str, *columns: str, numbers: int) -> Table:
    """A table whose last `numbers` columns are aligned to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for i, column in enumerate(columns):
        is_number = i >= len(columns) - numbers
        table.add_column(column, justify="right" if is_number else "left", no_wrap=is_number, header_style="dim")
    return table


def _rows(splits: Mapping[str, Any]) -> Table:
    table = _table("Rows", "", *(name.replace("_", " ") for name in COUNTS), numbers=len(COUNTS))
    for name, split in splits.items():
        table.add_row(Text(name), *(f"{split[count]:,}" if split[count] else "-" for count in COUNTS))
    return table


def _reasons(splits: Mapping[str, Any]) -> Table:
    table = _table("Why", "", "what", "reason", "rows", numbers=1)
    for name, split in splits.items():
        for what, reasons in split["reasons"].items():
            for reason, count in reasons.items():
                table.add_row(Text(name), what, Text(reason), f"{count:,}")
    return table


def _lengths(splits: Mapping[str, Any]) -> Table:
    table = _table("Lengths in tokens", "", "side", "distribution", "longest", "mean", "tokens", numbers=3)
    for name, split in splits.items():
        for side in ("source", "target"):
            histogram, tokens = split[f"{side}_lengths"], split[f"{side}_tokens"]
            if split["kept"] and histogram["counts"]:
                edges, mean = histogram["edges"], tokens / split["kept"]
                table.add_row(
                    Text(name), side, _bars(histogram["counts"]), f"< {edges[-1]:,}", f"{mean:.1f}", f"{tokens:,}"
                )
    return table


def _bars(counts: list[int]) -> str:
    """One bar a bin, as high as its share of the fullest; an empty bin is a space."""
    most = max(counts)
    return "".join(BARS[(len(BARS) - 1) * count // most] if count else " " for count in counts)


def _overlap(overlap: Mapping[str, Any]) -> Table:
    table = _table(
        "Evaluation rows that also occur in training", "", "for example", "rows", "same source", "same pair", numbers=3
    )
    for name, found in overlap.items():
        examples = [f"{_short(here)} = {_short(there)}" for here, there in found.get("examples", [])[:1]]
        table.add_row(
            Text(name),
            Text("".join(examples)),
            f"{found['rows']:,}",
            f"{found['sources_in_train']:,}",
            f"{found['pairs_in_train']:,}",
        )
    return table


def _short(origin: str) -> str:
    """An origin without its folders: "train.tsv:17"."""
    return origin.rpartition("/")[2]
