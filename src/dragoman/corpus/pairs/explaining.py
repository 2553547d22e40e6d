"""What becomes of one pair of a recipe, and why: every rule's numbers beside their limits."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.base.progress import progress
from dragoman.corpus.pairs.batch import PairBatch
from dragoman.corpus.pairs.cleaning import Cleaner
from dragoman.corpus.pairs.reading import pairs_of, template_of
from dragoman.corpus.pairs.rule import PairRule, Verdict, numbers_at
from dragoman.data.quarantine import Quarantine
from dragoman.data.readers import read_source
from dragoman.data.rows import BadRow, Example, Row
from dragoman.recipe.loading import LoadedTexts
from dragoman.recipe.paths import resolve_path


def explain_pair(loaded: LoadedTexts, pair: str) -> str:
    """What becomes of a pair, in lines to print. pair: FILE:ROW; of a file its name will do, or its path from here.

    Whether a pair repeats another depends on all pairs before it: so those are judged again, where nothing else removes
    this one. Raises RequestError where the recipe reads no such row.
    """
    file, _, row = pair.rpartition(":")
    if not file or not row.isdecimal():
        raise RequestError(f"'{pair}' is no FILE:ROW", hint="such as pairs.tsv:17")
    with loaded.located(), Quarantine(None, strict=False) as quarantine:
        found = _find(loaded, file, int(row))
        if isinstance(found, BadRow):
            return f"{found.origin}: put into quarantine: {found}"
        cleaner = Cleaner(loaded, quarantine)
        batch = PairBatch.of([found.source], [found.target])
        (verdict,) = cleaner.gate.verdicts(batch)
        lines = [f"{found.origin}", f"  source  {found.source}", f"  target  {found.target}", ""]
        lines += chain.from_iterable(_lines(rule, batch) for rule in cleaner.gate.rules)
        if verdict.kept:
            verdict = _among_others(cleaner, found)
            lines += _memory_lines(cleaner, verdict)
    return "\n".join([*lines, "", "kept" if verdict.kept else f"removed by the rule {verdict.rule}"])


def reads(loaded: LoadedTexts, pair: str) -> bool:
    """Whether the recipe's pairs, if it has any, are read from the file of FILE:ROW."""
    sources = loaded.recipe.pairs.sources if loaded.recipe.pairs is not None else []
    named = [path for source in sources for path in (source.path, source.source_path) if path is not None]
    return any(_is_called(str(resolve_path(path, loaded.folder)), pair.rpartition(":")[0]) for path in named)


def _find(loaded: LoadedTexts, file: str, row: int) -> Example | BadRow:
    """The pair in that row. Files are told by the end of their path: `pairs.tsv`, `data/pairs.tsv`."""
    template, names = template_of(pairs_of(loaded)), list[str]()
    for source in pairs_of(loaded).sources:
        last = None
        for one in read_source(source, loaded.folder):
            if last is None and not _is_called(one.origin.file, file):
                names.append(one.origin.file)
                break
            last = one.origin.row
            if last == row:
                return template.render(one) if isinstance(one, Row) else one
        if last is not None:
            raise RequestError(f"no pair is read from row {row}", where=file, hint=f"the last row is {last}")
    hint = did_you_mean(file, [Path(name).name for name in names]) or f"they are read from {', '.join(names)}"
    raise RequestError("the recipe's pairs are not read from it", where=file, hint=hint)


def _is_called(name: str, file: str) -> bool:
    """Whether a row's file is the one that is meant."""
    return name == file or name.endswith(f"/{file.removeprefix('./')}") or name == str(Path(file).resolve())


def _among_others(cleaner: Cleaner, wanted: Example) -> Verdict:
    """The verdict on a pair after all those before it."""
    with progress("judging the pairs before it", unit="pairs") as bar:
        for batch in cleaner.judged():
            bar.advance(len(batch))
            for example, verdict in batch:
                if example.origin == wanted.origin:
                    return verdict
    raise RuntimeError(f"{wanted.origin} was read once and not again")


def _lines(rule: PairRule, batch: PairBatch) -> list[str]:
    """A line for each number of a rule, and whether it passes."""
    shown = numbers_at(rule.measure(batch), 0)
    return [_line(rule, name, value) for name, value in shown.items()] or [f"  not asked  {rule.name}"]


def _line(rule: PairRule, name: str, value: float) -> str:
    low, high = rule.limits()[name]
    passes = (low is None or value >= low) and (high is None or value <= high)
    wanted = [f"at least {low:g}"] if low is not None else []
    wanted += [f"at most {high:g}"] if high is not None else []
    said = f"{name.replace('_', ' ')} {value:g}, {' and '.join(wanted)}"
    return f"  {'passes   ' if passes else 'removes  '}  {rule.name}: {said}"


def _memory_lines(cleaner: Cleaner, verdict: Verdict) -> list[str]:
    lines: list[str] = []
    for name in cleaner.memory.names:
        if name == verdict.rule:
            numbers = ", ".join(f"{key.replace('_', ' ')} {value:g}" for key, value in verdict.measured.items())
            return [*lines, f"  removes    {name}: {numbers}"]
        lines.append(f"  passes     {name}")
    return lines
