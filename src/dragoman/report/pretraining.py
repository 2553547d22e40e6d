"""Pretraining: what it learnt from, how it went, and what it brought to the methods that start from it."""

from __future__ import annotations

from dragoman.evaluation.metrics import METRICS
from dragoman.report.gain import Gain, find_gain
from dragoman.report.html import Child, Html, join, table, tag
from dragoman.report.layout import absent, facts, figure, grid, legend_key, section, text
from dragoman.report.method import MethodRun
from dragoman.report.methods import score_cell, speed_cell
from dragoman.report.numbers import MISSING, count, decimal, duration, share, short_count, size
from dragoman.report.plots import Line, curves, smooth
from dragoman.report.run import Run, set_label

OBJECTIVES = {
    "span_corruption": "span corruption: masked spans are learnt, each behind its own sentinel",
    "infilling": "infilling: the whole text is learnt, from one with masked spans",
    "causal": "the next token of raw text",
}
STARTS = {"random": "random weights", "base": "the base model's weights"}


def pretraining_section(run: Run) -> Html | None:
    """None where the recipe pretrains nothing."""
    pretraining = run.pretraining
    if pretraining is None:
        return None
    gain = find_gain(run)
    parts: list[Child] = [grid(_loss(pretraining), _facts(run, pretraining)), _left_out(run)]
    if gain is not None:
        parts += [tag("h3", "What it brought"), _gain(run, gain)]
    settings = run.recipe.get("pretraining") or {}
    objective = OBJECTIVES.get(str(settings.get("objective", "span_corruption")), "")
    return section("pretraining", "Pretraining", *parts, intro=f"Learnt before the task: {objective}.")


def _loss(pretraining: MethodRun) -> Html:
    steps, losses = pretraining.series("step", "loss")
    if not len(steps):
        return absent("No step of pretraining has been written down yet.")
    lines = [Line(steps, losses, 0, "faint"), Line(steps, smooth(losses), 0)]
    legend: list[Child] = [legend_key("training", 0)]
    steps, losses = pretraining.series("validation", "loss")
    if len(steps):
        lines.append(Line(steps, losses, 1, dots=True, best=pretraining.best_step))
        legend.append(legend_key("held-out text", 1))
    return figure("Loss of pretraining", curves(lines, "Loss of pretraining over steps"), legend)


def _facts(run: Run, pretraining: MethodRun) -> Html:
    receipt = run.text_receipt
    documents, tokens = receipt.get("documents", {}), receipt.get("tokens", {})
    pairs: list[tuple[str, Child]] = [
        ("Text read", f"{size(receipt.get('bytes'))}, {count(receipt.get('read'))} documents"),
        ("Learnt from", f"{count(documents.get('train'))} documents, {short_count(tokens.get('train'))} tokens"),
        ("Held out", f"{count(documents.get('validation'))} documents, {short_count(tokens.get('validation'))} tokens"),
        ("Steps", count(pretraining.steps)),
        ("Time", duration(pretraining.seconds)),
        ("Tokens/s", speed_cell(pretraining)),
    ]
    return facts(pairs)


def _left_out(run: Run) -> Html | None:
    """Documents that are not learnt from, and why."""
    read = run.text_receipt.get("read")
    rows: list[list[Child]] = [
        [fate, text(reason), count(number), share(number, read)]
        for fate in ("unusable", "dropped")
        for reason, number in (run.text_receipt.get(fate) or {}).items()
    ]
    if not rows:
        return None
    return join(tag("h3", "Left out"), table(["What", "Why", "Documents", "Share"], rows, text=2))


def _gain(run: Run, gain: Gain) -> Html:
    """The two methods side by side: where they began, how far they came, and how fast."""
    both, name, main = (gain.pretrained, gain.other), run.headline_set, run.main_metric
    label = METRICS[gain.metric].label if gain.metric in METRICS else "loss"
    firsts = [decimal(gain.first_loss(method), 2) for method in both]
    validations = [gain.shown(gain.first_validation(method)) for method in both]
    bests = [_best(gain, method) for method in both]
    own = gain.best(gain.other)
    reached: list[Child] = [count(gain.reached) if gain.reached else "not reached", count(own[0]) if own else MISSING]
    head: list[Child] = ["", *(join(text(method.name), tag("small", start, class_="below")) for method, start in
                               zip(both, ("pretrained", STARTS.get(gain.start, "")), strict=True))]  # fmt: skip
    rows: list[list[Child]] = [
        ["Loss at the first step", *firsts],
        [f"{label} at the first validation", *validations],
        [f"Best {label} on validation", *bests],
        [join("Steps to the best of ", text(gain.other.name)), *reached],
        [f"{METRICS[main].label}, {set_label(name)}", *(score_cell(run, name, main, method) for method in both)],
    ]
    if gain.pair is not None:
        rows.append(["The difference", gain.difference, gain.pair.in_words])
    note = None if gain.alike else absent("These two differ in more than their start: see the recipe.")
    return join(table(head, rows), note)


def _best(gain: Gain, method: MethodRun) -> str:
    best = gain.best(method)
    return MISSING if best is None else f"{gain.shown(best[1])} (step {count(best[0])})"
