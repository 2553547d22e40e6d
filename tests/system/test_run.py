"""`dragoman run`: whole, again, changed, half done."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from driving import Dragoman

from dragoman.training import loop


def stage(folder: Path, name: str) -> dict[str, object]:
    records = json.loads((folder / "runs/digits/stages.json").read_text())["stages"]
    return next(record for record in records if record["stage"] == name)


def test_a_run_leaves_everything_where_the_documentation_says(work: Path) -> None:
    run = work / "runs/digits"
    for name in ("recipe.yaml", "receipt.json", "quarantine.jsonl", "machine.json", "stages.json", "report.html",
                 "tokenizer/tokenizer.json", "encoded/train.arrow", "full/metrics.jsonl", "full/scores.json",
                 "full/outputs.jsonl", "full/model/dragoman.json", "full/model/weights.safetensors"):  # fmt: skip
        assert (run / name).is_file(), name
    scores = json.loads((run / "full/scores.json").read_text())["sets"]["validation"]
    assert scores["rows"] == 50
    assert "tok:13a" in scores["scores"]["bleu"]["signature"]
    assert "case:mixed" in scores["scores"]["bleu"]["signature"]
    assert not list(run.rglob(".tmp-*"))


def test_the_effective_recipe_runs_as_the_first_one_did(work: Path, dragoman: Dragoman) -> None:
    result = dragoman("run", "runs/digits/recipe.yaml")
    assert result.code == 0
    assert result.err.count("done before") == 4


def test_running_again_does_nothing_twice(work: Path, dragoman: Dragoman) -> None:
    before = (work / "runs/digits/full/model/weights.safetensors").stat().st_mtime_ns
    result = dragoman("run", "digits.yaml")
    assert result.code == 0
    assert result.err.count("done before") == 4
    assert (work / "runs/digits/full/model/weights.safetensors").stat().st_mtime_ns == before


def test_a_changed_key_is_named_and_the_old_model_is_kept(work: Path, dragoman: Dragoman) -> None:
    old = (work / "runs/digits/full/model/weights.safetensors").read_bytes()
    result = dragoman("run", "digits.yaml", "--set", "training.max_steps=6")
    assert result.code == 0
    assert "training.max_steps (12 to 6) changed" in result.err
    assert result.err.count("done before") == 2  # tokenizer and encoded sets do not depend on it
    assert (work / "runs/digits/previous/1/full/model/weights.safetensors").read_bytes() == old
    assert (work / "runs/digits/full/model/weights.safetensors").read_bytes() != old


def test_what_was_set_aside_before_stays_there(work: Path, dragoman: Dragoman) -> None:
    weights, kept = work / "runs/digits/full/model/weights.safetensors", []
    for steps in (6, 7, 8):
        kept.append(weights.read_bytes())
        assert dragoman("run", "digits.yaml", "--set", f"training.max_steps={steps}").code == 0
    previous = [work / f"runs/digits/previous/{number}/full/model/weights.safetensors" for number in (1, 2, 3)]
    assert [path.read_bytes() for path in previous] == kept


def test_moved_data_is_the_same_data(work: Path, dragoman: Dragoman) -> None:
    (work / "digits.tsv").rename(work / "moved.tsv")
    assert dragoman("run", "digits.yaml", "--set", "data.train.0.path=moved.tsv").err.count("done before") == 4


def test_changed_data_is_noticed(work: Path, dragoman: Dragoman) -> None:
    with open(work / "digits.tsv", "a") as file:
        file.write("nine nine nine nine nine nine nine nine\tnine nine nine nine nine nine nine nine\n")
    result = dragoman("run", "digits.yaml", "--set", "training.max_steps=6")
    assert result.code == 0
    assert "tokenizer: the content of data.train.0 changed" in result.err


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("data.test.fresh.path=digits.tsv", "encode: data.test.fresh"),
        ("evaluation.metrics=[bleu,ter]", "evaluate full: "),
    ],
)
def test_what_is_measured_changes_no_training(work: Path, dragoman: Dragoman, option: str, said: str) -> None:
    result = dragoman("run", "digits.yaml", "--set", option)
    assert result.code == 0
    assert said in result.err
    assert "tokenizer: done before" in result.err
    assert "train full: done before" in result.err
    assert "evaluate full: done before" not in result.err


def test_how_it_answers_changes_no_training_that_a_loss_has_picked(fresh: Path, dragoman: Dragoman) -> None:
    by_loss = ("--set", "training.best=loss", "--set", "training.max_steps=4", "--set", "training.warmup_steps=0")
    assert dragoman("run", "digits.yaml", *by_loss).code == 0
    changed = ("--set", "generation.beam=1", "--set", "data.languages={source: words, target: sdrow}")
    result = dragoman("run", "digits.yaml", *by_loss, *changed)
    assert result.code == 0, result.err
    for stage in ("tokenizer", "encode", "train full"):
        assert f"{stage}: done before" in result.err
    assert "evaluate full: generation.beam (2 to 1), data.languages.source" in result.err
    card = json.loads(Path("runs/digits/full/model/dragoman.json").read_text())
    assert card["generation"]["beam"] == 1
    assert card["languages"] == {"source": "words", "target": "sdrow"}
    assert dragoman("run", "digits.yaml", *by_loss, *changed).err.count("done before") == 4
    assert dragoman("predict", "digits", "one two").code == 0


def test_what_languages_are_called_changes_no_training(work: Path, dragoman: Dragoman) -> None:
    result = dragoman("run", "digits.yaml", "--set", "data.languages.source=words")
    assert result.code == 0
    assert result.err.count("done before") == 3
    assert "train full: done before" in result.err
    assert dragoman("run", "digits.yaml", "--set", "generation.beam=1").err.count("train full: generation.beam") == 1


def test_how_many_checkpoints_are_kept_changes_no_training(work: Path, dragoman: Dragoman) -> None:
    assert dragoman("run", "digits.yaml", "--set", "training.checkpoints.keep=3").err.count("done before") == 4


@pytest.mark.parametrize("metric", ["bleu", "chrf", "ter"])
def test_the_best_weights_are_chosen_by_any_score(work: Path, dragoman: Dragoman, metric: str) -> None:
    options = ("name=other", f"evaluation.main={metric}", "training.max_steps=6", "training.warmup_steps=1")
    assert dragoman("run", "digits.yaml", *(word for option in options for word in ("--set", option))).code == 0
    assert f'"{metric}"' in (work / "runs/other/full/metrics.jsonl").read_text()


def test_restart_trains_anew_and_keeps_what_was_there(work: Path, dragoman: Dragoman) -> None:
    old = (work / "runs/digits/full/model/weights.safetensors").read_bytes()
    result = dragoman("run", "digits.yaml", "--restart")
    assert result.code == 0
    assert (work / "runs/digits/previous/1/full/model/weights.safetensors").read_bytes() == old
    assert (work / "runs/digits/full/model/weights.safetensors").read_bytes() == old  # bit for bit the same again
    assert "evaluate full: the model changed" in result.err


def interrupt_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process get a SIGTERM while it does a step."""
    original = loop.Loop._step

    def stepping(self: loop.Loop, *arguments: object) -> None:
        if self.state.step == step:
            signal.raise_signal(signal.SIGTERM)
        original(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loop.Loop, "_step", stepping)


def test_an_interrupted_run_goes_on_to_the_same_weights(
    fresh: Path, trained: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        interrupt_at(3, patch)
        stopped = dragoman("run", "digits.yaml")
    assert stopped.code == 143
    assert "stopped after step 4 of 12, saved" in stopped.err
    assert stage(fresh, "train")["done"] is False

    resumed = dragoman("run", "digits.yaml")
    assert resumed.code == 0
    assert "going on after step 4" in resumed.err
    weights = "runs/digits/full/model/weights.safetensors"
    assert (fresh / weights).read_bytes() == (trained / weights).read_bytes()


def test_a_half_trained_method_is_not_thrown_away(
    fresh: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        interrupt_at(3, patch)
        dragoman("run", "digits.yaml")
    refused = dragoman("run", "digits.yaml", "--set", "training.learning_rate=0.01")
    assert refused.code == 2
    assert "half done" in refused.err
    assert "training.learning_rate (0.003 to 0.01) changed" in refused.err
    assert "--restart" in refused.err
    assert (fresh / "runs/digits/full/checkpoints/step-4").is_dir()

    assert dragoman("run", "digits.yaml", "--set", "training.learning_rate=0.01", "--restart").code == 0
    assert (fresh / "runs/digits/previous/1/full/checkpoints/step-4").is_dir()


def test_methods_are_trained_in_turn_and_the_best_one_answers(fresh: Path, dragoman: Dragoman) -> None:
    methods = "{slow: {training: {learning_rate: 1.0e-9}}, quick: {training: {max_steps: 20}}}"
    assert dragoman("run", "digits.yaml", "--set", f"methods={methods}", "--method", "slow").code == 0
    assert not (fresh / "runs/digits/quick").exists()
    assert dragoman("run", "digits.yaml", "--set", f"methods={methods}").code == 0
    page = (fresh / "runs/digits/report.html").read_text()
    assert "slow" in page
    assert "quick" in page
    assert dragoman("predict", "digits/slow", "one two").code == 0
    assert dragoman("run", "digits.yaml", "--set", f"methods={methods}", "--method", "quik").err.count(
        "did you mean 'quick'?"
    )


def test_a_second_run_at_the_same_time_is_refused(fresh: Path, dragoman: Dragoman) -> None:
    from dragoman.base.files import lock

    with lock(fresh / "runs/digits"):
        result = dragoman("run", "digits.yaml")
    assert result.code == 2
    assert "is writing here" in result.err
