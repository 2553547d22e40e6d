from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from dragoman.base.errors import RequestError
from dragoman.base.files import write_json
from dragoman.report.pairs import render_pairs, write_pairs_report


def receipt(**changes: Any) -> dict[str, Any]:
    sample = {
        "file": "/data/a.tsv",
        "row": 7,
        "rule": "words",
        "measured": {"source_words": 170.0},
        "source": "<b>x",
        "target": "हाँ",
    }
    words = {
        "name": "words", "description": "Words on each side.", "seen": 1000, "removed": 20,
        "limits": {"source_words": [1, 150], "target_words": [1, 150]},
        "histograms": {f"{side}_words": {"edges": [0, 100, 200], "counts": [980, 20]} for side in ("source", "target")},
        "samples": [sample],
    }  # fmt: skip
    digits = {
        "name": "digits", "description": "Numbers.", "seen": 980, "removed": 0,
        "limits": {"unmatched_numbers": [None, 0]}, "histograms": {}, "samples": [],
    }  # fmt: skip
    kept = {"file": "a.tsv", "row": 1, "source": "Ja.", "target": "Yes."}
    return {
        "name": "clean", "preset": "pairs-de-en", "languages": {"source": "de", "target": "en"}, "read": 1010,
        "kept": 980, "removed": 20, "quarantined": 10, "reasons": {"not UTF-8": 10}, "evaluation_texts": 5,
        "rules": [words, digits], "kept_samples": [kept], **changes,
    }  # fmt: skip


def test_the_page_says_what_was_removed_and_why():
    page = render_pairs(receipt())
    for said in (
        "980 of 1,010 pairs are kept", "Most went by the rule words", "at least 1 and at most 150", "at most 0",
        "source words 170", "not UTF-8", "a.tsv:7", "हाँ", "Removed by words", "Kept", "5 texts of evaluation sets",
    ):  # fmt: skip
        assert said in page, said
    assert "<b>x" not in page
    assert "&lt;b&gt;x" in page
    assert "http" not in page.replace("http-equiv", "")
    assert page == render_pairs(receipt())


def test_limits_are_drawn_into_the_distributions():
    page = render_pairs(receipt())
    drawn = page[page.index("<svg viewBox") :]
    ElementTree.fromstring(drawn[: drawn.index("</svg>") + 6])
    assert "var(--series-6)" in drawn[: drawn.index("</svg>")]
    assert page.count("<svg ") == 1  # digits has nothing to draw


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": [], "kept_samples": [], "reasons": {}, "quarantined": 0, "languages": None, "evaluation_texts": 0},
        {"read": 0, "kept": 0, "removed": 0},
    ],
)
def test_little_to_show(changes):
    page = render_pairs(receipt(**changes))
    assert "<h1>" in page


def test_it_is_written_into_the_folder(tmp_path: Path):
    with pytest.raises(RequestError, match="no pairs were cleaned here"):
        write_pairs_report(tmp_path)
    write_json(tmp_path / "receipt.json", receipt())
    assert write_pairs_report(tmp_path) == tmp_path / "report.html"
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
