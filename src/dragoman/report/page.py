"""The report of a run, and the comparison of several: pages that need nothing but themselves.

No script, no address to load from, nothing to install.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dragoman.base.files import write_text
from dragoman.evaluation.metrics import METRICS
from dragoman.report.appendix import setup_section, time_section
from dragoman.report.curves import curves_section
from dragoman.report.document import document
from dragoman.report.html import Html, tag
from dragoman.report.methods import methods_section
from dragoman.report.model import model_section
from dragoman.report.overview import header, headline, list_notes, navigation
from dragoman.report.pretraining import pretraining_section
from dragoman.report.quality import levels_section, scores_section
from dragoman.report.questions import questions_section
from dragoman.report.receipt import receipt_section
from dragoman.report.run import Run, read_run
from dragoman.report.samples import samples_section
from dragoman.report.types import types_section
from dragoman.report.verdict import sum_up
from dragoman.report.winner import contest

_Sections = list[tuple[str, str, Callable[[Run], Html | None]]]
_COMPARED: _Sections = [
    ("methods", "Methods", methods_section),
    ("training", "Training", curves_section),
    ("scores", "Scores", scores_section),
    ("types", "Types", types_section),
    ("levels", "Levels", levels_section),
    ("samples", "Samples", samples_section),
    ("questions", "Questions", questions_section),
]
_SECTIONS: _Sections = [
    *_COMPARED,
    ("data", "Data", receipt_section),
    ("pretraining", "Pretraining", pretraining_section),
    ("model", "Model", model_section),
    ("time", "Time", time_section),
    ("setup", "Recipe", setup_section),
]


def write_report(run_folder: Path) -> Path:
    """Write report.html into a run folder and return its path. A run may be unfinished: the page says so.

    Raises RequestError where there is no such folder.
    """
    path = run_folder / "report.html"
    write_text(path, render(read_run(run_folder)))
    return path


def render(run: Run) -> str:
    """The page of a run. The same run gives the same page, byte for byte."""
    made = _made(run, _SECTIONS)
    top = header(run, [(anchor, title) for anchor, title, _ in made])
    return document(run.name, top, headline(run), [part for _, _, part in made])


def render_comparison(run: Run) -> str:
    """The page of a `Run` that was put together from methods of several (`merged`)."""
    made = _made(run, _COMPARED)
    top = tag(
        "header",
        tag("p", "Dragoman · comparison", class_="eyebrow"),
        tag("h1", run.name),
        tag("p", f"Compared by {METRICS[run.main_metric].label}.", class_="subtitle"),
        navigation([(anchor, title) for anchor, title, _ in made]),
    )
    lead = tag(
        "section",
        tag("p", sum_up(run), class_="verdict", dir="auto"),
        list_notes(sorted(contest(run), key=lambda note: not note.warning)),
        id="headline",
    )
    return document(run.name, top, lead, [part for _, _, part in made])


def _made(run: Run, sections: _Sections) -> list[tuple[str, str, Html]]:
    """Anchor, title and markup of the sections that there is something for."""
    made = [(anchor, title, build(run)) for anchor, title, build in sections]
    return [(anchor, title, part) for anchor, title, part in made if part is not None]
