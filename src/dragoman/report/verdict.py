"""What a run amounts to, in plain words: one sentence, and what one should know beside it."""

from __future__ import annotations

from dragoman.evaluation.metrics import METRICS
from dragoman.report.gain import gain_notes
from dragoman.report.method import MethodRun
from dragoman.report.note import Note
from dragoman.report.numbers import GAP, count, decimal, plural, share
from dragoman.report.run import Run, set_label
from dragoman.report.winner import contest

# what readers make of a BLEU score: the usual rule of thumb, for a test set unlike the training rows
_BLEU_READS_AS = [
    (10, "hardly usable"),
    (20, "hard to follow"),
    (30, "understandable, with clear mistakes"),
    (40, "understandable to good"),
    (50, "good"),
    (60, "very good"),
]
_DOES = {"translation": "translates", "entities": "finds entities"}
MALFORMED = 1.0  # hundredths of the answers from which on their form is a warning


def sum_up(run: Run) -> str:
    """The one sentence that says how good the best model is, or how far an unfinished run has come."""
    best = run.best
    if best is None:
        return _so_far(run)
    name, languages = run.headline_set, run.languages
    what = _DOES.get(run.task or "translation", "answers") + (f" {languages[0]} to {languages[1]}" if languages else "")
    score, rows = METRICS[run.main_metric].in_words(run.value(name, run.main_metric, best)), run.rows(name, best)
    on = f"on the {count(rows)} rows of the {set_label(name)}" if rows else f"on the {set_label(name)}"
    subject = "The model" if len(run.trained) == 1 else f"The best of {len(run.trained)} methods, {best.name},"
    return f"{subject} {what} at {score} {on}."


def notes(run: Run) -> list[Note]:
    """What to know beside the sentence, the most important first."""
    parts = [contest, gain_notes, _interval, _rule_of_thumb, _levels, _outputs, _course, _data, _overlap]
    found = [note for part in parts for note in part(run)]
    return sorted(found, key=lambda note: not note.warning)


def _so_far(run: Run) -> str:
    begun = [method for method in run.trained if method.state != "not started"]
    if not begun:
        return "Nothing has been trained yet."
    method = begun[-1]
    steps, values = method.series("validation", run.main_metric)
    where = f"{method.name} has been trained for {plural(method.steps or 0, 'step')} and has not been scored"
    if not len(steps):
        return f"This run is not finished: {where}."
    stood = METRICS[run.main_metric].in_words(float(values[-1]))
    return f"This run is not finished: {where}; at its last validation it stood at {stood}."


def _interval(run: Run) -> list[Note]:
    bounds = run.comparison.interval(run.headline_set, run.main_metric, run.best.name) if run.best else None
    if bounds is None:
        return []
    low, high = map(METRICS[run.main_metric].shown, bounds)
    return [Note(f"On rows drawn anew from these, 95 of 100 scores lie between {low} and {high}.")]


def _rule_of_thumb(run: Run) -> list[Note]:
    value = run.best.score(run.headline_set, "bleu") if run.best else None
    if value is None or run.main_metric != "bleu" or run.task not in ("translation", ""):
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
    levels = (run.best.on(run.headline_set).get("levels") or {}) if run.best else {}
    values = {level: own.get("scores", {}).get(run.main_metric) for level, own in levels.items()}
    ranked = sorted((value, level) for level, value in values.items() if value is not None)
    if len(ranked) < 2:
        return []
    (low, weak), (high, strong) = (ranked[0], ranked[-1]) if metric.higher_is_better else (ranked[-1], ranked[0])
    strongest, weakest = metric.in_words(high), metric.shown(low)
    return [Note(f"Level {strong} is the strongest, at {strongest}, and {weak} the weakest, at {weakest}.")]


def _outputs(run: Run) -> list[Note]:
    """Outputs that no score should hide: empty ones, and sources handed back."""
    rows = [row for row in run.best.answers if row.get("set") == run.headline_set] if run.best else []
    empty = sum(not str(row["output"]).strip() for row in rows)
    copied = sum(row.get("output") == row.get("source") != row.get("target") for row in rows)
    found = []
    if pieces := run.best.on(run.headline_set).get("split") if run.best else None:
        text = f"{plural(pieces, 'source')} longer than the model's limit {'was' if pieces == 1 else 'were'}"
        found.append(Note(f"{text} answered in pieces."))
    if cut := run.best.on(run.headline_set).get("cut") if run.best else None:
        text = f"{plural(cut, 'output')} of {count(len(rows))} {'was' if cut == 1 else 'were'} cut"
        found.append(Note(f"{text} at the longest length allowed, before the model was done.", warning=True))
    if trimmed := run.best.on(run.headline_set).get("trimmed") if run.best else None:
        text = f"{plural(trimmed, 'input')} longer than the model has in sight {'was' if trimmed == 1 else 'were'}"
        found.append(Note(f"{text} answered in part.", warning=True))
    malformed = run.best.score(run.headline_set, "malformed") if run.best else None
    if malformed is not None and malformed >= MALFORMED:
        found.append(Note(f"{decimal(malformed)}{GAP}% of the answers have a part that names no entity.", warning=True))
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
    for method in run.trained:
        which = "Training" if len(run.trained) == 1 else f"Training {method.name}"
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
