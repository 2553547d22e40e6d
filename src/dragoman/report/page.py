"""The report: one page that needs nothing but itself. No script, no address to load from, nothing to install."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from dragoman import __version__
from dragoman.base.files import write_text
from dragoman.report.appendix import setup_section, time_section
from dragoman.report.curves import curves_section
from dragoman.report.html import Html, printable, tag, trusted
from dragoman.report.overview import header, headline, methods_section
from dragoman.report.quality import levels_section, scores_section
from dragoman.report.receipt import receipt_section
from dragoman.report.run import Run, read_run
from dragoman.report.samples import samples_section

# should text of a data file ever become markup, the browser still loads and runs nothing
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_SECTIONS = [
    ("methods", "Methods", methods_section),
    ("training", "Training", curves_section),
    ("scores", "Scores", scores_section),
    ("levels", "Levels", levels_section),
    ("samples", "Samples", samples_section),
    ("data", "Data", receipt_section),
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
    made = [(anchor, title, build(run)) for anchor, title, build in _SECTIONS]
    present = [(anchor, title, part) for anchor, title, part in made if part is not None]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{run.name} · Dragoman"),
        tag("style", trusted(_style())),
    )
    body = tag(
        "body",
        header(run, [(anchor, title) for anchor, title, _ in present]),
        tag("main", headline(run), [part for _, _, part in present]),
        tag("footer", f"Made by Dragoman {__version__}."),
    )
    return printable(f"<!doctype html>\n{tag('html', head, body, lang='en')}\n")


def _style() -> Html:
    return trusted(resources.files("dragoman.report").joinpath("style.css").read_text(encoding="utf-8"))
