from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dragoman.recipe.loading import Loaded
from dragoman.recipe.reference import MINIMAL, PAGE, main, reference
from dragoman.recipe.schema import Training

ROOT = Path(__file__).parents[3]


def test_the_page_in_the_documentation_is_current() -> None:
    assert (ROOT / PAGE).read_text(encoding="utf-8") == reference(), "run python -m dragoman.recipe.reference"


def test_the_smallest_recipe_is_valid_and_on_the_page(load: Callable[..., Loaded]) -> None:
    assert load(MINIMAL).recipe.name == "my-translator"
    assert f"```yaml\n{MINIMAL}```" in reference()


def test_every_key_of_a_section_has_its_row() -> None:
    section = reference().split('<a id="training"></a>')[1].split("<a id=")[0]
    rows = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert rows == list(Training.model_fields)


@pytest.mark.parametrize(
    "row",
    [
        "| `betas` | a list of 2, each a number of at least 0 and below 1 | `[0.9, 0.98]` | AdamW's decay rates. |",
        "| `batch` | a [section](#training.batch) | `{tokens: 5000}` | The size of one optimizer step. |",
        "| `data` | a [section](#data) | **required** | What the model learns from and is measured on. |",
        "| `start` | `base`, `pretrained` or `random` |  | The weights to start from: those of model.pretrained; those "
        "of this recipe's `pretraining`; or random ones (default: pretrained where the recipe has that and every "
        "weight trains, else base where there is one). |",
        "| `test` | names, each with a [section](#data.train) | `{}` | Named test sets, scored once at the end. |",
        "| `checkpoints` | a [section](#training.checkpoints) | its own defaults | What is kept to resume from. |",
    ],
)
def test_rows(row: str) -> None:
    assert row in reference().split("\n")


def test_links_lead_somewhere_and_tables_are_whole() -> None:
    page = reference()
    anchors = re.findall(r'<a id="([^"]+)">', page)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) == set(anchors)
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in page.split("\n") if line.startswith("|")} == {5}


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--check"]) == 1
    assert capsys.readouterr().err == "docs/recipe.md is out of date: run python -m dragoman.recipe.reference\n"
    assert main([]) == 0
    assert main(["--check"]) == 0
    (tmp_path / PAGE).write_text("old", encoding="utf-8")
    assert main(["--check"]) == 1
    assert (tmp_path / PAGE).read_text(encoding="utf-8") == "old"
