"""TensorBoard's files, read back by TensorBoard's own reader."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorboard")

from dragoman.base.files import read_json_lines
from dragoman.recipe import schema
from dragoman.training.event_files import EventFiles
from dragoman.training.loop import Loop
from dragoman.training.trackers import Tracking

TRACKING = Tracking(schema.Trackers(tensorboard=True), "digits", "full", {"training": {"learning_rate": 0.01}})


def read(folder) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard shows: steps and values by name."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    found.Reload()
    return {tag: [(e.step, e.value) for e in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def test_a_training_as_tensorboard_shows_it(job):
    task = job(validate_every=10)
    task.tracking = TRACKING
    Loop(task).run()
    shown = read(task.folder / "tensorboard")
    records = read_json_lines(task.folder / "metrics.jsonl")
    losses = [(r["step"], pytest.approx(r["loss"])) for r in records if r["event"] == "step"]
    assert shown["training/loss"] == losses
    assert [step for step, _ in shown["validation/bleu"]] == [10, 20, 23]
    assert "validation/best" not in shown


def test_steps_that_come_again_are_shown_once(tmp_path):
    """Killed at step 30, gone on with from 10: what came after that is forgotten."""
    first = EventFiles(tmp_path, TRACKING, None)
    for step in (10, 20, 30):
        first.write(step, {"training/loss": step / 10})
    again = EventFiles(tmp_path, TRACKING, 10)
    for step in (20, 40):
        again.write(step, {"training/loss": step})
    again.close(True)
    assert read(tmp_path)["training/loss"] == [(10, 1.0), (20, 20.0), (40, 40.0)]


def test_a_fresh_start_forgets_everything(tmp_path):
    EventFiles(tmp_path, TRACKING, None).write(10, {"training/loss": 1.0})
    anew = EventFiles(tmp_path, TRACKING, None)
    anew.write(20, {"training/loss": 2.0})
    anew.close(False)
    assert read(tmp_path)["training/loss"] == [(20, 2.0)]
