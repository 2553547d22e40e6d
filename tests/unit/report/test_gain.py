"""What pretraining brought: told from two methods' metrics, in words and as a table."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dragoman.report.gain import find_gain, gain_notes
from dragoman.report.numbers import GAP
from dragoman.report.page import render
from dragoman.report.pretraining import pretraining_section
from dragoman.report.run import read_run

RECEIPT = {
    "read": 1200, "bytes": 2_500_000, "unusable": {"empty": 3}, "dropped": {"more than 319 tokens": 97},
    "documents": {"train": 1089, "validation": 11}, "tokens": {"train": 610_000, "validation": 6200}, "shards": 2,
}  # fmt: skip


def write(folder: Path, events: list[dict[str, object]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metrics.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))


def course(first: float, scores: list[float]) -> list[dict[str, object]]:
    """A first training step, and a validation each 100 steps."""
    events: list[dict[str, object]] = [{"event": "step", "step": 1, "loss": first}]
    events += [
        {
            "event": "validation",
            "step": 100 * n,
            "bleu": score,
            "loss": 4 - score / 20,
            "best": score == max(scores[:n]),
        }
        for n, score in enumerate(scores, start=1)
    ]
    return events


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "recipe.yaml").write_text(
        "name: r\ntask: translation\npretraining: {objective: infilling}\n"
        "methods: {warm: {start: null, tuning: full}, cold: {start: random, tuning: full}}\n"
        "evaluation: {metrics: [bleu], main: bleu}\n"
    )
    write(tmp_path / "pretraining", [
        *({"event": "step", "step": step, "loss": 6 - step / 100} for step in range(10, 210, 10)),
        {"event": "validation", "step": 200, "loss": 3.9, "best": True},
        {"event": "end", "step": 200, "reason": "finished", "seconds": 90.0, "utilisation": 0.4321},
    ])  # fmt: skip
    (tmp_path / "pretraining/receipt.json").write_text(json.dumps(RECEIPT))
    write(tmp_path / "warm", course(3.71, [20.0, 28.5, 33.2]))
    write(tmp_path / "cold", course(9.02, [2.0, 15.0, 28.1]))
    return tmp_path


def test_steps_to_the_others_best(run):
    gain = find_gain(read_run(run))
    assert gain is not None
    assert (gain.pretrained.name, gain.other.name, gain.start) == ("warm", "cold", "random")
    assert gain.alike
    assert gain.reached == 200
    assert gain.best(gain.other) == (300, 28.1)
    assert gain.first_loss(gain.pretrained) == 3.71


def test_in_words(run):
    [note] = gain_notes(read_run(run))
    assert "After pretraining the loss began at 3.71 instead of 9.02." in note.text
    assert "28.1 after 300 steps, was reached within 200 steps." in note.text


def test_a_best_that_was_never_reached(run):
    write(run / "warm", course(8.9, [1.0, 2.0, 3.0]))
    [note] = gain_notes(read_run(run))
    assert "28.1 after 300 steps, was not reached." in note.text


def test_measured_by_the_loss_where_nothing_answers(run):
    for name in ("warm", "cold"):
        events = [json.loads(line) for line in (run / name / "metrics.jsonl").read_text().splitlines()]
        write(run / name, [{k: v for k, v in event.items() if k != "bleu"} for event in events])
    gain = find_gain(read_run(run))
    assert gain is not None
    assert gain.metric == "loss"
    assert gain.best(gain.other) == (300, pytest.approx(4 - 28.1 / 20))
    assert gain.reached == 200


def test_methods_that_differ_in_more_are_called_so(run):
    text = (run / "recipe.yaml").read_text()
    (run / "recipe.yaml").write_text(text.replace("start: random,", "start: random, training: {epochs: 3},"))
    gain = find_gain(read_run(run))
    assert gain is not None
    assert not gain.alike


def test_beside_a_base_model_that_learnt_no_further_text(run):
    text = (run / "recipe.yaml").read_text()
    text = text.replace("start: random,", "start: base,") + "model: {pretrained: t5}\n"
    (run / "recipe.yaml").write_text(text)
    gain = find_gain(read_run(run))
    assert gain is not None
    assert (gain.other.name, gain.start, gain.alike) == ("cold", "base", True)
    page = render(read_run(run))
    assert "the base model" in page
    assert "random weights" not in page


def test_the_difference_has_its_interval(make_run):
    folder = make_run(methods=("warm", "cold"))
    text = (folder / "recipe.yaml").read_text().replace('"warm": {start: random}', '"warm": {start: pretrained}')
    (folder / "recipe.yaml").write_text(f"{text}\npretraining: {{objective: infilling}}\n")
    run = read_run(folder)
    gain = find_gain(run)
    assert gain is not None
    assert gain.pair is not None
    assert gain.difference is not None
    numbers = re.fullmatch(r"\+([\d.]+) \(95 % interval \+([\d.]+) to \+([\d.]+)\)", gain.difference)
    assert numbers is not None, gain.difference
    found = gain.pair.difference, gain.pair.low, gain.pair.high
    assert [float(number) for number in numbers.groups()] == pytest.approx(found, abs=0.051)
    [note] = gain_notes(run)
    assert gain.difference in note.text
    assert gain.difference in str(pretraining_section(run))


@pytest.mark.parametrize("gone", ["warm", "cold"])
def test_without_one_of_the_two_there_is_nothing_to_say(gone, run):
    (run / gone / "metrics.jsonl").unlink()
    assert find_gain(read_run(run)) is None
    assert gain_notes(read_run(run)) == []
    assert pretraining_section(read_run(run)) is not None


def test_the_section(run):
    page = render(read_run(run))
    for words in ("Loss of pretraining", "1,200 documents", "610", "more than 319 tokens", "What it brought",
                  "infilling", "200", "28.1 (step 300)", f"43.2{GAP}% utilised"):  # fmt: skip
        assert words in page, words


def test_a_run_without_pretraining_has_no_section(run):
    (run / "recipe.yaml").write_text("name: r\nmethods: {cold: {start: random}}\n")
    assert pretraining_section(read_run(run)) is None
    assert read_run(run).pretraining is None
