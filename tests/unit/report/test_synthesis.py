from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from dragoman.base.errors import RequestError
from dragoman.base.files import write_json
from dragoman.report.synthesis import render_synthesis, summary, write_synthesis_report


def receipt(**changes: Any) -> dict[str, Any]:
    pair = {"source": "<b>Ja", "target": "Yes", "written": "source", "topic": "food", "level": "A1", "request": "ab12"}
    gates = [
        {"name": "schema", "description": "Not what was asked for.", "pairs": 2, "answers": 1},
        {"name": "near_duplicate", "description": "Too like another.", "pairs": 0, "answers": 0},
    ]
    money = {"currency": "EUR", "budget": "5.00", "spent": "1.50", "answers": "1.20", "lost": "0.30", "next": None}
    return {
        "name": "made", "state": "done", "evaluation_texts": 7,
        "made": {"provider": "openai", "model": "small-1", "server": "http://here/v1", "prompt": "generate-1"},
        "settings": {"languages": {"source": "de", "target": "en"}, "rounds": 5, "translate": None},
        "pairs": {"wanted": 30, "asked": 40, "kept": 30, "rejected": 2},
        "requests": {"attempts": 9, "answers": 5, "unusable": 1, "failed": 0, "lost": 3, "split": 1},
        "tokens": {"input": 1200, "output": 3400}, "money": money, "passed_over": {"too short": 4}, "gates": gates,
        "grid": {"topics": {"food": [20, 20], "travel": [10, 10]}},
        "words": {"source": [[4, 30]], "target": [[90, 30]]},
        "samples": {"kept": [pair], "schema": [{"detail": "no JSON", "answer": "{", "request": "cd"}]}, **changes,
    }  # fmt: skip


def test_the_page_says_what_was_made_and_what_it_cost():
    page = render_synthesis(receipt())
    for said in (
        "30 pairs passed the gates, 2 did not", "small-1 at http://here/v1", "7 texts of evaluation sets", "1.50",
        "0.30 EUR", "50.0000 EUR", "near duplicate", "Rejected: schema", "no JSON", "food · A1", "too short", "travel",
    ):  # fmt: skip
        assert said in page, said
    assert "<b>Ja" not in page
    assert "&lt;b&gt;Ja" in page
    assert page == render_synthesis(receipt())
    drawn = page[page.index("<svg viewBox") :]
    ElementTree.fromstring(drawn[: drawn.index("</svg>") + 6])


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("out of money", "the next request may cost 0.42 EUR"), ("done", "after 5 rounds no more are asked for"),
        ("written from what was there", "only what was there is written"),
    ],
)  # fmt: skip
def test_why_there_are_fewer_than_wanted(state, said):
    money = receipt()["money"] | {"next": "0.42"}
    short = receipt(state=state, money=money, pairs={"wanted": 90, "asked": 40, "kept": 30, "rejected": 2})
    assert said in render_synthesis(short)
    assert said in dict(summary(short))["note"]


def test_nothing_was_answered():
    money = dict.fromkeys(receipt()["money"]) | {"currency": "USD"}
    nothing = {"wanted": None, "asked": 0, "kept": 0, "rejected": 0}
    empty = receipt(
        pairs=nothing, money=money, samples={}, grid={}, words={"source": [], "target": []}, passed_over={},
        gates=[gate | {"pairs": 0, "answers": 0} for gate in receipt()["gates"]], evaluation_texts=0,
    )  # fmt: skip
    page = render_synthesis(empty)
    for said in ("No pair was kept", "Nothing was answered", "no prices given", "No evaluation set is named"):
        assert said in page, said
    assert "spent" not in dict(summary(empty))


def test_a_folder_without_pairs_is_refused(tmp_path: Path):
    with pytest.raises(RequestError, match="no pairs were made here"):
        write_synthesis_report(tmp_path)
    write_json(tmp_path / "receipt.json", receipt())
    assert write_synthesis_report(tmp_path).read_text() == render_synthesis(receipt())
