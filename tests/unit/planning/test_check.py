from io import StringIO

import pytest
from rich.console import Console

from dragoman.base.errors import CheckError, RequestError
from dragoman.planning import description
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
    assert "adafactor 50.7 kB" in two.split("memory")[1], "a row and a column of each matrix"
    assert "r.yaml:2:16: data.train.0: " in said


PAIRS = [(f"one two {i} three", f"eins zwei {i} drei") for i in range(200)]
SMALL = """\
name: small
data: {train: [{path: a.tsv}], test: {new: {path: new.tsv}}}
tokenizer: {vocabulary_size: 383}
model: {nmt: {d_model: 32, n_heads: 2, d_ff: 64}}
training: {warmup_steps: 1}
"""


def write(path, rows):
    path.write_text("".join(f"{source}\t{target}\n" for source, target in [("source", "target"), *rows]))


@pytest.fixture
def small(tmp_path):
    def prepare(*options, rows=PAIRS, new=(("one 999", "eins 999"),)):
        write(tmp_path / "a.tsv", rows)
        if new:
            write(tmp_path / "new.tsv", new)
        return read(tmp_path, SMALL, *options)

    return prepare


def ending(loaded):
    """What a check that passes says after the memory of the last method, in a narrow pipe."""
    console = Console(file=StringIO(), width=60)
    check_recipe(loaded, console)
    return console.file.getvalue().rpartition("activations")[2].split("\n\n")[1].strip().split("\n")


def test_where_nothing_is_wrong_the_same_options_are_what_comes_next(small):
    loaded = small("data.languages.source=Old High German", "seed=3")
    command = f"next: dragoman run {loaded.path} --set 'data.languages.source=Old High German' --set seed=3"
    assert ending(loaded) == [f"nothing is wrong.  {command}"]


def test_lost_rows_are_a_warning(small):
    said = ending(small("data.validation_rows=1", rows=[*PAIRS, *[("x", "")] * 9, ("one " * 200, "eins")]))
    assert said[0] == "warning: train: 10 of 210 rows are lost (5%), 9 of them: column 'target' is empty"
    assert said[1].startswith("next: dragoman run ")
    assert ending(small("data.validation_rows=1", rows=[*PAIRS, ("x", "")])) == [f"nothing is wrong.  {said[1]}"]


def test_rows_that_are_also_trained_on_are_a_warning(small):
    said = ending(small("data.validation_rows=1", new=[("one 999", "eins"), *PAIRS[:3]]))
    assert said[0].startswith("warning: test:new: 3 of 4 rows also occur in training")


def test_a_warm_up_without_end_and_too_much_memory_are_warnings(small, monkeypatch):
    monkeypatch.setattr(description, "device_memory", lambda device: 1000)
    first, second, _ = ending(small("training.warmup_steps=9999"))
    assert "are fewer than training.warmup_steps (9,999)" in first
    assert "takes more memory than there is" in second


@pytest.mark.parametrize("gone", ["test:new", "validation"])
def test_a_missing_evaluation_set_hides_nothing_else(small, gone):
    loaded = small(new=()) if gone == "test:new" else small("data.validation={path: gone.tsv}")
    text, said = shown(loaded, CheckError)
    assert f"left out, because the file is missing: {gone}\n" in text
    assert "3 examples, as tokens" in text
    assert "Training: full" in text
    assert "nothing is wrong" not in text
    assert f"not checked: {gone}\n" in said
    assert "tsv: does not exist" in said


def test_a_model_that_cannot_fit_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(description, "device_memory", lambda device: 1000)
    assert "more than there is" in shown(read(tmp_path), CheckError)[0]


def test_an_impossible_recipe_is_refused_before_anything_is_said(tmp_path):
    assert shown(read(tmp_path, RECIPE, "data.max_source_length=1"), RequestError)[0] == ""


@pytest.mark.parametrize(
    ("size", "words"), [(100, "0.1 kB"), (1.5e3, "1.5 kB"), (2.5e7, "25.0 MB"), (1.6e10, "16.0 GB")]
)
def test_bytes_in_words(size, words):
    assert description.in_bytes(size) == words
