from __future__ import annotations

import json
import re
import shutil

import pytest

from dragoman.report.run import read_run
from dragoman.report.verdict import notes, sum_up


def edit(folder, name, change):
    path = folder / name
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def texts(folder) -> str:
    return "\n".join(note.text for note in notes(read_run(folder)))


def set_score(value):
    def change(scores):
        scores["sets"]["test:held-out"]["scores"]["bleu"]["value"] = value

    return change


def test_one_method(make_run):
    folder = make_run()
    edit(folder, "full/scores.json", set_score(44.06))
    run = read_run(folder)
    assert run.headline_set == "test:held-out"
    assert sum_up(run) == "The model translates German to English at 44.1 BLEU on the 90 rows of the test set held-out."


def test_the_best_of_several_methods(make_run):
    folder = make_run(methods=("full", "small"), base=True)
    edit(folder, "full/scores.json", set_score(44.0))
    assert sum_up(read_run(folder)).startswith("The best of 2 methods, full, translates German to English at 44.0 BLEU")


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("text-to-text", "The model answers at [0-9.]+\u00a0% exact matches on the 90 rows of the test set held-out."),
        ("entities", "The model finds entities at [0-9.]+ F1 on the 90 rows of the test set held-out."),
        ("chat", "The model answers at a perplexity of [0-9.]+ on the 90 rows of the test set held-out."),
    ],
)
def test_other_tasks(make_run, task, words):
    assert re.fullmatch(words, sum_up(read_run(make_run(task=task))))


def test_the_interval_is_told(make_run):
    folder = make_run()
    bounds = json.loads((folder / "comparison.json").read_text())["sets"]["test:held-out"]["scores"]["bleu"]["full"]
    said = f"95 of 100 scores lie between {bounds['low']:.1f} and {bounds['high']:.1f}."
    assert said in texts(folder)


def test_malformed_answers_warn(make_run):
    folder = make_run(task="entities")
    assert read_run(folder).best.score("test:held-out", "malformed") > 1
    assert any("of the answers have a part that names no entity" in said for said in warnings(folder))


def test_rows_that_were_never_asked_are_not_empty_answers(make_run):
    assert "empty" not in texts(make_run(task="chat"))


@pytest.mark.parametrize(
    ("bleu", "words"),
    [(5, "hardly usable"), (29.9, "clear mistakes"), (44, "are good"), (55, "very good"), (60, "word for word")],
)
def test_the_rule_of_thumb(make_run, bleu, words):
    folder = make_run()
    edit(folder, "full/scores.json", set_score(bleu))
    assert words in texts(folder)


def test_levels_training_and_data(make_run):
    said = texts(make_run())
    assert "Level A1 is the strongest" in said
    assert "Training took 6,000 steps; " in said
    assert "28,950 of 30,000 training rows were used, 38 were dropped, 12 are in quarantine, 1,000 were held" in said


def test_early_stopping_is_told(make_run):
    folder = make_run()
    path = folder / "full" / "metrics.jsonl"
    path.write_text(path.read_text().replace('"reason": "finished"', '"reason": "early stopping"'))
    assert "was stopped early, as validation no longer improved" in texts(folder)


def warnings(folder) -> list[str]:
    return [note.text for note in notes(read_run(folder)) if note.warning]


def test_overlap_warns_from_one_in_a_hundred(make_run):
    folder = make_run()
    assert "3 sources of the test set held-out (0.3\u00a0%) also stand in the training rows." in texts(folder)
    assert warnings(folder) == []
    edit(folder, "receipt.json", lambda receipt: receipt["overlap"]["test:held-out"].update(sources_in_train=30))
    (warning,) = warnings(folder)
    assert warning.startswith("30 sources of the test set held-out (3.0\u00a0%) also stand in the training rows")
    assert warning.endswith(": its scores flatter the model.")
    assert notes(read_run(folder))[0].warning  # warnings come first


def test_much_quarantine_warns(make_run):
    folder = make_run()
    edit(folder, "receipt.json", lambda receipt: receipt["splits"]["train"].update(quarantined=3000, kept=25962))
    assert "3,000 are in quarantine" in warnings(folder)[0]


def test_empty_and_copied_outputs_warn(make_run):
    folder = make_run()
    path = folder / "full" / "outputs.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    tests = [row for row in rows if row["set"] == "test:held-out"]
    tests[0]["output"] = " "
    for row in tests[1:4]:
        row["output"] = row["source"]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert warnings(folder) == ["1 output of 90 is empty.", "3 outputs of 90 repeat the source unchanged."]


def test_pieces_are_told(make_run):
    folder = make_run()
    edit(folder, "full/scores.json", lambda scores: scores["sets"]["test:held-out"].update(split=2))
    assert "2 sources longer than the model's limit were answered in pieces." in texts(folder)


def test_unfinished_runs(make_run, tmp_path):
    folder = make_run()
    (folder / "full" / "scores.json").unlink()
    assert sum_up(read_run(folder)).startswith(
        "This run is not finished: full has been trained for 6,000 steps and has not been scored; at its last"
    )
    shutil.rmtree(folder / "full")
    assert sum_up(read_run(folder)) == "Nothing has been trained yet."
    assert sum_up(read_run(tmp_path)) == "Nothing has been trained yet."
