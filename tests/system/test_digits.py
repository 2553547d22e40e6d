"""Learning to copy and to reverse digits, as a user would: a file of pairs, a recipe, `dragoman run`."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from driving import Dragoman

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
RECIPE = """
name: digits
data:
  train: [{path: train.tsv}]
  validation: {path: validation.tsv}
tokenizer: {vocabulary_size: 385, character_coverage: 1.0}
model: {nmt: {d_model: 64, n_heads: 4, n_kv_heads: 2, encoder_layers: 2, decoder_layers: 2, d_ff: 128, dropout: 0.0}}
training:
  {max_steps: 450, batch: {tokens: 1000}, learning_rate: 3.0e-3, warmup_steps: 50, validate_every: 225,
   label_smoothing: 0.0}
generation: {beam: 1, max_length: 30}
evaluation: {metrics: [bleu]}
"""


def write(file: Path, rows: int, seed: int, order: int) -> None:
    dice = random.Random(seed)
    sources = [[dice.choice(DIGITS) for _ in range(dice.randint(3, 8))] for _ in range(rows)]
    lines = [f"{' '.join(source)}\t{' '.join(source[::order])}" for source in sources]
    file.write_text("source\ttarget\n" + "\n".join(lines) + "\n")


@pytest.mark.parametrize(("task", "order"), [("copy", 1), ("reverse", -1)])
def test_digits_are_learnt(task: str, order: int, drive: Dragoman, tmp_path: Path) -> None:
    write(tmp_path / "train.tsv", 6000, seed=1, order=order)
    write(tmp_path / "validation.tsv", 100, seed=2, order=order)
    (tmp_path / "digits.yaml").write_text(RECIPE)
    run = drive("run", "digits.yaml", folder=tmp_path)
    assert run.code == 0, run.err
    scores = json.loads((tmp_path / "runs/digits/full/scores.json").read_text())
    assert scores["sets"]["validation"]["scores"]["bleu"]["value"] > 90
    asked = DIGITS[2:7]
    answer = drive("predict", "digits", " ".join(asked), folder=tmp_path)
    assert answer.out == " ".join(asked[::order]) + "\n"
