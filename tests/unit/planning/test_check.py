from io import StringIO

import pytest
from rich.console import Console

from dragoman.base.errors import CheckError, RequestError
from dragoman.planning import check
from dragoman.planning.check import check_recipe
from dragoman.recipe.loading import load_recipe

RECIPE = """\
name: tiny
data: {train: [{path: gone.tsv}]}
model: {nmt: {d_model: 32, n_heads: 2, d_ff: 64}}
methods:
  one: {training: {max_steps: 30, batch: {rows: 4}, early_stopping: {patience: 2}}}
  two: {training: {epochs: 3, averaging: {ema: 0.9}, optimizer: adafactor, micro_batch_tokens: 100}}
training: {warmup_steps: 10}
"""


def read(tmp_path, text=RECIPE, *options):
    (tmp_path / "r.yaml").write_text(text)
    return load_recipe(tmp_path / "r.yaml", options)


def shown(loaded, error):
    console = Console(file=StringIO(), width=120)
    with pytest.raises(error) as raised:
        check_recipe(loaded, console)
    return console.file.getvalue(), str(raised.value)


def test_without_data_each_method_is_described(tmp_path):
    text, said = shown(read(tmp_path), CheckError)
    one, two = text.split("Training: ")[1:]
    assert "length     30 steps" in one
    assert "step       4 rows\n" in " \n".join(line.rstrip() for line in one.split("\n")).replace(" \n", "\n")
    assert "stops after 2 without a better one" in one
    assert "adamw" in one
    assert "averages" not in one
    assert "3 epochs; how many steps depends on the data" in two
    assert "in parts of at most 100 tokens" in two
    assert "averages" in two
    assert "adafactor" not in two.split("memory")[1]
    assert "r.yaml:2:16: data.train.0: " in said


def test_a_model_that_cannot_fit_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(check, "device_memory", lambda device: 1000)
    assert "more than there is" in shown(read(tmp_path), CheckError)[0]


def test_an_impossible_recipe_is_refused_before_anything_is_said(tmp_path):
    assert shown(read(tmp_path, RECIPE, "data.max_source_length=1"), RequestError)[0] == ""


@pytest.mark.parametrize(
    ("size", "words"), [(100, "0.1 kB"), (1.5e3, "1.5 kB"), (2.5e7, "25.0 MB"), (1.6e10, "16.0 GB")]
)
def test_bytes_in_words(size, words):
    assert check._bytes(size) == words
