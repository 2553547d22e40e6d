from __future__ import annotations

import pytest

from dragoman.base.files import read_json_lines
from dragoman.recipe import schema
from dragoman.training.loop import Loop
from dragoman.training.metrics import MetricsLog
from dragoman.training.trackers import Tracker, Trackers, Tracking, open_trackers


class Noting:
    """Notes what it is told. fails: with which call it begins to fail."""

    def __init__(self, fails: str | None = None):
        self.told, self.ended, self.fails, self.calls = [], None, fails, 0
        if fails == "open":
            raise OSError("no server at 127.0.0.1\nmuch more")

    def write(self, step, numbers):
        self.calls += 1
        if self.fails == "write":
            raise RuntimeError("the disk is full")
        self.told.append((step, dict(numbers)))

    def close(self, finished):
        self.ended = finished
        if self.fails == "close":
            raise TimeoutError("not all was sent")


def test_trackers_are_told_the_numbers_of_metrics_jsonl(job, monkeypatch):
    tracker = Noting()
    monkeypatch.setattr("dragoman.training.loop.open_trackers", lambda *given: Trackers({"noting": lambda: tracker}))
    task = job(validate_every=10)
    Loop(task).run()
    records = read_json_lines(task.folder / "metrics.jsonl")
    assert [step for step, _ in tracker.told] == [r["step"] for r in records]
    for (_, numbers), record in zip(tracker.told, records, strict=True):
        group = {"step": "training"}.get(record["event"], record["event"])
        left_out = ("event", "step", "best", "reason")
        assert numbers == {f"{group}/{k}": v for k, v in record.items() if k not in left_out and v is not None}
    assert "training/loss" in tracker.told[1][1]
    assert "validation/bleu" in tracker.told[3][1]
    assert tracker.ended is True


@pytest.mark.parametrize("fails", ["open", "write", "close"])
def test_one_that_fails_is_said_once_and_the_others_go_on(tmp_path, capsys, fails):
    good, bad = Noting(), []

    def make() -> Tracker:
        bad.append(None)
        bad[0] = Noting(fails)
        return bad[0]

    log = MetricsLog(tmp_path / "m.jsonl", 0, Trackers({"Broken": make, "Good": lambda: good}))
    for step in (1, 2, 3):
        log.write("step", step=step, loss=1.0)
    log.close()
    assert [r["step"] for r in read_json_lines(tmp_path / "m.jsonl")] == [1, 2, 3]
    assert [step for step, _ in good.told] == [1, 2, 3]
    assert good.ended is False
    said = " ".join(capsys.readouterr().err.split())
    assert said.count("Broken failed and is left out:") == 1
    assert "metrics.jsonl has everything" in said
    assert "much more" not in said
    assert bad[0] is None or bad[0].calls == (1 if fails == "write" else 3)


def test_what_is_no_number_is_not_told():
    tracker = Noting()
    trackers = Trackers({"noting": lambda: tracker})
    trackers.write("step", {"step": 3, "loss": 0.5, "gradient_norm": None, "words": "none", "best": True})
    trackers.write("resumed", {"step": 3})
    assert tracker.told == [(3, {"training/loss": 0.5})]


def test_an_interrupted_training_is_none_that_has_finished(job, monkeypatch):
    tracker = Noting()
    monkeypatch.setattr("dragoman.training.loop.open_trackers", lambda *given: Trackers({"noting": lambda: tracker}))

    def fails(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Loop, "_step", fails)
    with pytest.raises(KeyboardInterrupt):
        Loop(job()).run()
    assert tracker.ended is False


def test_a_training_that_has_ended_opens_none(job, monkeypatch):
    Loop(job()).run()
    opened = []
    monkeypatch.setattr("dragoman.training.loop.open_trackers", lambda *given: opened.append(given[0]) or Trackers({}))
    task = job()
    task.tracking = Tracking(schema.Trackers(tensorboard=True), "run", "full", {})
    Loop(task).run()
    assert opened == [None]


def test_only_those_that_a_recipe_names_are_opened(tmp_path):
    assert open_trackers(None, tmp_path, None).working == {}
    assert open_trackers(Tracking(schema.Trackers(), "run", "full", {}), tmp_path, None).working == {}
    assert list(tmp_path.iterdir()) == []
