"""The comparison of methods on the screen."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dragoman.evaluation.metrics import METRICS
from dragoman.report.comparison import chance
from dragoman.report.method import MethodRun
from dragoman.report.numbers import MISSING, count, duration, listed, plural, short_count, signed, size
from dragoman.report.run import Run, set_label
from dragoman.report.verdict import sum_up
from dragoman.report.winner import contest


def print_comparison(run: Run, console: Console) -> None:
    """Print the scores of every set with their intervals, what the methods cost, and which one wins."""
    for name in run.sets:
        console.print(_scores(run, name))
        if lost := run.comparison.left_out(name):
            parts = [f"{number:,} of {method}" for method, number in lost.items()]
            console.print(Text(f"rows that not all have answered are left out: {listed(parts)}"), soft_wrap=True)
        for metric, why in run.comparison.not_compared(name).items():
            if metric in METRICS:
                console.print(Text(f"{METRICS[metric].label} does not compare: {why}"), soft_wrap=True)
        console.print()
    console.print(_costs(run))
    console.print()
    console.print(Text(sum_up(run)), soft_wrap=True)
    for note in contest(run):
        console.print(Text(note.text, "yellow" if note.warning else ""), soft_wrap=True)


def _scores(run: Run, name: str) -> Table:
    """A row a method; the last columns are about the main metric, against the best of all the methods."""
    rows = plural(run.comparison.rows(name) or 0, "row")
    title = f"{set_label(name)}, {rows}; in brackets the 95 % interval".capitalize()
    table = _table(title, "", *(_heading(metric) for metric in run.metrics))
    if run.best is not None:
        table.add_column(Text(f"against {run.best.name}"), header_style="dim")
        table.add_column("", no_wrap=True)
    for method in run.methods:
        cells = [_score(run, name, metric, method) for metric in run.metrics]
        against = [] if run.best is None else _against(run, name, method, run.best)
        table.add_row(Text(method.name, "bold" if method is run.best else ""), *cells, *against)
    return table


def _heading(metric: str) -> str:
    return f"{METRICS[metric].label} {'↑' if METRICS[metric].higher_is_better else '↓'}"


def _score(run: Run, name: str, metric: str, method: MethodRun) -> str:
    known, bounds = METRICS[metric], run.comparison.interval(name, metric, method.name)
    value = known.shown(run.value(name, metric, method))
    return value if bounds is None else f"{value} ({known.shown(bounds[0])}–{known.shown(bounds[1])})"


def _against(run: Run, name: str, method: MethodRun, best: MethodRun) -> list[str]:
    """The difference with its verdict, and its p-value."""
    pair = run.comparison.pair(name, run.main_metric, method.name, best.name)
    if pair is None:
        return [MISSING, ""]
    return [f"{signed(pair.difference, METRICS[run.main_metric].decimals)} {pair.verdict}", chance(pair.p)]


def _costs(run: Run) -> Table:
    table = _table("Cost", "", "parameters", "trained", "peak memory", "training", "tokens/s", "on disk")
    for method in run.methods:
        table.add_row(
            Text(method.name), short_count(method.parameters), short_count(method.trainable), size(method.peak_memory),
            duration(method.seconds), count(method.tokens_per_second), size(method.size_bytes),
        )  # fmt: skip
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for number, column in enumerate(columns):
        table.add_column(Text(column), justify="right" if number else "left", header_style="dim")
    return table
