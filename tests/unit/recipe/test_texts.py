"""Recipes that make text and no model."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.base.errors import RequestError
from dragoman.recipe.loading import load_recipe, load_texts
from dragoman.recipe.saving import effective
from dragoman.recipe.schema import CorpusRecipe, Recipe

TEXTS = """\
name: texts
corpus:
  sources:
    - path: a.jsonl
  languages: [de]
"""
MODEL = "data:\n  train: [{path: a.tsv}]\n"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("recipe.yaml")


def error_of(path: Path, *overrides: str, section: str = "corpus") -> list[str]:
    with pytest.raises(RequestError) as error:
        load_texts(path, overrides, section=section)
    return str(error.value).split("\n")


def test_a_recipe_without_data(write: Path) -> None:
    write.write_text(TEXTS)
    loaded = load_texts(write, ["corpus.languages=[de, en]", "seed=7"], section="corpus")
    assert isinstance(loaded.recipe, CorpusRecipe)
    assert loaded.recipe.corpus is not None
    assert (loaded.recipe.seed, loaded.recipe.corpus.languages) == (7, ["de", "en"])
    assert loaded.position("corpus.sources.0.path") == "recipe.yaml:4:7"
    assert loaded.arguments == "recipe.yaml --set 'corpus.languages=[de, en]' --set seed=7"


@pytest.mark.parametrize("more", [MODEL, "", "data: {train: [{path: a.tsv}]}\nmodel: {nmt: {d_model: 32}}\n"])
def test_both_kinds_serve_the_verbs_of_texts(write: Path, more: str) -> None:
    write.write_text(TEXTS + more)
    loaded = load_texts(write, section="corpus")
    assert isinstance(loaded.recipe, Recipe if more else CorpusRecipe)
    assert loaded.recipe.corpus is not None


def test_an_option_can_make_it_a_recipe_of_a_model(write: Path) -> None:
    write.write_text(TEXTS)
    assert load_recipe(write, ["data.train=[{path: a.tsv}]"]).recipe.corpus is not None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (TEXTS, "use dragoman corpus clean recipe.yaml"),
        (
            "name: x\npairs: {sources: [{path: a.tsv}]}\nsynthesis: {}\n",
            "use dragoman corpus pairs recipe.yaml or dragoman corpus synthesize recipe.yaml",
        ),
    ],
)
def test_other_verbs_say_what_to_use_instead(write: Path, text: str, hint: str) -> None:
    write.write_text(text)
    with pytest.raises(RequestError) as error:
        load_recipe(write)
    assert str(error.value) == f"recipe.yaml: makes text and no model: it has no data\n  {hint}"


def test_all_problems_at_once(write: Path) -> None:
    write.write_text(TEXTS.replace("languages", "langages").replace("path", "pth") + "seed: -1\n")
    found = error_of(write, "corpus.presets=[gofer]", "epochs=3")
    assert found[:4] == [
        "recipe.yaml has 5 problems:",
        "recipe.yaml:4:7: corpus.sources.0.pth: unknown key; did you mean 'path'?",
        "recipe.yaml:5:3: corpus.langages: unknown key; did you mean 'languages'?",
        "recipe.yaml:6:1: seed: must be a whole number of at least 0, not -1",
    ]
    assert found[4].startswith("--set corpus.presets=[gofer]: corpus.presets.0: must be gopher, c4")
    assert found[5] == "--set epochs=3: unknown key; known keys: name, seed, corpus, pairs, synthesis"


def test_keys_of_a_model_alone_ask_for_data(write: Path) -> None:
    """It is a recipe of a model whose data is missing: nothing is said of its other keys."""
    write.write_text(TEXTS + "model: {nmt: {d_model: 32}}\n")
    for load in (load_recipe, lambda path: load_texts(path, section="corpus")):
        with pytest.raises(RequestError, match="data: this key is missing"):
            load(write)
    write.write_text(TEXTS + "dta: {train: [{path: a.tsv}]}\n")
    assert "recipe.yaml:6:1: dta: unknown key; did you mean 'data'?" in error_of(write)


def test_a_section_that_is_not_there(write: Path) -> None:
    write.write_text(TEXTS)
    assert error_of(write, section="pairs") == [
        "recipe.yaml: has no section pairs", "  use dragoman corpus clean recipe.yaml",
    ]  # fmt: skip
    write.write_text("name: x\n" + MODEL)
    assert error_of(write)[0] == "recipe.yaml: has no section corpus"


def test_the_effective_recipe_loads_again(write: Path) -> None:
    write.write_text(TEXTS)
    loaded = load_texts(write, section="corpus")
    Path("again.yaml").write_text(effective(loaded.recipe, loaded.folder))
    again = load_texts(Path("again.yaml"), section="corpus").recipe
    assert again.corpus is not None
    assert again.corpus.sources[0].path == str(Path("a.jsonl").absolute())
    assert again.model_dump(exclude={"corpus"}) == loaded.recipe.model_dump(exclude={"corpus"})


SYNTHESIS = """\
name: made
synthesis:
  provider: gemini
  model: m
  languages: {source: de, target: en}
  generate: {topics: [food]}
"""


@pytest.mark.parametrize(
    "options",
    [
        "{maxOutputTokens: 9}", "{max_output_tokens: 9}", "{generationConfig: {maxOutputTokens: 9}}",
        "{generation_config: {max_output_tokens: 9}}", "{generationConfig: {candidate_count: 3}}",
        "{cachedContent: cachedContents/1}", "{tools: []}",
    ],
)  # fmt: skip
def test_no_option_lifts_the_worst_case_of_a_request(write: Path, options: str) -> None:
    write.write_text(SYNTHESIS + f"  pairs: 3\n  options: {options}\n")
    assert "options must not hold" in error_of(write, section="synthesis")[0]


def test_all_that_contradicts_itself_is_said(write: Path) -> None:
    write.write_text(SYNTHESIS.replace("target: en", "target: de") + "  budget: 3\n")
    (said,) = error_of(write, section="synthesis")
    for words in ("generate needs pairs", "prices and budget go together", "source and target are the same"):
        assert words in said
