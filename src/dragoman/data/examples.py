"""From a recipe's sources to examples: read, drop, render, put bad rows aside, count everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.data.dropping import KEY, NO_RULES, DropRules
from dragoman.data.entities import DERIVED, entity_rows
from dragoman.data.quarantine import Quarantine
from dragoman.data.readers import column_names, describe_source, has_column, read_source
from dragoman.data.receipt import Receipt
from dragoman.data.rows import BadRow, Example, Row
from dragoman.data.templates import Template
from dragoman.recipe import schema

SHOWN, SHOWN_CHARACTERS = 12, 60  # columns that a message lists


def read_examples(
    sources: Sequence[schema.Source],
    template: Template,
    folder: Path,
    *,
    split: str,
    quarantine: Quarantine,
    receipt: Receipt,
    drop: DropRules = NO_RULES,
    entities: schema.Entities | None = None,
) -> Iterator[Example]:
    """The examples of a split, source after source. folder: the recipe's. Memory does not grow with rows.

    drop: which rows are left out, before the template is filled. entities: for the task entities, where words and tags
    are. Counts every row as read in receipt.split(split), the bad ones as quarantined and those that are left out as
    dropped; the caller counts what becomes of the examples. Raises RequestError at once for files that cannot be read
    and for columns that no row has; while reading for a bad row where the quarantine is strict, and for a source
    without one usable row.
    """
    for source in sources:
        check_columns(source, template, folder, entities)
    return _examples(sources, template, folder, split, quarantine, receipt, drop, entities)


def _examples(
    sources: Sequence[schema.Source],
    template: Template,
    folder: Path,
    split: str,
    quarantine: Quarantine,
    receipt: Receipt,
    drop: DropRules,
    entities: schema.Entities | None,
) -> Iterator[Example]:
    counts = receipt.split(split)
    for source in sources:
        usable, faults = 0, Counter[str]()
        rows = read_source(source, folder)
        for row in rows if entities is None else entity_rows(rows, entities):
            counts.read_row()
            if isinstance(row, Row) and (reason := drop.reason(row)) is not None:
                counts.drop(reason)
                faults[reason] += 1
                continue
            example = row if isinstance(row, BadRow) else template.render(row)
            if isinstance(example, BadRow):
                counts.quarantine(example.reason)
                faults[example.reason] += 1
                quarantine.add(split, example)
            else:
                usable += 1
                yield example
        if not usable:
            reasons = "; ".join(f"{reason} ({count:,})" for reason, count in faults.most_common(3))
            advice = "; save the file as UTF-8" if faults["not UTF-8"] else ""
            raise RequestError(
                f"none of its {faults.total():,} rows can be used",
                where=describe_source(source),
                hint=f"the reasons: {reasons}{advice}",
            )


def check_columns(
    source: schema.Source, template: Template, folder: Path, entities: schema.Entities | None = None
) -> None:
    """Raise RequestError where the recipe names a column that no row of the source has and that has no default.

    entities: for the task entities, where words and tags are; these are needed then, and two columns come of them.
    """
    needed = dict.fromkeys(template.columns - set(template.defaults), template.key)
    if entities is not None:
        for name in DERIVED:
            needed.pop(name, None)
        needed |= {entities.tokens: "data.entities", entities.tags: "data.entities"}
    known = column_names(source, folder)
    for name in sorted(set(needed) - set(known)):
        if not known:  # not one row could be read: reading says why
            return
        if has_column(source, folder, name):
            continue
        raise RequestError(
            f"has no column '{name}', which {needed[name]} names",
            where=describe_source(source),
            hint=f"its columns are {_listed(known)}; {_advice(name, known, needed[name])}",
        )


def check_drop_if(
    sources: Sequence[schema.Source], drop: DropRules, folder: Path, entities: schema.Entities | None = None
) -> None:
    """Raise RequestError where a rule names a column that no row of these sources has: one with it is enough."""
    for name in drop.columns:
        if entities is not None and name in DERIVED:
            continue
        if known := _columns_without(name, sources, folder):
            raise RequestError(
                f"there is no column '{name}'",
                where=KEY,
                hint=f"the columns are {_listed(known)}; {_advice(name, known, KEY)}",
            )


def separator_advice(known: list[str]) -> str | None:
    """What to do about a file whose only column's name holds what may be a separator; None where none does."""
    if len(known) != 1:
        return None
    for mark, word in {",": "commas", ";": "semicolons", "\t": "tabs"}.items():
        if mark in known[0]:
            return f"it seems to be separated by {word}: name it .csv, or set format: csv"
    return "it seems to be separated by bars: save it as CSV or TSV" if "|" in known[0] else None


def check_level(sources: Sequence[schema.Source], level: str, folder: Path) -> None:
    """Raise RequestError where no row of these sources has the column of levels: a single one with it is enough."""
    if known := _columns_without(level, sources, folder):
        raise RequestError(
            f"the rows to measure on have no column '{level}'",
            hint=f"their columns are {_listed(known)}; {_advice(level, known, 'data.template')}",
        )


def _columns_without(name: str, sources: Sequence[schema.Source], folder: Path) -> list[str]:
    """The columns of these sources where no row of any has this one; none where one has it, or where not one row could
    be read: reading says why.
    """
    if any(has_column(source, folder, name) for source in sources):
        return []
    return list(dict.fromkeys(column for source in sources for column in column_names(source, folder)))


def _listed(known: list[str]) -> str:
    listed = ", ".join(repr(column[:SHOWN_CHARACTERS]) for column in known[:SHOWN])
    return f"{listed}, ..." if len(known) > SHOWN else listed


def _advice(name: str, known: list[str], key: str) -> str:
    if advice := separator_advice(known):
        return advice
    nested = next((column for column in known if column.endswith(f".{name}") or column.startswith(f"{name}.")), None)
    if nested:
        return f"did you mean '{nested}'?"
    folded = {column.casefold(): column for column in reversed(known)}
    guess = folded.get(name.casefold())
    return f"did you mean '{guess}'?" if guess else did_you_mean(name, known) or f"name one of them in {key}"
