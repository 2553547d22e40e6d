"""The training of an adapter is killed: gone on with, it ends with the same bits; frozen weights are never saved."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import Dragoman, Outcome
from hub.forks import Forks
from jobs import JOBS, RECIPES, lines, settings
from processes import watch
from safetensors import safe_open

pytestmark = pytest.mark.slow

STEPS = 14
TIMED = ("seconds", "tokens_per_second", "peak_memory")


def words(name: str, method: str) -> list[str]:
    longer = (f"training.max_steps={STEPS}", "training.checkpoints.every=2", "generation.max_length=4")
    return ["run", str(RECIPES / f"{name}.yaml"), "--method", method, *settings(*JOBS[name].sizes, *longer)]


def last_checkpoint(folder: Path) -> int:
    return max((int(path.name[5:]) for path in folder.glob("step-*")), default=0)


def records(metrics: Path) -> list[dict[str, object]]:
    kept = [{key: value for key, value in line.items() if key not in TIMED} for line in lines(metrics)]
    return [line for line in kept if line["event"] != "resumed"]


@pytest.fixture
def killed(forks: Forks) -> Callable[..., Path]:
    """Run a recipe in a folder, and kill it once it has a checkpoint of a step. Returns the method's folder."""

    def run(folder: Path, name: str, method: str, step: int) -> Path:
        said = folder / "said"
        own = folder / "runs" / name / method
        process = forks.start(*words(name, method), folder=folder, streams={0: os.devnull, 1: str(said), 2: str(said)})
        there = watch(lambda: last_checkpoint(own / "checkpoints") >= step, (own / "model").exists)
        os.kill(process, signal.SIGKILL)
        ended = forks.end()
        assert there, f"did not stop at step {step}: {said.read_text()}"
        assert ended == -signal.SIGKILL
        assert not (own / "model").exists()
        return own

    return run


@pytest.mark.parametrize(("name", "method"), [("ner-t5", "lora"), ("saudi-lfm2", "qlora")])
def test_killed_it_ends_with_the_same_adapter(
    name: str, method: str, killed: Callable[..., Path], drive: Dragoman, tmp_path: Path
) -> None:
    for folder in (tmp_path / "whole", tmp_path / "job"):
        folder.mkdir()
    whole: Outcome = drive(*words(name, method), folder=tmp_path / "whole")
    assert whole.code == 0, whole.err
    for step in (2, 6):
        own = killed(tmp_path / "job", name, method, step)
    base = sum(file.stat().st_size for file in (own / "checkpoints").rglob("*") if file.is_file())
    (newest,) = (own / "checkpoints").glob(f"step-{last_checkpoint(own / 'checkpoints')}")
    with safe_open(newest / "model.safetensors", framework="pt") as file:
        assert all("lora_" in key for key in file.keys())  # noqa: SIM118 (it is no mapping)
    assert base < 1_000_000, "an adapter with the optimizer's state, a few times over, and nothing frozen"
    again = drive(*words(name, method), folder=tmp_path / "job")
    assert again.code == 0, again.err
    assert "going on after step" in again.err
    expected = tmp_path / "whole/runs" / name / method
    adapter = Path("model/adapter_model.safetensors")
    assert (own / adapter).read_bytes() == (expected / adapter).read_bytes()
    assert records(own / "metrics.jsonl") == records(expected / "metrics.jsonl")
    assert not list((tmp_path / "job").rglob(".tmp-*"))
