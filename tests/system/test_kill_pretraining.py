"""A job that is killed while its text is tokenised and while it pretrains ends with the same weights, bit for bit."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import WORDS, write_digits
from hub.forks import Command, Forks
from processes import PATIENCE, Process, finish, start_program, wait_for

STEPS = 40
RECIPE = f"""
name: digits
data:
  train: [{{path: digits.tsv}}]
  validation_rows: 20
  template: {{source: "{{digits}}", target: "{{reversed}}"}}
tokenizer: {{vocabulary_size: 385}}
model: {{nmt: {{d_model: 16, n_heads: 2, n_kv_heads: 1, encoder_layers: 1, decoder_layers: 1, d_ff: 32, dropout: 0.1}}}}
pretraining:
  objective: infilling
  window: 48
  validation_share: 0.05
  sources: [{{path: text, document: line}}]
  training: {{max_steps: {STEPS}, batch: {{tokens: 2000}}, checkpoints: {{every: 3}}}}
methods: {{pretrained: {{}}}}
training:
  max_steps: 20
  batch: {{rows: 16}}
  warmup_steps: 5
  learning_rate: 0.01
  averaging: {{ema: 0.95}}
  validate_every: 20
generation: {{beam: 1, max_length: 12}}
evaluation: {{metrics: [bleu]}}
"""
RUN = Path("runs/digits")
CHECKPOINTS = RUN / "pretraining/checkpoints"
MODELS = (RUN / "pretraining/model/weights.safetensors", RUN / "pretrained/model/weights.safetensors")
UNLIKE = ("seconds", "tokens_per_second", "peak_memory", "flops", "flops_per_second", "product_flops_per_second",
          "utilisation")  # fmt: skip


def write_job(folder: Path) -> Path:
    folder.mkdir()
    write_digits(folder / "digits.tsv", 200)
    (folder / "text").mkdir()
    draw = random.Random(3)
    for number in range(4):
        lines = (" ".join(draw.choices(WORDS, k=draw.randint(5, 60))) for _ in range(150))
        (folder / f"text/{number}.txt").write_text("\n".join(lines) + "\n")
    (folder / "digits.yaml").write_text(RECIPE)
    return folder


def start(forks: Forks, folder: Path) -> Command:
    return forks.begin("run", "digits.yaml", folder=folder)


def finish_well(process: Process) -> str:
    code, said = finish(process)
    assert code == 0, said
    return said


def kill_when(process: Process, happens: Callable[[], bool]) -> None:
    wait_for(process, happens)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL


def last_checkpoint(folder: Path) -> int:
    return max((int(path.name[5:]) for path in (folder / CHECKPOINTS).glob("step-*")), default=0)


def records(folder: Path, owner: str) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in (folder / RUN / owner / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if k not in UNLIKE} for line in lines if line["event"] != "resumed"]


@pytest.mark.slow
def test_killed_while_tokenising_and_while_pretraining_it_ends_with_the_same_bits(forks: Forks, tmp_path: Path) -> None:
    whole, job = write_job(tmp_path / "whole"), write_job(tmp_path / "job")
    finish_well(start_program(whole, "run", "digits.yaml", OMP_NUM_THREADS="1"))
    kill_when(start(forks, job), lambda: any((job / RUN / "pretraining").rglob(".tmp-*")))
    for step in (6, 21):
        kill_when(start(forks, job), lambda step=step: last_checkpoint(job) >= step)
        assert not (job / MODELS[0]).exists()
    said = finish_well(start(forks, job))
    assert "pretraining: going on after step" in said
    for model in MODELS:
        assert (job / model).read_bytes() == (whole / model).read_bytes()
    for owner in ("pretraining", "pretrained"):
        assert records(job, owner) == records(whole, owner)
    shards = {
        path.relative_to(whole): path.read_bytes() for path in (whole / RUN / "pretraining/encoded").rglob("*.bin")
    }
    assert shards
    assert all((job / path).read_bytes() == content for path, content in shards.items())
    assert not list((job / "runs").rglob(".tmp-*"))
