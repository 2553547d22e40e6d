from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from corpora import documents, write_json
from rich.console import Console

from dragoman.base.errors import RequestError
from dragoman.corpus.cleaning import clean_corpus
from dragoman.corpus.explaining import Explanation, explain_document
from dragoman.recipe.schema import Corpus
from dragoman.report.corpus import print_explanation


def corpus_of(*sources: dict[str, Any], **keys: Any) -> Corpus:
    return Corpus.model_validate({"sources": [{"language": "de", **source} for source in sources], **keys})


def printed(told: Explanation) -> str:
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    print_explanation(told, console)
    return console.export_text()


def test_every_rule_says_what_it_measures(tmp_path: Path) -> None:
    text = " ".join(["Wort"] * 30)
    write_json(tmp_path / "a.jsonl", ["x", text])
    corpus = corpus_of(
        {"path": "a.jsonl"}, rules={"word_count": {"min": 50}, "top_2gram": {"max": 0.2}, "digits": {"max": 0.5}}
    )
    told = explain_document(corpus, tmp_path, "a.jsonl:2", tmp_path / "out")
    measured = {one.measure: one for one in told.measured}
    assert set(measured) == {"word_count", "top_2gram", "digits"}
    assert (measured["word_count"].value, measured["word_count"].low, measured["word_count"].high) == (30, 50, None)
    assert [one.removes for one in measured.values()] == [True, False, True]
    assert told.removed_by == "word_count"
    shown = printed(told)
    assert "a.jsonl:2  language de" in shown
    assert "removes it" in next(line for line in shown.splitlines() if line.startswith("word_count"))
    assert "would too" in next(line for line in shown.splitlines() if line.startswith("top_2gram"))
    assert shown.splitlines()[-1].strip() == "removed by word_count"


def test_what_was_changed(tmp_path: Path) -> None:
    text = "Der erste  Satz steht hier.\r\nKlick hier\nDer letzte Satz steht\u00a0hier."
    write_json(tmp_path / "a.jsonl", [text])
    corpus = corpus_of({"path": "a.jsonl"}, rules={"line_end": {"marks": ["."]}})
    told = explain_document(corpus, tmp_path, "a.jsonl:1", tmp_path / "out")
    assert told.text == "Der erste Satz steht hier.\nDer letzte Satz steht hier."
    assert [(change.step, change.reason) for change in told.changes] == [
        ("normalising", ""), ("normalising", ""), ("line rules", "line_end"),
    ]  # fmt: skip
    assert told.changes[-1].before == "Klick hier"
    shown = printed(told)
    assert "- Der erste  Satz steht hier.\\r" in shown
    assert "+ Der erste Satz steht hier." in shown
    assert "steht\\xa0hier" in shown
    assert "- Klick hier" in shown


def test_a_long_document_is_explained_at_once(tmp_path: Path) -> None:
    text = "\n".join(["Zeile", "", "und  so weiter"] * 20_000)
    write_json(tmp_path / "a.jsonl", [text])
    told = explain_document(corpus_of({"path": "a.jsonl"}), tmp_path, "a.jsonl:1", tmp_path / "out")
    assert len(told.changes) == 20_000
    assert "and 19,980 changes more" in printed(told)


def test_a_document_of_which_nothing_is_left(tmp_path: Path) -> None:
    write_json(tmp_path / "a.jsonl", ["Klick hier\nMehr lesen"])
    corpus = corpus_of({"path": "a.jsonl"}, rules={"line_end": {"marks": ["."]}, "word_count": {"min": 5}})
    told = explain_document(corpus, tmp_path, "a.jsonl:1", tmp_path / "out")
    assert told.removed_by == "nothing left"
    assert len(told.changes) == 2


def test_the_language(tmp_path: Path) -> None:
    write_json(tmp_path / "a.jsonl", documents(1))
    told = explain_document(corpus_of({"path": "a.jsonl"}, languages=["en", "fr"]), tmp_path, "a.jsonl:1", tmp_path)
    assert told.removed_by == "language"
    assert "wanted: en, fr" in told.measured[0].description


def test_its_fate_in_the_whole_corpus(tmp_path: Path) -> None:
    texts = documents(20)
    write_json(tmp_path / "a.jsonl", texts)
    write_json(tmp_path / "b.jsonl", [texts[3], *documents(3, seed=2)])
    corpus = corpus_of({"path": "*.jsonl"}, rules={"word_count": {"max": 10_000}})
    out = tmp_path / "out"
    assert explain_document(corpus, tmp_path, "b.jsonl:1", out).fate is None
    clean_corpus(corpus, tmp_path, out, seed=1, workers=1)
    assert explain_document(corpus, tmp_path, "b.jsonl:1", out).fate == "removed: exact duplicate of a.jsonl:4"
    told = explain_document(corpus, tmp_path, "b.jsonl:2", out)
    assert told.fate == f"kept: in {out / 'shards/00000.parquet'}"
    assert printed(told).splitlines()[-1].startswith("no rule removes it; kept: in ")
    other = corpus_of({"path": "*.jsonl"}, rules={"word_count": {"max": 20_000}})
    assert explain_document(other, tmp_path, "b.jsonl:1", out).fate is None


def test_bad_documents(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "x"}\n{broken\n')
    told = explain_document(corpus_of({"path": "a.jsonl"}), tmp_path, "a.jsonl:2", tmp_path)
    assert told.bad == "broken JSON"
    assert "in quarantine: broken JSON" in printed(told)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("a.jsonl", "is no FILE:ROW"),
        ("a.jsonl:x", "is no FILE:ROW"),
        ("c.jsonl:1", "no source of the corpus has this file\n  did you mean 'a.jsonl'?"),
        ("same.txt:1", "2 files are called so"),
        ("a.jsonl:9", "no document begins in row 9\n  the last document begins at 2"),
        ("p.txt:2", "no document begins in row 2\n  documents begin at 1 and 4"),
        ("p.txt:3", "no document begins in row 3\n  documents begin at 1 and 4"),
    ],
)
def test_what_is_not_there(tmp_path: Path, document: str, said: str) -> None:
    write_json(tmp_path / "a.jsonl", ["x", "y"])
    (tmp_path / "p.txt").write_text("eins\nzwei\n\nvier\n")
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.txt").write_text("x")
    sources = [{"path": "a.jsonl"}, {"path": "p.txt"}, {"path": "*/same.txt"}]
    with pytest.raises(RequestError) as error:
        explain_document(corpus_of(*sources), tmp_path, document, tmp_path)
    assert said in str(error.value)


def test_names_of_files(tmp_path: Path) -> None:
    """As reports say them, as a path from anywhere, or by their last part."""
    write_json(tmp_path / "deep/a.jsonl", ["text"])
    for name in ("deep/a.jsonl", str(tmp_path / "deep/a.jsonl"), "a.jsonl"):
        assert explain_document(corpus_of({"path": "deep"}), tmp_path, f"{name}:1", tmp_path).file == "deep/a.jsonl"
