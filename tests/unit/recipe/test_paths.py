from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.base.errors import RequestError
from dragoman.recipe.paths import absolute_text, resolve_path


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "recipes").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("CORPUS", "/corpus")
    monkeypatch.setenv("HERE", "corpus")
    monkeypatch.setenv("LANG_", "de")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("UNSET", raising=False)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a.tsv", "TMP/recipes/a.tsv"),
        ("sub/a b.tsv", "TMP/recipes/sub/a b.tsv"),
        ("../data/a.tsv", "TMP/data/a.tsv"),
        ("/abs/a.tsv", "/abs/a.tsv"),
        ("~/a.tsv", "/home/ada/a.tsv"),
        ("~", "/home/ada"),
        ("~nobody-here/a.tsv", "TMP/recipes/~nobody-here/a.tsv"),
        ("${CORPUS}/a.tsv", "/corpus/a.tsv"),
        ("${CORPUS}/../a.${LANG_}", "/a.de"),
        ("data/${LANG_}/a.tsv", "TMP/recipes/data/de/a.tsv"),
        ("${HERE}/a.tsv", "TMP/work/corpus/a.tsv"),  # as the shell that set it would read it
        ("$CORPUS/a.tsv", "TMP/recipes/$CORPUS/a.tsv"),
        ("${CORPUS", "TMP/recipes/${CORPUS"),
    ],
)
def test_resolve_path(tmp_path: Path, text: str, path: str) -> None:
    assert str(resolve_path(text, tmp_path / "recipes")) == path.replace("TMP", str(tmp_path))


def test_a_relative_folder(tmp_path: Path) -> None:
    assert resolve_path("a.tsv", Path("../recipes")) == tmp_path / "recipes" / "a.tsv"


def test_a_link_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / "blob").touch()
    (tmp_path / "recipes" / "a.csv").symlink_to(tmp_path / "blob")
    assert resolve_path("a.csv", tmp_path / "recipes").name == "a.csv"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "${UNSET}/a.tsv",
            "${UNSET}/a.tsv: the environment variable UNSET is not set\n"
            "  set it (export UNSET=/the/folder), or write the path itself into the recipe",
        ),
        (
            "x/${EMPTY}",
            "x/${EMPTY}: the environment variable EMPTY is not set\n"
            "  set it (export EMPTY=/the/folder), or write the path itself into the recipe",
        ),
        ("${A:-b}/x", "${A:-b}/x: '${A:-b}' is no environment variable: write it as ${NAME}"),
        ("${}/x", "${}/x: '${}' is no environment variable: write it as ${NAME}"),
    ],
)
def test_variables_that_cannot_be_replaced(text: str, message: str) -> None:
    with pytest.raises(RequestError) as error:
        resolve_path(text, Path("/"))
    assert str(error.value) == message


@pytest.mark.parametrize(
    "text", ["a.tsv", "../a.tsv", "/a.tsv", "~/a", "~", "${CORPUS}/a", "${HERE}/a", "x/${LANG_}/a", "~x/a"]
)
def test_absolute_text_means_the_same_in_any_folder(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "recipes"
    absolute = absolute_text(text, folder)
    assert resolve_path(absolute, Path("/elsewhere")) == resolve_path(text, folder)
    assert absolute_text(absolute, Path("/elsewhere")) == absolute
    assert ("${" in absolute) == ("${" in text)
