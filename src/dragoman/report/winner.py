"""Which method wins, whether that may be chance, and what it costs beside the others: in plain words."""

from __future__ import annotations

from dragoman.evaluation.comparison import BASE, EQUAL
from dragoman.evaluation.metrics import METRICS
from dragoman.report.comparison import Pair, chance
from dragoman.report.method import MethodRun
from dragoman.report.note import Note
from dragoman.report.numbers import GAP, listed
from dragoman.report.run import Run, set_label

CLOSE_CALL = 1.0  # hundredths: where nothing was resampled, less may well be chance


def contest(run: Run) -> list[Note]:
    """The best method against the base model, then against each other method."""
    found: list[Note] = []
    for other in sorted(run.methods, key=lambda method: not method.base):
        if run.best is None or other is run.best:
            continue
        if run.value(run.headline_set, run.main_metric, other) is None:
            found.append(_unscored(run, other))
        elif run.value(run.headline_set, run.main_metric, run.best) is not None:
            found.append(_against_base(run, run.best, other) if other.base else _against(run, run.best, other))
    return found


def _unscored(run: Run, method: MethodRun) -> Note:
    if method.state == "scored":
        return Note(f"Not scored by {METRICS[run.main_metric].label}: {_named(method)}.")
    return Note(f"Not scored yet: {_named(method)}{'' if method.base else f', which is {method.state}'}.")


def _named(method: MethodRun) -> str:
    if not method.base:
        return method.name
    return "the untouched base model" if method.name == BASE else f"the untouched base model {method.name}"


def _gap(run: Run, best: MethodRun, other: MethodRun) -> tuple[float, str, Pair | None]:
    """How far the best is ahead of the other (below 0: behind), the same without its sign in words, and the test."""
    metric, name = METRICS[run.main_metric], run.headline_set
    difference = (run.value(name, run.main_metric, best) or 0.0) - (run.value(name, run.main_metric, other) or 0.0)
    pair = run.comparison.pair(name, run.main_metric, best.name, other.name)
    return (difference if metric.higher_is_better else -difference), metric.gap_in_words(difference), pair


def _against_base(run: Run, best: MethodRun, base: MethodRun) -> Note:
    gap, words, pair = _gap(run, best, base)
    value = METRICS[run.main_metric].in_words(run.value(run.headline_set, run.main_metric, base))
    tested = f" ({chance(pair.p)})" if pair is not None else ""
    if pair is not None and pair.verdict == EQUAL:
        return Note(f"Training changed nothing: {best.name} scores as {_named(base)} does.", warning=True)
    if pair is not None and not pair.real:
        way = "ahead of" if gap >= 0 else "behind"
        return Note(
            f"It is not shown that training helped: {best.name} is {words} {way} {_named(base)}, and that may be chance"
            f"{tested}.", warning=True,
        )  # fmt: skip
    if gap < 0:
        return Note(f"Training did harm: {_named(base)} is {words} ahead of {best.name}{tested}.", warning=True)
    return Note(f"Training gained {words}: {_named(base)} stands at {value}{tested}.")


def _against(run: Run, best: MethodRun, other: MethodRun) -> Note:
    gap, words, pair = _gap(run, best, other)
    if pair is not None and pair.verdict == EQUAL:
        text = f"{best.name} and {other.name} score the same on the {set_label(run.headline_set)}"
    else:
        way = "ahead of" if gap >= 0 else "behind"
        text = f"{best.name} is {words} {way} {other.name} on the {set_label(run.headline_set)}"
        text += _doubt(run, gap, pair)
        text += "; it was chosen by its validation score" if gap < 0 else ""
    unsure = pair is not None and not pair.real
    cheaper = f" If it is, {other.name} is the cheaper choice." if unsure and _cheaper(other, best) else ""
    costs = _costs(best, other)
    return Note(f"{text}.{cheaper}{costs}")


def _doubt(run: Run, gap: float, pair: Pair | None) -> str:
    if pair is None:
        close = METRICS[run.main_metric].percent and abs(gap) < CLOSE_CALL
        return "; a gap this small may be chance" if close else ""
    return f" ({chance(pair.p)})" if pair.real else f", which may be chance ({chance(pair.p)})"


def _cheaper(one: MethodRun, other: MethodRun) -> bool:
    """Whether one took less of something that both were measured by, and more of nothing."""
    pairs = [(one.seconds, other.seconds), (one.peak_memory, other.peak_memory), (one.size_bytes, other.size_bytes)]
    known = [mine / theirs for mine, theirs in pairs if mine and theirs]
    return bool(known) and max(known) < 1.02 and min(known) < 0.9


def _costs(one: MethodRun, other: MethodRun) -> str:
    measured = {
        "training time": (one.seconds, other.seconds),
        "memory": (one.peak_memory, other.peak_memory),
        "trained parameters": (one.trainable, other.trainable),
        "room on disk": (one.size_bytes, other.size_bytes),
    }
    ratios = {name: mine / theirs for name, (mine, theirs) in measured.items() if mine and theirs}
    parts = [f"{_times(ratio)} the {name}" for name, ratio in ratios.items() if abs(ratio - 1) >= 0.01]
    return f" {one.name} took {listed(parts)} of {other.name}." if parts else ""


def _times(ratio: float) -> str:
    """0.82 -> "82 % of"; 5.4 -> "5.4 times"."""
    if ratio >= 1.5:
        return f"{ratio:.1f} times" if ratio < 9.95 else f"{ratio:,.0f} times"
    return f"{100 * ratio:.0f}{GAP}% of" if ratio >= 0.01 else f"{100 * ratio:.2g}{GAP}% of"
