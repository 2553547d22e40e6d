from __future__ import annotations

import json
import re

import pytest

from dragoman.report import curves
from dragoman.report.plots import Line
from dragoman.report.run import BASE_COLOUR, read_run


@pytest.fixture
def drawn(monkeypatch) -> dict[str, list[Line]]:
    """The lines of each figure by what it shows."""
    figures: dict[str, list[Line]] = {}
    monkeypatch.setattr(curves, "curves", lambda lines, describe, **_: figures.setdefault(describe, lines) and "")
    return figures


def test_methods_are_laid_over_each_other_and_the_base_is_level(make_run, drawn):
    run = read_run(make_run(methods=("full", "lora"), base=True))
    section = str(curves.curves_section(run))
    lines = drawn["Validation BLEU over steps"]
    assert [line.colour for line in lines] == [0, 1, BASE_COLOUR]
    assert list(lines[2].y) == [run.base.score("validation", "bleu")] * 2
    assert list(lines[2].x) == [0, 6000]
    assert section.count(">base</bdi>") == 1, "it has no loss, rate or gradients of training"


def test_a_base_far_from_the_curves_is_told_in_words(make_run, drawn):
    folder = make_run(methods=("full", "lora"), base=True)
    path = folder / "base" / "scores.json"
    scores = json.loads(path.read_text())
    scores["sets"]["validation"]["scores"]["bleu"]["value"] = 1234.5
    path.write_text(json.dumps(scores))
    section = str(curves.curves_section(read_run(folder)))
    assert [line.colour for line in drawn["Validation BLEU over steps"]] == [0, 1]
    assert "The base model, without training: 1,234.5 BLEU, outside the frame." in section


def test_perplexities_from_thousands_to_a_few_can_all_be_read(make_run):
    section = str(curves.curves_section(read_run(make_run(task="chat", methods=("full", "lora"), base=True))))
    svg = section[section.index("Validation Perplexity over steps") :].partition("</svg>")[0]
    ticks = re.findall(r">([\d,]+)</text>", svg)
    assert {"10", "20", "100", "1,000"} <= set(ticks)
    assert section.count(">base</bdi>") == 1


def test_one_method_shows_the_scores_of_one_kind_together(make_run, drawn):
    curves.curves_section(read_run(make_run()))
    assert len(drawn["Validation scores over steps"]) == 3


def test_perplexity_stands_alone(make_run, drawn):
    curves.curves_section(read_run(make_run(task="chat")))
    assert len(drawn["Validation Perplexity over steps"]) == 1
