from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from corpora import documents, write_json

from dragoman.base.errors import RequestError
from dragoman.corpus.cleaning import clean_corpus
from dragoman.corpus.engine.histogram import BELOW_ONE, BINS
from dragoman.recipe.schema import Corpus
from dragoman.report.corpus import write_corpus_report
from dragoman.report.corpus.run import read_corpus_run
from dragoman.report.corpus.thresholds import _scaled, between
from dragoman.report.corpus.throughput import speed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus with all kinds of removals, and a text that would be markup."""
    place = tmp_path_factory.mktemp("corpus")
    texts = documents(80, words=(60, 120))
    texts[0] += "\nEnde"
    evil = "<script>alert('x')</script> kurz"
    write_json(place / "a.jsonl", [*texts, *texts[:5], evil])
    (place / "b.txt").write_bytes(b"gut und lang genug\n\n\xff\xfe\n\n" + b"noch ein Absatz")
    corpus = Corpus.model_validate(
        {
            "sources": [{"path": "a.jsonl", "language": "de"}, {"path": "b.txt", "language": "en"}],
            "rules": {"word_count": {"min": 50}, "digits": {"max": 0.1}, "line_words": {"min": 2}},
        }
    )
    clean_corpus(corpus, place, place / "runs/texts/corpus", seed=1, workers=1)
    return place / "runs/texts/corpus"


class Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def test_the_page(folder: Path) -> None:
    path = write_corpus_report(folder)
    page = path.read_text(encoding="utf-8")
    found = Words()
    found.feed(page)
    said = " ".join(found.said)
    assert "script" not in found.tags
    assert "<script>alert('x')</script> kurz" in said
    for words in ("word count", "exact duplicate", "line rules", "not UTF-8", "Removed nothing: digits", "Throughput"):
        assert words in said
    for words in ("Lines that were taken out of documents are", "of the bytes."):
        assert words in said
    assert page.count("<svg") == 2
    assert write_corpus_report(folder).read_text(encoding="utf-8") == page
    assert "http:" not in page.replace("http://www.w3.org", "")


def test_what_is_absent_is_said(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "receipt.json").write_bytes((folder / "receipt.json").read_bytes())
    line = json.dumps({"shard": 0, "step": "first", "bytes": 3_000_000, "seconds": 2})
    (tmp_path / "times.jsonl").write_text(line + '\n{"sha')
    page = write_corpus_report(tmp_path).read_text()
    assert "Not in the folder" in page
    assert "findings.json" in page
    assert speed(read_corpus_run(tmp_path)) == 1.5


def test_a_folder_without_a_corpus(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no corpus was cleaned here"):
        write_corpus_report(tmp_path)


def test_figures_show_all_documents_and_every_threshold() -> None:
    counts = np.zeros(BINS, int)
    counts[[0, 10, 30]] = 1, 2, 3
    edges, shown, log = _scaled(counts, [0.9])
    assert (sum(shown), log) == (6, False)
    assert edges[0] == 0
    assert edges[-1] > 0.9
    counts[[BELOW_ONE + 5, BELOW_ONE + 20]] = 4, 5
    edges, shown, log = _scaled(counts, [50, 100_000])
    assert (sum(shown), log) == (15, True)
    assert len(edges) == len(shown) + 1
    assert edges[-1] > 100_000
    assert all(np.diff(edges) > 0)


def test_thresholds_in_words() -> None:
    assert between(None, 0.25) == "at most 0.25"
    assert between(50, None) == "at least 50"
    assert between(50, 100_000) == "50 to 100,000"
