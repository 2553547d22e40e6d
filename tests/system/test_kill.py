"""Runs that are killed, stopped, damaged and started twice: the weights in the end are always the same, bit for bit."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from hub.forks import Command, Forks
from processes import finish, start_program, wait_for

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
STEPS = 90
RECIPE = f"""
name: digits
data:
  train: [{{path: digits.tsv}}]
  validation_rows: 20
tokenizer: {{vocabulary_size: 380, character_coverage: 1.0}}
model: {{nmt: {{d_model: 16, n_heads: 2, n_kv_heads: 1, encoder_layers: 1, decoder_layers: 1, d_ff: 32, dropout: 0.1}}}}
training:
  max_steps: {STEPS}
  batch: {{rows: 16}}
  warmup_steps: 10
  learning_rate: 0.01
  averaging: {{ema: 0.95}}
  validate_every: 40
  checkpoints: {{every: 5, keep: 2}}
generation: {{beam: 1, max_length: 12}}
evaluation: {{metrics: [bleu]}}
"""
WEIGHTS = Path("runs/digits/full/model/weights.safetensors")
METRICS = Path("runs/digits/full/metrics.jsonl")
CHECKPOINTS = Path("runs/digits/full/checkpoints")
UTILISATION = ("flops", "flops_per_second", "product_flops_per_second", "utilisation")  # where it took its time


def start_anew(folder: Path, *options: str) -> subprocess.Popen[str]:
    """In a process of its own from the beginning: with another seed of Python's hashes, for one."""
    return start_program(folder, "run", "digits.yaml", *options, OMP_NUM_THREADS="1")


def start(forks: Forks, folder: Path) -> Command:
    return forks.begin("run", "digits.yaml", folder=folder)


def write_job(folder: Path) -> Path:
    """320 rows to train on: 19 steps an epoch."""
    folder.mkdir(exist_ok=True)
    dice = random.Random(7)
    rows = [[dice.choice(DIGITS) for _ in range(dice.randint(2, 6))] for _ in range(320)]
    lines = [f"{' '.join(row)}\t{' '.join(reversed(row))}" for row in rows]
    (folder / "digits.tsv").write_text("source\ttarget\n" + "\n".join(lines) + "\n")
    (folder / "digits.yaml").write_text(RECIPE)
    return folder


def records(folder: Path) -> list[dict[str, object]]:
    """What metrics.jsonl says, but for times and for what was gone on from."""
    lines = [json.loads(line) for line in (folder / METRICS).read_text().splitlines()]
    timed = ("seconds", "tokens_per_second", "peak_memory", *UTILISATION)
    return [{k: v for k, v in line.items() if k not in timed} for line in lines if line["event"] != "resumed"]


def last_checkpoint(folder: Path) -> int:
    return max((int(p.name[5:]) for p in (folder / CHECKPOINTS).glob("step-*")), default=0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nobody disturbed."""
    folder = write_job(tmp_path_factory.mktemp("kill") / "whole")
    code, said = finish(start_anew(folder))
    assert code == 0, said
    return folder


@pytest.fixture
def job(tmp_path: Path) -> Path:
    return write_job(tmp_path / "job")


def test_killed_again_and_again_it_ends_with_the_same_bits(whole: Path, job: Path, forks: Forks) -> None:
    dice = random.Random(3)
    killed_while_saving = 0
    for kill in range(5):
        process = start(forks, job)
        base, ahead = last_checkpoint(job), dice.choice([5, 10, 15])
        wait_for(process, lambda base=base, ahead=ahead: last_checkpoint(job) >= min(base + ahead, STEPS - 10))
        if kill % 2:  # while the next checkpoint is being written
            wait_for(process, lambda: any((job / CHECKPOINTS).glob(".tmp-*")))
        else:
            time.sleep(dice.uniform(0, 0.03))
        process.send_signal(signal.SIGKILL)
        code, said = finish(process)
        assert code == -signal.SIGKILL, said
        killed_while_saving += any((job / CHECKPOINTS).glob(".tmp-*"))
        assert not (job / WEIGHTS).exists()
    assert killed_while_saving >= 1
    code, said = finish(start(forks, job))
    assert code == 0, said
    assert "going on after step" in said
    assert (job / WEIGHTS).read_bytes() == (whole / WEIGHTS).read_bytes()
    assert records(job) == records(whole)
    assert not list((job / "runs").rglob(".tmp-*"))


def test_stopped_damaged_and_started_twice(whole: Path, job: Path, forks: Forks) -> None:
    """SIGTERM saves and leaves; a damaged checkpoint is passed over; a second run at the same time is refused."""
    process = start(forks, job)
    wait_for(process, lambda: last_checkpoint(job) >= 20)
    process.send_signal(signal.SIGTERM)
    code, said = finish(process)
    assert code == 143
    assert "saved" in said
    newest = last_checkpoint(job)
    assert f"stopped after step {newest} of {STEPS}" in said

    file = job / CHECKPOINTS / f"step-{newest}" / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(content)
    before = sorted(int(p.name[5:]) for p in (job / CHECKPOINTS).glob("step-*"))[-2]

    first = start(forks, job)
    wait_for(first, lambda: (job / CHECKPOINTS / f"damaged-{newest}").exists())
    first.send_signal(signal.SIGSTOP)  # so that it does not finish before the second one comes
    second_code, second_said = finish(start_anew(job))
    first.send_signal(signal.SIGCONT)
    assert second_code == 2
    assert f"process {first.pid}) is writing here" in second_said

    code, said = finish(first)
    assert code == 0, said
    assert f"step-{newest} is damaged" in said
    assert f"going on after step {before}" in said
    assert (job / WEIGHTS).read_bytes() == (whole / WEIGHTS).read_bytes()
    assert records(job) == records(whole)


@pytest.mark.compiled
def test_compiled_it_ends_with_the_same_bits_too(tmp_path: Path) -> None:
    compiled, patience = ("--set", "training.compile=true"), 900.0
    whole, job = (write_job(tmp_path / name) for name in ("whole", "job"))
    code, said = finish(start_anew(whole, *compiled), patience)
    assert code == 0, said
    process = start_anew(job, *compiled)
    wait_for(process, lambda: last_checkpoint(job) >= 35, patience)
    process.send_signal(signal.SIGKILL)
    finish(process)
    code, said = finish(start_anew(job, *compiled), patience)
    assert code == 0, said
    assert "going on after step" in said
    assert (job / WEIGHTS).read_bytes() == (whole / WEIGHTS).read_bytes()
