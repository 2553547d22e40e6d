"""The top of the page: what was run, its score in large, and the verdict."""

from __future__ import annotations

from dragoman.evaluation.metrics import METRICS
from dragoman.report.html import Html, tag
from dragoman.report.layout import text
from dragoman.report.note import Note
from dragoman.report.numbers import GAP, MISSING, count, duration, plural, short_count, size
from dragoman.report.run import Run, set_label
from dragoman.report.verdict import notes, sum_up


def header(run: Run, sections: list[tuple[str, str]]) -> Html:
    """Name and task, and the way to each (anchor, title) below."""
    languages = run.languages
    task = run.task.capitalize().replace("-", " ")
    trained = [method.name for method in run.trained]
    beside = " beside the base model" if run.base is not None else ""
    parts = [
        f"{task} from {languages[0]} to {languages[1]}" if languages and task else task,
        f"{plural(len(trained), 'method')}: {', '.join(trained)}{beside}" if trained else "",
        str(run.machine.get("device", "")),
    ]
    return tag(
        "header",
        tag("p", "Dragoman · report of a run", class_="eyebrow"),
        tag("h1", text(run.name)),
        tag("p", " · ".join(part for part in parts if part), class_="subtitle"),
        navigation(sections),
    )


def navigation(sections: list[tuple[str, str]]) -> Html:
    return tag("nav", [tag("a", title, href=f"#{anchor}") for anchor, title in sections], aria_label="Sections")


def headline(run: Run) -> Html:
    """The four numbers to know, then the verdict."""
    return tag(
        "section",
        tag("div", _score_tile(run), _data_tile(run), _model_tile(run), _time_tile(run), class_="tiles"),
        tag("p", sum_up(run), class_="verdict", dir="auto"),
        list_notes(notes(run)),
        tag("p", "Not in the run folder: ", ", ".join(run.absent), ".", class_="absent") if run.absent else None,
        id="headline",
    )


def list_notes(found: list[Note]) -> Html | None:
    """Notes, one a line, warnings in their own colour."""
    lines = [tag("li", note.text, class_="warning" if note.warning else None, dir="auto") for note in found]
    return tag("ul", lines, class_="notes") if lines else None


def _tile(label: str, value: str, unit: str, *below: str) -> Html:
    number = tag("p", value, tag("small", " " + unit) if unit else None, class_="value")
    line = " · ".join(text for text in below if text)
    return tag("div", tag("p", label, class_="label"), number, tag("p", line, class_="below", dir="auto"))


def _score_tile(run: Run) -> Html:
    metric, best, name = METRICS[run.main_metric], run.best, run.headline_set
    if best is not None:
        others = [
            f"{METRICS[m].label} {METRICS[m].shown(run.value(name, m, best))}"
            for m in run.metrics
            if m != run.main_metric
        ]
        value = metric.shown(run.value(name, run.main_metric, best))
        return _tile("Best score", value, metric.label, set_label(name), *others)
    for method in reversed(run.trained):
        steps, values = method.series("validation", run.main_metric)
        if len(steps):
            where = f"validation at step {count(steps[-1])}"
            return _tile("Score so far", metric.shown(float(values[-1])), metric.label, where)
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
        "Training rows", count(train.get("kept")), "", f"{short_count(tokens)} tokens" if tokens else "", *others[:2]
    )


def _model_tile(run: Run) -> Html:
    method = run.best or next((method for method in run.methods if method.parameters), None)
    if method is None or method.parameters is None:
        return _tile("Parameters", MISSING, "", "model not built yet")
    value, _, unit = short_count(method.parameters).partition(GAP)
    few = method.trainable is not None and method.trainable < method.parameters
    trained = f"{short_count(method.trainable)} trained" if few else ""
    return _tile("Parameters", value, unit, trained, f"{size(method.size_bytes)} on disk" if method.size_bytes else "")


def _time_tile(run: Run) -> Html:
    training = sum(method.seconds or 0 for method in run.methods)
    whole = run.seconds or training
    if not whole:
        return _tile("Time", MISSING, "", "not started")
    value, _, rest = duration(whole).partition(GAP)
    return _tile("Time", value, rest, f"training {duration(training)}" if training else "")
