from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dragoman.base.errors import RequestError, UnreachableError
from dragoman.recipe.loading import LARGEST, Loaded, load_recipe, refusal
from dragoman.recipe.tree import Place, Problem

Load = Callable[..., Loaded]
Lines = Callable[..., list[str]]

RECIPE = """\
# a comment
name: job

data:
  train:
    - path: a.tsv
    - {path: b.tsv, format: tsv}
  test:
    news.2014: {path: c.tsv}
training:
  epochs: 3
"""


def test_a_recipe(load: Load, tmp_path: Path) -> None:
    loaded = load(RECIPE)
    assert loaded.recipe.name == "job"
    assert loaded.recipe.training.model_fields_set == {"epochs"}
    assert loaded.path == Path("recipe.yaml")
    assert loaded.folder == tmp_path


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("name", "2:1"),
        ("data.train", "5:3"),
        ("data.train.0", "6:7"),
        ("data.train.1.format", "7:21"),
        ("data.test", "8:3"),
        (("data", "test", "news.2014", "path"), "9:17"),
        (("data", "train", 1, "path"), "7:8"),
        ("training.batch.tokens", "10:1"),  # not stated: its section
        ("generation.beam", "1:1"),
    ],
)
def test_positions(load: Load, key: str | tuple[str | int, ...], place: str) -> None:
    assert load(RECIPE).position(key) == f"recipe.yaml:{place}"


def test_later_problems_are_refused_alike(load: Load) -> None:
    loaded = load(RECIPE, "seed=5")
    problems = [
        loaded.problem("seed", "an unlucky number"),
        loaded.problem("training.epochs", "too few"),
        loaded.problem(("data", "train", 0, "path"), "no such file"),
    ]
    assert str(refusal(problems, loaded.path)).split("\n") == [
        "recipe.yaml has 3 problems:",
        "recipe.yaml:6:7: data.train.0.path: no such file",
        "recipe.yaml:11:3: training.epochs: too few",
        "--set seed=5: an unlucky number",
    ]


@pytest.mark.parametrize(
    "text", [RECIPE.replace("\n", "\r\n"), "\ufeff" + RECIPE, RECIPE.rstrip("\n"), "---\n" + RECIPE]
)
def test_line_ends_and_byte_order_marks(load: Load, text: str) -> None:
    assert load(text).recipe == load(RECIPE).recipe


BROKEN = {
    "empty": (b"", ["recipe.yaml: the recipe is empty", "  the least it needs is a name and data.train"]),
    "comments": (b"# x\n", ["recipe.yaml: the recipe is empty", "  the least it needs is a name and data.train"]),
    "a list": (b"- a\n", ["recipe.yaml:1:1: a recipe is made of 'key: value' lines; this is a list"]),
    "text": (b"name:x\n", ["recipe.yaml:1:1: a recipe is made of 'key: value' lines; this is only text"]),
    "Latin-1": (
        "name: x\n# B\xe4r".encode("latin-1"),
        ["recipe.yaml:2:4: byte 0xe4 is not UTF-8", "  save the file with UTF-8 encoding"],
    ),
    "UTF-16": ("name: x".encode("utf-16-le"), ["recipe.yaml: this is a binary file, not a recipe"]),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ["recipe.yaml: this is a binary file, not a recipe"]),
    "large": (b"x" * (LARGEST + 1), ["recipe.yaml: too large for a recipe (1.0 MB); is it a data file?"]),
    "tab": (b"name: x\ndata:\n\ttrain: []\n", ["recipe.yaml:3:1: a tab: YAML is indented and spaced with spaces only"]),
    "nested in itself": (
        b"name: &a [*a]",
        ["recipe.yaml: too many values, or values nested too deeply or in themselves"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_recipe(lines: Lines, name: str) -> None:
    content, expected = BROKEN[name]
    assert lines(content) == expected


def error_of(path: Path) -> str:
    with pytest.raises(RequestError) as error:
        load_recipe(path)
    return str(error.value)


def test_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").touch()
    (tmp_path / "other.yml").touch()
    assert (
        error_of(tmp_path / "recip.yaml")
        == f"{tmp_path}/recip.yaml: there is no such file\n  did you mean 'recipe.yaml'?"
    )
    assert (
        error_of(tmp_path / "x")
        == f"{tmp_path}/x: there is no such file\n  there is other.yml, recipe.yaml in {tmp_path}"
    )
    assert error_of(tmp_path / "no" / "x.yaml") == f"{tmp_path}/no/x.yaml: there is no such file"


def test_a_folder(tmp_path: Path) -> None:
    assert error_of(tmp_path) == f"{tmp_path}: this is a folder, not a recipe"
    (tmp_path / "a.yaml").touch()
    assert error_of(tmp_path) == f"{tmp_path}: this is a folder, not a recipe\n  there is a.yaml in {tmp_path}"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").touch(mode=0)
    assert error_of(tmp_path / "a.yaml") == f"{tmp_path}/a.yaml: cannot be read: permission denied"


def test_a_file_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert error_of(tmp_path / "a" / "b.yaml") == f"{tmp_path}/a/b.yaml: cannot be read: not a directory"


def test_what_only_the_network_is_to_blame_for_is_no_wrong_request() -> None:
    place = Place.in_file("a.yaml", 1, 1)
    away, wrong = Problem(place, ("model",), "cannot be reached", unreachable=True), Problem(place, ("name",), "wrong")
    alone, both = refusal([away, away], Path("a.yaml")), refusal([away, wrong], Path("a.yaml"))
    assert isinstance(alone, UnreachableError)
    assert (alone.exit_code, both.exit_code) == (3, 2)
    assert str(alone).count("cannot be reached") == 2
