"""The top of the page: what was run, its score in large, the verdict, and the methods side by side."""

from __future__ import annotations

from dragoman.evaluation.scores import METRICS
from dragoman.report.html import Child, Html, join, table, tag
from dragoman.report.layout import section, text
from dragoman.report.numbers import GAP, MISSING, count, decimal, duration, plural, short_count, size
from dragoman.report.run import MethodRun, Run, set_label
from dragoman.report.verdict import headline_set, notes, sum_up


def header(run: Run, sections: list[tuple[str, str]]) -> Html:
    """Name and task, and the way to each (anchor, title) below."""
    languages = run.languages
    task = str(run.recipe.get("task", "")).capitalize()
    parts = [
        f"{task} from {languages[0]} to {languages[1]}" if languages and task else task,
        plural(len(run.methods), "method") + ": " + ", ".join(method.name for method in run.methods)
        if run.methods
        else "",
        str(run.machine.get("device", "")),
    ]
    return tag(
        "header",
        tag("p", "Dragoman · report of a run", class_="eyebrow"),
        tag("h1", text(run.name)),
        tag("p", " · ".join(part for part in parts if part), class_="subtitle"),
        tag("nav", [tag("a", title, href=f"#{anchor}") for anchor, title in sections], aria_label="Sections"),
    )


def headline(run: Run) -> Html:
    """The four numbers to know, then the verdict."""
    found = notes(run)
    return tag(
        "section",
        tag("div", _score_tile(run), _data_tile(run), _model_tile(run), _time_tile(run), class_="tiles"),
        tag("p", sum_up(run), class_="verdict", dir="auto"),
        tag(
            "ul",
            [tag("li", note.text, class_="warning" if note.warning else None, dir="auto") for note in found],
            class_="notes",
        )
        if found
        else None,
        tag("p", "Not in the run folder: ", ", ".join(run.absent), ".", class_="absent") if run.absent else None,
        id="headline",
    )


def methods_section(run: Run) -> Html | None:
    """Every method with its quality and its cost."""
    if not run.methods:
        return None
    name = headline_set(run)
    costs = ["Parameters", "Trained", "Peak memory", "Training", "Tokens/s", "On disk"]
    head = ["Method", *[_metric_heading(metric) for metric in run.metrics], *costs]
    rows = [_method_row(run, method, name) for method in run.methods]
    intro = f"Scores on the {set_label(name)}." if run.metrics else None
    return section("methods", "Methods", table(head, rows), intro=intro)


def _metric_heading(metric: str) -> Html:
    known = METRICS[metric]
    way = ("↑", "higher is better") if known.higher_is_better else ("↓", "lower is better")
    return join(known.label, " ", tag("span", way[0], class_="way", title=way[1]))


def _method_row(run: Run, method: MethodRun, set_name: str) -> list[Child]:
    badge = None
    if method is run.best and len(run.methods) > 1:
        badge = tag("span", "best", class_="badge")
    elif method.state != "scored":
        badge = tag("span", method.state, class_="badge quiet")
    scores: list[Child] = []
    for metric in run.metrics:
        value = decimal(method.score(set_name, metric))
        scores.append(tag("strong", value) if metric == run.main_metric else value)
    return [
        join(text(method.name), " ", badge), *scores, short_count(method.parameters), short_count(method.trainable),
        size(method.peak_memory), duration(method.seconds), count(method.tokens_per_second), size(method.size_bytes),
    ]  # fmt: skip


def _tile(label: str, value: str, unit: str, *below: str) -> Html:
    number = tag("p", value, tag("small", " " + unit) if unit else None, class_="value")
    line = " · ".join(text for text in below if text)
    return tag("div", tag("p", label, class_="label"), number, tag("p", line, class_="below", dir="auto"))


def _score_tile(run: Run) -> Html:
    label, best, name = METRICS[run.main_metric].label, run.best, headline_set(run)
    if best is not None:
        others = [f"{METRICS[m].label} {decimal(best.score(name, m))}" for m in run.metrics if m != run.main_metric]
        return _tile("Best score", decimal(best.score(name, run.main_metric)), label, set_label(name), *others)
    for method in reversed(run.methods):
        steps, values = method.series("validation", run.main_metric)
        if len(steps):
            return _tile("Score so far", decimal(values[-1]), label, f"validation at step {count(steps[-1])}")
    return _tile("Score", MISSING, "", "not scored yet")


def _data_tile(run: Run) -> Html:
    splits = run.receipt.get("splits", {})
    train = splits.get("train", {})
    tokens = (train.get("source_tokens") or 0) + (train.get("target_tokens") or 0)
    others = [
        f"{count(own['kept'])} {'test' if split.startswith('test') else split}"
        for split, own in splits.items()
        if split != "train" and own.get("kept")
    ]
    return _tile(
        "Training pairs", count(train.get("kept")), "", f"{short_count(tokens)} tokens" if tokens else "", *others[:2]
    )


def _model_tile(run: Run) -> Html:
    method = run.best or next((method for method in run.methods if method.parameters), None)
    if method is None or method.parameters is None:
        return _tile("Parameters", MISSING, "", "model not built yet")
    value, _, unit = short_count(method.parameters).partition(GAP)
    return _tile("Parameters", value, unit, f"{size(method.size_bytes)} on disk" if method.size_bytes else "")


def _time_tile(run: Run) -> Html:
    training = sum(method.seconds or 0 for method in run.methods)
    whole = run.seconds or training
    if not whole:
        return _tile("Time", MISSING, "", "not started")
    value, _, rest = duration(whole).partition(GAP)
    return _tile("Time", value, rest, f"training {duration(training)}" if training else "")
