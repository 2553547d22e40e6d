"""A whole page around its sections: head, style, the rules for the browser."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from dragoman import __version__
from dragoman.report.html import Html, printable, tag, trusted

# should text of a data file ever become markup, the browser still loads and runs nothing
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def document(title: str, top: Html, lead: Html, sections: Sequence[Html]) -> str:
    """A page that needs nothing but itself. top: its header. lead: what comes first."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} · Dragoman"),
        tag("style", trusted(_style())),
    )
    body = tag("body", top, tag("main", lead, sections), tag("footer", f"Made by Dragoman {__version__}."))
    return printable(f"<!doctype html>\n{tag('html', head, body, lang='en')}\n")


def _style() -> Html:
    return trusted(resources.files("dragoman.report").joinpath("style.css").read_text(encoding="utf-8"))
