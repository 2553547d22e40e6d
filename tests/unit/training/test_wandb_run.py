"""Weights & Biases in its offline mode, its files read back; and its server out of reach."""

from __future__ import annotations

import json
import struct
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("wandb")

from dragoman.base.files import read_json, read_json_lines
from dragoman.recipe import schema
from dragoman.recipe.schema.trackers import Wandb
from dragoman.training import wandb_run as module
from dragoman.training.loop import Loop
from dragoman.training.trackers import Tracking
from dragoman.training.wandb_run import WandbRun

KEY = "0123456789abcdef" * 5


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever account there is on this machine, it has none here; a key that must not be written down."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NETRC", str(tmp_path / "home/netrc"))
    for name in ("CONFIG", "CACHE", "DATA"):
        monkeypatch.setenv(f"WANDB_{name}_DIR", str(tmp_path / "home" / name))
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    monkeypatch.setenv("WANDB_ERROR_REPORTING", "false")
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    import wandb

    yield
    wandb.teardown()  # it reads its settings once


def tracking(**settings: object) -> Tracking:
    trackers = schema.Trackers(wandb=Wandb(**{"mode": "offline", **settings}))
    return Tracking(trackers, "digits", "full", {"seed": 1, "training": {"learning_rate": 0.01}})


def records(folder: Path) -> list[Any]:
    """Everything that was written for its server: the files of every time that the run was begun or gone on with.

    The end of a run does not wait for its file to be flushed; the end of the library's process does."""
    import wandb
    from wandb.proto import wandb_internal_pb2

    wandb.teardown()
    files = sorted(folder.glob("wandb/offline-run-*/run-*.wandb"))
    return [wandb_internal_pb2.Record.FromString(data) for file in files for data in logged(file.read_bytes())]


def logged(content: bytes) -> list[bytes]:
    """The records of a file in LevelDB's log format, after a head of 7 bytes: blocks of 32 KiB, in each of them parts
    with a head of checksum, length and kind (1: a whole record, 2, 3, 4: the first, a middle and the last part)."""
    found, at = list[bytes](), 7
    while at < len(content):
        left = 2**15 - at % 2**15
        if left < 7:
            at += left
            continue
        _, length, kind = struct.unpack("<IHB", content[at : at + 7])
        part = content[at + 7 : at + 7 + length]
        found = [*found, part] if kind in (1, 2) else [*found[:-1], found[-1] + part]
        at += 7 + length
    return found


def history(folder: Path) -> list[dict[str, float]]:
    rows = (record.history for record in records(folder) if record.HasField("history"))
    return [{(i.key or ".".join(i.nested_key)): json.loads(i.value_json) for i in row.item} for row in rows]


def test_a_training_in_files(job, tmp_path):
    task = job(validate_every=10)
    task.tracking = tracking(project="numbers", tags=["a", "b"])
    Loop(task).run()
    rows = history(task.folder)
    losses = {row["step"]: row["training/loss"] for row in rows if "training/loss" in row}
    metrics = read_json_lines(task.folder / "metrics.jsonl")
    assert losses == {r["step"]: r["loss"] for r in metrics if r["event"] == "step"}
    assert [row["step"] for row in rows if "validation/bleu" in row] == [10, 20, 23]
    [begun] = [record.run for record in records(task.folder) if record.HasField("run")][:1]
    assert (begun.project, begun.run_group, begun.display_name) == ("numbers", "digits", "digits/full")
    assert begun.run_id == read_json(task.folder / "wandb.json")["id"]
    assert list(begun.tags) == ["a", "b"]
    told = {item.key: json.loads(item.value_json) for item in begun.config.update}
    assert told["seed"] == 1
    assert told["training"] == {"learning_rate": 0.01}
    assert [record.exit.exit_code for record in records(task.folder) if record.HasField("exit")] == [0]


def test_it_is_the_same_run_when_it_goes_on_and_another_when_it_begins_anew(tmp_path):
    ids = []
    for resumed in (None, 10, 20, None):
        run = WandbRun(tracking().trackers.wandb, tmp_path, tracking(), resumed)
        run.write((resumed or 0) + 10, {"training/loss": 1.0})
        run.close(False)
        ids.append(run.run.id)
    assert ids[0] == ids[1] == ids[2] != ids[3]
    assert Counter(row["step"] for row in history(tmp_path)) == {10: 2, 20: 1, 30: 1}
    assert {record.exit.exit_code for record in records(tmp_path) if record.HasField("exit")} == {1}


def test_no_key_is_written_anywhere(job, tmp_path):
    task = job()
    task.tracking = tracking()
    Loop(task).run()
    assert records(task.folder)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert KEY.encode() not in file.read_bytes(), file


def test_a_server_out_of_reach_is_said_once_and_files_are_written(job, monkeypatch, capsys):
    monkeypatch.setattr(module, "PATIENCE", 2.0)
    task = job()
    task.tracking = tracking(mode="online")
    Loop(task).run()
    said = " ".join(capsys.readouterr().err.split())
    assert said.count("Weights & Biases cannot be reached:") == 1
    assert "send them later with `wandb sync`" in said
    assert [row["step"] for row in history(task.folder) if "training/loss" in row] == [1, 10, 20]
    assert read_json_lines(task.folder / "metrics.jsonl")[-1]["reason"] == "finished"


def test_without_a_key_it_asks_nobody(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("WANDB_API_KEY")
    monkeypatch.setattr("wandb.login", lambda **given: given["prompt"])
    run = WandbRun(tracking(mode="online").trackers.wandb, tmp_path, tracking(mode="online"), None)
    run.write(10, {"training/loss": 1.0})
    run.close(True)
    said = " ".join(capsys.readouterr().err.split())
    assert "there is no key for it: `wandb login` asks for it, or set WANDB_API_KEY" in said
    assert history(tmp_path)[0]["training/loss"] == 1.0


def test_what_cannot_be_sent_is_not_waited_for(tmp_path, monkeypatch):
    run = WandbRun(tracking().trackers.wandb, tmp_path, tracking(), None)
    finish = run.run.finish
    monkeypatch.setattr(run.run, "finish", lambda exit_code: time.sleep(5))
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    with pytest.raises(TimeoutError, match="wandb sync"):
        run.close(True)
    finish()
