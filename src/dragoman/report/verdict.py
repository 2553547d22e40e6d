"""What a run amounts to, in plain words: one sentence, and what one should know beside it."""

from __future__ import annotations

from dataclasses import dataclass

from dragoman.evaluation.scores import METRICS
from dragoman.report.numbers import GAP, count, decimal, plural, share
from dragoman.report.run import MethodRun, Run, set_label

# what readers make of a BLEU score: the usual rule of thumb, for a test set unlike the training rows
_BLEU_READS_AS = [
    (10, "hardly usable"),
    (20, "hard to follow"),
    (30, "understandable, with clear mistakes"),
    (40, "understandable to good"),
    (50, "good"),
    (60, "very good"),
]
CLOSE_CALL = 1.0  # points of BLEU, chrF or TER: less may well be chance


@dataclass(frozen=True)
class Note:
    """Something to know. warning: it casts doubt on the scores or the data."""

    text: str
    warning: bool = False


def sum_up(run: Run) -> str:
    """The one sentence that says how good the best model is, or how far an unfinished run has come."""
    best = run.best
    if best is None:
        return _so_far(run)
    name, label = headline_set(run), METRICS[run.main_metric].label
    languages = run.languages
    what = f"translates {languages[0]} to {languages[1]}" if languages else "answers"
    rows = best.on(name).get("rows")
    on = f"on the {count(rows)} rows of the {set_label(name)}" if rows else f"on the {set_label(name)}"
    subject = "The model" if len(run.methods) == 1 else f"The best of {len(run.methods)} methods, {best.name},"
    return f"{subject} {what} at {decimal(best.score(name, run.main_metric))} {label} {on}."


def notes(run: Run) -> list[Note]:
    """What to know beside the sentence, the most important first."""
    parts = [_comparison, _rule_of_thumb, _levels, _outputs, _course, _data, _overlap]
    found = [note for part in parts for note in part(run)]
    return sorted(found, key=lambda note: not note.warning)


def headline_set(run: Run) -> str:
    """The set whose score stands in large: the first test set that the best method was scored on, else validation."""
    return next((name for name in run.sets if run.best and run.best.on(name)), "validation")


def _so_far(run: Run) -> str:
    begun = [method for method in run.methods if method.state != "not started"]
    if not begun:
        return "Nothing has been trained yet."
    method = begun[-1]
    steps, values = method.series("validation", run.main_metric)
    where = f"{method.name} has been trained for {plural(method.steps or 0, 'step')} and has not been scored"
    if not len(steps):
        return f"This run is not finished: {where}."
    label = METRICS[run.main_metric].label
    return f"This run is not finished: {where}; at its last validation it stood at {values[-1]:.1f} {label}."


def _comparison(run: Run) -> list[Note]:
    """The best method against each of the others: how far ahead, and at what cost."""
    best, metric, name = run.best, METRICS[run.main_metric], headline_set(run)
    own = best.score(name, run.main_metric) if best else None
    found = []
    for other in run.methods:
        if best is None or own is None or other is best:
            continue
        theirs = other.score(name, run.main_metric)
        if theirs is None:
            found.append(Note(f"{other.name} has not been scored: it is {other.state}."))
            continue
        gap = own - theirs if metric.higher_is_better else theirs - own
        way = "ahead of" if gap >= 0 else "behind"
        text = f"{best.name} is {abs(gap):.1f} {metric.label} {way} {other.name} on the {set_label(name)}"
        text += "; it was chosen by its validation score" if gap < 0 else ""
        text += "; a gap this small may be chance" if abs(gap) < CLOSE_CALL else ""
        if best.seconds and other.seconds:
            text += f". It took {100 * best.seconds / other.seconds:.0f}{GAP}% of the other's training time"
        found.append(Note(text + "."))
    return found


def _rule_of_thumb(run: Run) -> list[Note]:
    value = run.best.score(headline_set(run), "bleu") if run.best else None
    if value is None or run.main_metric != "bleu":
        return []
    words = next((words for limit, words in _BLEU_READS_AS if value < limit), None)
    if words is None:
        text = (
            "Above 60 BLEU, outputs repeat the references nearly word for word: these rows are like the training rows."
        )
    else:
        text = (
            f"As a rule of thumb, translations at this score are {words}. Scores on different test sets do not compare."
        )
    return [Note(text)]


def _levels(run: Run) -> list[Note]:
    metric = METRICS[run.main_metric]
    levels = (run.best.on(headline_set(run)).get("levels") or {}) if run.best else {}
    values = {level: own.get("scores", {}).get(run.main_metric) for level, own in levels.items()}
    ranked = sorted((value, level) for level, value in values.items() if value is not None)
    if len(ranked) < 2:
        return []
    (low, weak), (high, strong) = (ranked[0], ranked[-1]) if metric.higher_is_better else (ranked[-1], ranked[0])
    return [
        Note(f"Level {strong} is the strongest, at {high:.1f} {metric.label}, and {weak} the weakest, at {low:.1f}.")
    ]


def _outputs(run: Run) -> list[Note]:
    """Outputs that no score should hide: empty ones, and sources handed back."""
    rows = [row for row in run.best.outputs if row.get("set") == headline_set(run)] if run.best else []
    empty = sum(not str(row.get("output", "")).strip() for row in rows)
    copied = sum(row.get("output") == row.get("source") != row.get("target") for row in rows)
    found = []
    if pieces := run.best.on(headline_set(run)).get("split") if run.best else None:
        text = f"{plural(pieces, 'source')} longer than the model's limit {'was' if pieces == 1 else 'were'}"
        found.append(Note(f"{text} answered in pieces."))
    if cut := run.best.on(headline_set(run)).get("cut") if run.best else None:
        text = f"{plural(cut, 'output')} of {count(len(rows))} {'was' if cut == 1 else 'were'} cut"
        found.append(Note(f"{text} at the longest length allowed, before the model was done.", warning=True))
    if empty:
        are = "is" if empty == 1 else "are"
        found.append(Note(f"{plural(empty, 'output')} of {count(len(rows))} {are} empty.", warning=True))
    if copied > len(rows) / 100:
        repeat = "repeats" if copied == 1 else "repeat"
        text = f"{plural(copied, 'output')} of {count(len(rows))} {repeat} the source unchanged."
        found.append(Note(text, warning=True))
    return found


def _course(run: Run) -> list[Note]:
    found = []
    for method in run.methods:
        which = "Training" if len(run.methods) == 1 else f"Training {method.name}"
        end = next(iter(reversed(method.events("end"))), None)
        if end is not None:
            early = (
                " and was stopped early, as validation no longer improved"
                if end.get("reason") == "early stopping"
                else ""
            )
            found.append(Note(f"{which} took {plural(end.get('step', 0), 'step')}{early}{_best_step(method)}."))
        elif run.best and method.metrics:
            found.append(Note(f"{which} has not come to its end."))
    return found


def _best_step(method: MethodRun) -> str:
    best, last = method.best_step, method.steps
    if best is None or last is None:
        return ""
    return "; the last validation was the best" if best >= last else f"; validation was best at step {count(best)}"


def _data(run: Run) -> list[Note]:
    train = run.receipt.get("splits", {}).get("train", {})
    read, kept = train.get("read"), train.get("kept")
    if not read or kept is None:
        return []
    text = f"{count(kept)} of {count(read)} training rows were used"
    text += f" ({count(train['trimmed'])} of them trimmed)" if train.get("trimmed") else ""
    fates = [
        ("dropped", "were dropped"),
        ("quarantined", "are in quarantine"),
        ("held_out", "were held out for validation"),
    ]
    text += "".join(f", {count(train[key])} {words}" for key, words in fates if train.get(key))
    lost = train.get("dropped", 0) + train.get("quarantined", 0)
    return [Note(text + ".", warning=lost > 0.05 * read)]


def _overlap(run: Run) -> list[Note]:
    found = []
    for name, own in run.receipt.get("overlap", {}).items():
        sources, rows = own.get("sources_in_train", 0), own.get("rows", 0)
        if sources:
            many = sources > 0.01 * rows
            which = f"{plural(sources, 'source')} of the {set_label(name)} ({share(sources, rows)})"
            text = f"{which} also {'stands' if sources == 1 else 'stand'} in the training rows"
            found.append(Note(text + (": its scores flatter the model." if many else "."), warning=many))
    return found
