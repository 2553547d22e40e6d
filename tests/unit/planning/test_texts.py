"""What `check` says of pairs and synthesis, with a model beside them or without."""

from __future__ import annotations

from contextlib import nullcontext
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from dragoman.base.errors import CheckError, RequestError
from dragoman.planning.check import check_recipe, find_everything
from dragoman.planning.texts import check_texts
from dragoman.recipe.loading import load_recipe, load_texts, makes_no_model

PAIRS = """\
pairs:
  sources: [{path: pairs.tsv}]
  preset: pairs-de-en
  source: de
  target: en
  evaluation: [{path: test.tsv}]
"""
SYNTHESIS = """\
synthesis:
  provider: openai
  model: small-1
  base_url: http://localhost:8000/v1
  preset: pairs-de-en
  pairs: 90
  prices: {input: 1.0, output: 4.0}
  budget: 5
  generate: {topics: [food, travel], levels: [A1], pairs_per_request: 10}
"""
MODEL = "data: {train: [{path: train.tsv}]}\nmodel: {nmt: {d_model: 32, n_heads: 2, d_ff: 64}}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    for name in ("pairs.tsv", "test.tsv"):
        Path(name).write_text("de\ten\nEin Hund bellt.\tA dog barks.\n")
    return tmp_path


def said(text: str, *overrides: str, error: type[Exception] | None = None) -> tuple[str, str]:
    """What is printed, and what is raised."""
    recipe, printed = Path("r.yaml"), StringIO()
    recipe.write_text("name: job\n" + text)
    with nullcontext() if error is None else pytest.raises(error) as raised:
        console = Console(file=printed, width=140)
        if makes_no_model(recipe, overrides):
            check_texts(load_texts(recipe, overrides), console)
        else:
            check_recipe(load_recipe(recipe, overrides, find_everything), console)
    return printed.getvalue(), "" if raised is None else str(raised.value)


def test_what_the_sections_will_do() -> None:
    text, _ = said(PAIRS + SYNTHESIS)
    for words in (
        "Pairs: dragoman corpus pairs", "reads      pairs.tsv", "columns    de to en", "languages  de and en",
        "pairs-de-en: words 1 to 150; longest word up to 60", "alphabetic from 0.5", "digits; terminal",
        "near duplicate", "kept out   test.tsv", "runs/job/pairs/pairs.parquet: de, en, file, row",
        "Synthesis: dragoman corpus synthesize", "small-1, by OpenAI's protocol",
        "90 pairs over a grid of 2 topics, 1 levels, 3 registers, 3 lengths, 2 directions", "36 for 90 pairs",
        "http://localhost:8000/v1/chat/completions", "USD at worst", "5.0000 USD", "no evaluation set is named",
        "next: dragoman corpus pairs r.yaml", "and: dragoman corpus synthesize r.yaml",
    ):  # fmt: skip
        assert words in text, (words, text)


def test_a_corpus_to_translate_is_not_read() -> None:
    Path("de.txt").write_text("Ein Hund bellt.\n")
    translate = SYNTHESIS[: SYNTHESIS.index("  generate")] + "  translate: {sources: [{path: de.txt}]}\n"
    text, _ = said(translate)
    assert "90 pairs: sentences of de.txt, up to 7 a request" in text
    assert "--dry-run counts it" in text


def test_everything_wrong_is_said_together_with_its_place() -> None:
    wrong = PAIRS.replace("de\n  target", "deu\n  target").replace("test.tsv", "tset.tsv")
    wrong += SYNTHESIS.replace("pairs-de-en", "pairs").replace("5\n", "0.01\n") + (
        "  languages: {source: de, target: xx}\n  sending: {tokens_per_minute: 4000}\n"
    )
    found = said(wrong, "synthesis.base_url=null", "synthesis.prices=null", "synthesis.budget=null", error=RequestError)
    for words in ("5 problems", "r.yaml:3:13: pairs.sources.0: pairs.tsv: has no column 'deu'",
                  "r.yaml:7:16: pairs.evaluation.0: ", "did you mean 'test.tsv'", "no language 'xx'",
                  "what does small-1 cost?", "tokens_per_minute: one answer may take 4,096 tokens"):  # fmt: skip
        assert words in found[1], (words, found[1])
    assert found[0] == ""
    _, raised = said(wrong, error=RequestError)
    assert "r.yaml:15:" in raised
    assert "synthesis.budget: one answer of 4,096 tokens" in raised


def test_missing_files_alone_are_said_after_what_can_be_said() -> None:
    Path("pairs.tsv").unlink()
    text, raised = said(PAIRS + SYNTHESIS, error=CheckError)
    assert "36 for 90 pairs" in text
    assert raised.startswith("not checked: pairs\n")
    assert "pairs.sources.0: " in raised


def test_beside_a_model() -> None:
    text, raised = said(MODEL + PAIRS + SYNTHESIS, error=CheckError)
    assert "Training: full" in text
    assert "columns    de to en" in text
    assert "36 for 90 pairs" in text
    assert raised.startswith("not checked: rows, tokens, length of the training\n")
    _, raised = said(MODEL.replace("d_model", "d_modle") + PAIRS.replace("test.tsv", "gone.tsv"), error=RequestError)
    assert "d_modle" in raised
    assert "pairs.evaluation.0: " in raised
    rows = [f"{'ab'[i % 2]} dog {i}\tein hund {i}\n" for i in range(90)]
    Path("train.tsv").write_text("".join(["source\ttarget\n", *rows]))
    whole = MODEL + "tokenizer: {vocabulary_size: 380}\ntraining: {warmup_steps: 1}\n"
    _, raised = said(whole + PAIRS.replace("pairs.tsv", "gone.tsv"), error=CheckError)
    assert raised.startswith("not checked: pairs\n")
    _, raised = said(whole + PAIRS.replace("source: de\n", "source: en\n"), error=RequestError)
    assert "made of the same columns: 'en'" in raised
