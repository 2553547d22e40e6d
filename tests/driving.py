"""What the system tests share: a recipe, its data, and the shape of what the command line answers."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

RECIPE = """\
name: digits
data:
  train:
    - path: digits.tsv
  validation_rows: 50
  template: {source: "{digits}", target: "{reversed}"}
  max_source_length: 40
tokenizer: {vocabulary_size: 385}
model:
  nmt: {d_model: 32, n_heads: 2, n_kv_heads: 1, encoder_layers: 1, decoder_layers: 1, d_ff: 64, dropout: 0.1}
training: {max_steps: 12, batch: {tokens: 1500}, learning_rate: 3.0e-3, warmup_steps: 4, validate_every: 6}
generation: {beam: 2, max_length: 40}
"""


@dataclass
class Outcome:
    code: int
    out: str
    err: str


Dragoman = Callable[..., Outcome]


def write_digits(file: Path, rows: int, seed: int = 0) -> None:
    """Different sequences of digit words, and the same reversed."""
    draw, seen = random.Random(seed), dict[str, None]()
    while len(seen) < rows:
        seen[" ".join(draw.choice(WORDS) for _ in range(draw.randint(2, 7)))] = None
    lines = [f"{text}\t{' '.join(reversed(text.split()))}\n" for text in seen]
    file.write_text("digits\treversed\n" + "".join(lines))


QUICK = ("--set", "training.max_steps=2", "--set", "training.warmup_steps=0")


def refused(result: Outcome, *said: str, code: int = 2) -> None:
    """Assert a clear error: this exit code, these words, no traceback."""
    assert result.code == code, result.err
    for words in said:
        assert words in result.err
    assert "Traceback" not in result.err


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, less those that any command writes."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in (".lock", "report.html"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
