"""The methods side by side: how good each is and how sure that is, how it stands to the base and the best, its cost."""

from __future__ import annotations

from dragoman.evaluation.metrics import METRICS
from dragoman.report.comparison import Pair
from dragoman.report.html import Child, Html, join, table, tag
from dragoman.report.layout import absent, details, interval_bar, section, text
from dragoman.report.method import MethodRun
from dragoman.report.numbers import MISSING, count, duration, listed, plural, share, short_count, signed, size
from dragoman.report.run import Run, set_label

USED = "FLOPs that the model's mathematics needs, a second, over those of a single large product on the same machine"
COSTS = ["Parameters", "Trained", "Peak memory", "Training", "Tokens/s", "On disk"]


def methods_section(run: Run) -> Html | None:
    """Every method with its quality and its cost: one table for one method, two for several."""
    if not run.methods:
        return None
    name = run.headline_set
    head = [metric_heading(metric) for metric in run.metrics]
    intro = _intro(run, name) if run.metrics else None
    if len(run.methods) == 1:
        (method,) = run.methods
        row = [_name(run, method), *_scores(run, name, method), *_costs(method)]
        return section("methods", "Methods", table(["Method", *head, *COSTS], [row]), intro=intro)
    costs = table(["Method", *COSTS], [[_name(run, method), *_costs(method)] for method in run.methods])
    if not run.metrics:
        return section("methods", "Methods", costs)
    parts: list[Child] = [_quality(run, name, head), *_remarks(run, name), tag("h3", "Cost"), costs, _pairs(run)]
    return section("methods", "Methods", *parts, intro=intro)


def metric_heading(metric: str) -> Html:
    """Its label with an arrow to where it is better."""
    known = METRICS[metric]
    way = ("↑", "higher is better") if known.higher_is_better else ("↓", "lower is better")
    return join(known.label, " ", tag("span", way[0], class_="way", title=way[1]))


def score_cell(run: Run, set_name: str, metric: str, method: MethodRun) -> Html:
    """The value, with its interval below where one is known."""
    known, bounds = METRICS[metric], run.comparison.interval(set_name, metric, method.name)
    value = known.shown(run.value(set_name, metric, method))
    below = tag("small", f"{known.shown(bounds[0])} – {known.shown(bounds[1])}", class_="below") if bounds else None
    return join(tag("strong", value) if metric == run.main_metric else value, below)


def _intro(run: Run, name: str) -> str:
    words = f"Scores on the {set_label(name)}."
    if run.comparison.rows(name):
        words += (
            f" Below each its 95 % interval, and p-values of differences, from {count(run.comparison.resamples)} "
            "resamples of the rows (paired bootstrap, Koehn 2004; not corrected for the number of pairs)."
        )
    return words


def _name(run: Run, method: MethodRun) -> Html:
    badge = None
    if method is run.best and len(run.methods) > 1:
        badge = tag("span", "best", class_="badge")
    elif method.state != "scored":
        badge = tag("span", method.state, class_="badge quiet")
    elif method.base:
        badge = tag("span", "not trained", class_="badge quiet")
    return join(text(method.name), " ", badge)


def _quality(run: Run, name: str, head: list[Html]) -> Html:
    """Scores with intervals; the main one's as a bar over one scale; the difference to the base and to the best."""
    rivals = [(rival, label) for rival, label in ((run.base, "the base"), (run.best, "the best")) if rival is not None]
    rivals = [(rival, label) for rival, label in rivals if run.comparison.rows(name)]
    bars = _bars(run, name)
    rows: list[list[Child]] = []
    for method in run.methods:
        against = [_against(run, name, method, rival) for rival, _ in rivals]
        bar = [bars.get(method.name, tag("td", class_="graph"))] if bars else []
        rows.append([_name(run, method), *bar, *_scores(run, name, method), *against])
    named = ["Method", *([""] if bars else []), *head, *[f"Against {label}" for _, label in rivals]]
    return table(named, rows, text=1 + bool(bars))


def _scores(run: Run, name: str, method: MethodRun) -> list[Child]:
    return [score_cell(run, name, metric, method) for metric in run.metrics]


def _bars(run: Run, name: str) -> dict[str, Html]:
    """A cell for each method with an interval; all over one scale, from the lowest bound to the highest."""
    found = {method.name: run.comparison.interval(name, run.main_metric, method.name) for method in run.methods}
    bounds = {method: both for method, both in found.items() if both is not None}
    if len(bounds) < 2:
        return {}
    start, end = min(low for low, _ in bounds.values()), max(high for _, high in bounds.values())
    cells = {}
    for method in run.methods:
        value = run.value(name, run.main_metric, method)
        if method.name in bounds and value is not None:
            low, high = bounds[method.name]
            cells[method.name] = tag(
                "td", interval_bar(low, value, high, start, end, run.colour(method)), class_="graph"
            )
    return cells


def _against(run: Run, name: str, method: MethodRun, rival: MethodRun) -> Child:
    pair = run.comparison.pair(name, run.main_metric, method.name, rival.name)
    return MISSING if pair is None else _difference(run.main_metric, pair)


def _difference(metric: str, pair: Pair) -> Html:
    value = signed(pair.difference, METRICS[metric].decimals)
    return join(value if pair.real else tag("span", value, class_="zero"), tag("small", pair.in_words, class_="below"))


def _costs(method: MethodRun) -> list[Child]:
    trained: Child = short_count(method.trainable)
    if method.trainable and method.parameters and method.trainable < method.parameters:
        trained = join(trained, tag("small", share(method.trainable, method.parameters), class_="below"))
    return [
        short_count(method.parameters), trained, size(method.peak_memory), duration(method.seconds),
        speed_cell(method), size(method.size_bytes),
    ]  # fmt: skip


def speed_cell(method: MethodRun) -> Child:
    """Tokens a second; below them the utilisation where it was measured."""
    if method.utilisation is None:
        return count(method.tokens_per_second)
    used = tag("small", f"{share(method.utilisation, 1)} utilised", class_="below", title=USED)
    return join(count(method.tokens_per_second), used)


def _remarks(run: Run, name: str) -> list[Html]:
    """What was left out of the comparison, and why."""
    said = []
    if lost := run.comparison.left_out(name):
        which = listed([f"{number:,} of {method}" for method, number in lost.items()])
        whole = plural(run.comparison.rows(name) or 0, "row")
        said.append(absent(f"Only the {whole} that every method has answered are compared: {which} are left out."))
    for metric, why in run.comparison.not_compared(name).items():
        if metric in METRICS:
            said.append(absent(f"{METRICS[metric].label} does not compare here: {why}."))
    return said


def _pairs(run: Run) -> Html | None:
    """Every two methods on every set by every metric, behind a click."""
    rows: list[list[Child]] = []
    for name in run.sets:
        for metric in run.metrics:
            for pair in run.comparison.pairs(name, metric):
                known = METRICS[metric]
                bounds = f"{signed(pair.low, known.decimals)} to {signed(pair.high, known.decimals)}"
                against = join(text(pair.one), " against ", text(pair.other))
                difference = signed(pair.difference, known.decimals + 1)
                rows.append([text(set_label(name)), known.label, against, difference, bounds, pair.in_words])
    if not rows:
        return None
    head = ["Set", "Score", "Methods", "Difference", "95 % interval", "The first is"]
    return details("Every two methods, by every score", table(head, rows, text=3))
