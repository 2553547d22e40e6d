"""The oracle is sacreBLEU itself: its functions and its command line, called apart from ours."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import sacrebleu

from dragoman.base.errors import RequestError
from dragoman.evaluation.scores import Score, score_set, sentence_chrf

REFERENCES = [
    "A man in an orange hat is staring at something.",
    "A Boston Terrier is running on lush green grass in front of a white fence.",
    "A girl in a karate uniform breaks a stick with a front kick.",
    "Five people wearing winter jackets and helmets stand in the snow.",
    'She said: "It costs 3.50 euros, doesn\'t it?"',
    "Guten Morgen, wie geht's Ihnen?",
]
OUTPUTS = [
    "A man in an orange hat staring at something.",
    "A boston terrier runs over lush green grass in front of a white fence .",
    "A girl in a karate suit breaks a board with a kick.",
    "",
    'She said: "It costs 3.50 euro, does it not?"',
    "Guten Morgen, wie geht es Ihnen?",
]


def score(outputs: list[str], references: list[str], metrics: list[str]) -> dict[str, Score]:
    rows = [{"output": output, "target": target} for output, target in zip(outputs, references, strict=True)]
    return score_set(rows, metrics).scores


def test_scores_equal_sacrebleus_functions():
    ours = score(OUTPUTS, REFERENCES, ["bleu", "chrf", "ter"])
    assert ours["bleu"].value == sacrebleu.corpus_bleu(OUTPUTS, [REFERENCES]).score
    assert ours["chrf"].value == sacrebleu.corpus_chrf(OUTPUTS, [REFERENCES]).score
    assert ours["ter"].value == sacrebleu.corpus_ter(OUTPUTS, [REFERENCES]).score
    assert 20 < ours["bleu"].value < 90


def test_scores_and_signatures_equal_the_command_line(tmp_path):
    reference, output = tmp_path / "reference", tmp_path / "output"
    reference.write_text("\n".join(REFERENCES) + "\n")
    output.write_text("\n".join(OUTPUTS) + "\n")
    command = [
        sys.executable,
        "-m",
        "sacrebleu",
        str(reference),
        "-i",
        str(output),
        "-m",
        "bleu",
        "chrf",
        "ter",
        "-w",
        "6",
    ]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    ours = score(OUTPUTS, REFERENCES, ["bleu", "chrf", "ter"])
    for theirs, name in zip(told, ours, strict=True):
        assert ours[name].value == pytest.approx(theirs["score"], abs=1e-6)
        assert ours[name].signature == theirs["signature"]


def test_bleu_is_cased_13a():
    signature = score(OUTPUTS, REFERENCES, ["bleu"])["bleu"].signature
    assert "tok:13a" in signature
    assert "case:mixed" in signature
    assert f"version:{sacrebleu.__version__}" in signature
    lower = [output.lower() for output in OUTPUTS]
    assert score(lower, REFERENCES, ["bleu"])["bleu"].value < score(OUTPUTS, REFERENCES, ["bleu"])["bleu"].value


def test_perfect_outputs():
    ours = score(REFERENCES, REFERENCES, ["bleu", "chrf", "ter"])
    assert ours["bleu"].value == pytest.approx(100)
    assert ours["chrf"].value == pytest.approx(100)
    assert ours["ter"].value == 0


def test_only_what_is_asked_for_in_that_order():
    assert list(score(OUTPUTS, REFERENCES, ["ter", "bleu"])) == ["ter", "bleu"]


def test_all_outputs_empty_is_a_score_not_an_error():
    ours = score([""] * 6, REFERENCES, ["bleu", "chrf", "ter"])
    assert ours["bleu"].value == 0
    assert ours["ter"].value == 100


def test_nothing_to_score_is_refused():
    with pytest.raises(RequestError, match="nothing to score"):
        score([], [], ["bleu"])


def test_unknown_metric_is_refused_with_a_guess():
    with pytest.raises(RequestError, match="did you mean 'bleu'"):
        score(OUTPUTS, REFERENCES, ["blue"])


def test_a_set_and_its_levels_are_scored_in_one_go():
    levels = ["B1", "B1", "A1", None, "A1", "B1"]
    columns = zip(OUTPUTS, REFERENCES, levels, strict=True)
    rows = [{"output": output, "target": target, "level": level} for output, target, level in columns]
    found = score_set(rows, ["bleu", "ter"])
    assert found.scores == score(OUTPUTS, REFERENCES, ["bleu", "ter"])
    assert {level: group.rows for level, group in found.levels.items()} == {"A1": 2, "B1": 3}
    chosen, wanted = [OUTPUTS[2], OUTPUTS[4]], [REFERENCES[2], REFERENCES[4]]
    assert found.levels["A1"].scores["bleu"] == sacrebleu.corpus_bleu(chosen, [wanted]).score
    assert found.levels["A1"].scores["ter"] == sacrebleu.corpus_ter(chosen, [wanted]).score


def test_no_levels_give_no_groups():
    assert score_set([{"output": "a", "target": "a", "level": None}], ["bleu"]).levels == {}


def test_sentence_chrf_equals_sacrebleus():
    for output, reference in zip(OUTPUTS, REFERENCES, strict=True):
        assert sentence_chrf(output, reference) == sacrebleu.sentence_chrf(output, [reference]).score
    assert sentence_chrf("same", "same") == 100


def test_rows_without_what_a_metric_needs_are_refused():
    rows = [{"output": "a", "target": "a", "nats": 1.0, "labels": 2}, {"output": "a", "target": "a", "nats": 1.0}]
    with pytest.raises(RequestError, match="Perplexity needs 'labels' of every row"):
        score_set(rows, ["bleu", "perplexity"])
