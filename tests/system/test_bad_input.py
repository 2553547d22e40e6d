"""Recipes and data as users get them wrong: each has a clear error, or a clear way on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from driving import QUICK, RECIPE, WORDS, Dragoman, refused

HEADER = "digits\treversed\n"

# ---- recipes ----


@pytest.mark.parametrize("verb", ["run", "check"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [digits\ndata:\n", "digits.yaml:1:7: this bracket is not closed"),
        ("\tname: x\n", "digits.yaml:1:1"),
        (RECIPE.replace("learning_rate", "learning_rat"), "did you mean 'learning_rate'?"),
        (RECIPE + "extra: 1\n", "extra: unknown key"),
        (RECIPE.replace("name: digits", "name: a b/ö"), "must be a name of letters, digits"),
        (RECIPE.replace("name: digits", "name: ../up"), "must be a name of letters, digits"),
        ("", "the recipe is empty"),
        (RECIPE.encode() + "# ä\n".encode("latin-1"), "byte 0xe4 is not UTF-8"),
        (RECIPE + "tokenizer: {vocabulary_size: 500}\n", "digits.yaml:13:1"),
        (RECIPE.replace("vocabulary_size: 385", "vocabulary_size: 99999999999"), "at most 1e+06"),
    ],
)
def test_a_broken_recipe(fresh: Path, dragoman: Dragoman, verb: str, text: str | bytes, said: str) -> None:
    Path("digits.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    refused(dragoman(verb, "digits.yaml"), "digits.yaml", said)
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("training.max_steps", "write it as KEY=VALUE"),
        ("=3", "write it as KEY=VALUE"),
        ("training.max_step=3", "did you mean 'max_steps'?"),
        ("training.max_steps=many", "must be a whole number above 0, not 'many'"),
        ("training.batch.rows=[", "--set training.batch.rows=["),
        ("data.train.5.path=x.tsv", "has only item 0"),
        ("nonsense=1", "unknown key"),
    ],
)
def test_a_mistaken_option(fresh: Path, dragoman: Dragoman, option: str, said: str) -> None:
    refused(dragoman("run", "digits.yaml", "--set", option), f"--set {option}", said)


def test_no_recipe(fresh: Path, dragoman: Dragoman) -> None:
    refused(dragoman("run", "digit.yaml"), "there is no such file", "did you mean 'digits.yaml'?")
    refused(dragoman("run", "."), "this is a folder, not a recipe", "digits.yaml")


def test_a_variable_that_is_not_set(fresh: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRAGOMAN_REALDATA", raising=False)
    path = ("--set", "data.train.0.path='${DRAGOMAN_REALDATA}/x.tsv'")
    refused(dragoman("run", "digits.yaml", *path), "DRAGOMAN_REALDATA is not set", "export DRAGOMAN_REALDATA=")


# ---- data ----


def test_everything_that_is_missing_is_said_at_once(fresh: Path, dragoman: Dragoman) -> None:
    sets = ("--set", "data.validation={path: gone.tsv}", "--set", "data.test={a: {path: .}, b: {path: b.tsv}}")
    Path("digits.tsv").rename("digit.tsv")
    result = dragoman("run", "digits.yaml", *sets)
    refused(result, "has 4 problems", "digits.yaml:4:7: data.train.0: ", "did you mean 'digit.tsv'?", "is a folder")
    assert "gone.tsv: does not exist" in result.err
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "digits.tsv: is empty"),
        (HEADER, "has no rows"),
        (HEADER + "one two\ttwo one\n", "cannot be trained and measured on one row"),
        (HEADER.encode() + "ä b\tb ä\nö d\td ö\n".encode("latin-1"), "none of its 2 rows can be used"),
        ("source\ttarget\none\ttwo\n", "has no column 'digits'"),
    ],
)
def test_useless_data(fresh: Path, dragoman: Dragoman, content: str | bytes, said: str) -> None:
    Path("digits.tsv").write_bytes(content if isinstance(content, bytes) else content.encode())
    refused(dragoman("run", "digits.yaml"), said)
    refused(dragoman("check", "digits.yaml"), said)


def test_bad_rows_are_put_aside_and_named(fresh: Path, dragoman: Dragoman) -> None:
    with open("digits.tsv", "ab") as file:
        file.write("fünf\tvier\n".encode("latin-1") + b"one\nfive\t\n")
    assert dragoman("run", "digits.yaml", *QUICK).code == 0
    records = [json.loads(line) for line in Path("runs/digits/quarantine.jsonl").read_text().splitlines()]
    assert [record["row"] for record in records] == [601, 602, 603]
    assert "not UTF-8" in records[0]["reason"]
    strict = dragoman("run", "digits.yaml", "--set", "data.strict=true", "--set", "name=strict")
    refused(strict, "digits.tsv:601: not UTF-8", "data.strict: false")


def test_a_huge_line_in_the_data(fresh: Path, dragoman: Dragoman) -> None:
    with open("digits.tsv", "a") as file:
        file.write(" ".join(WORDS) * 210_000 + "\tone\n")  # 10 MB
    size = ("--set", "tokenizer.vocabulary_size=380")
    result = dragoman("run", "digits.yaml", *QUICK, *size)
    assert result.code == 0, result.err
    assert json.loads(Path("runs/digits/receipt.json").read_text())["splits"]["train"]["dropped"] == 1


def test_a_line_far_too_long_to_predict(work: Path, dragoman: Dragoman) -> None:
    Path("in.txt").write_text("one two\n" + "one two. " * 20_000 + "\nthree\n")
    one = dragoman("predict", "digits", "one two", "three", "--beam", "1", "--max-length", "2").out
    result = dragoman("predict", "digits", "-i", "in.txt", "-o", "out.txt", "--beam", "1", "--max-length", "2")
    assert result.code == 0
    assert "1 text was longer than 40 tokens" in result.err
    lines = Path("out.txt").read_text().split("\n")
    assert len(lines) == 4
    assert [lines[0], lines[2]] == one.split("\n")[:2]


def test_a_vocabulary_that_the_text_cannot_fill(fresh: Path, dragoman: Dragoman) -> None:
    result = dragoman("run", "digits.yaml", "--set", "tokenizer.vocabulary_size=500000")
    refused(result, "tokenizer.vocabulary_size", "is the largest possible size")
    Path("digits.yaml").write_text(RECIPE.replace("385", "360"))
    refused(dragoman("run", "digits.yaml"), "digits.yaml:8:", "tokenizer.vocabulary_size", "at least 37")


def test_odd_file_names(fresh: Path, dragoman: Dragoman) -> None:
    Path("digits.tsv").rename("my [red] data ü.tsv")
    assert dragoman("run", "digits.yaml", *QUICK, "--set", 'data.train=[{path: "my [red] data ü.tsv"}]').code == 0
    assert dragoman("run", "runs/digits/recipe.yaml").err.count("done before") == 4
    result = dragoman("run", "digits.yaml", "--set", 'data.train=[{path: "my [bold] data.tsv"}]')
    refused(result, "my [bold] data.tsv: does not exist", "did you mean 'my [red] data ü.tsv'?")
