"""The benchmark of the rules for documents runs, and counts what it says it counts."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.delenv("DRAGOMAN_REALDATA", raising=False)


def test_the_corpus_is_always_the_same(tmp_path):
    from benchmarks.documents import read_documents, varied, write_documents

    written = [write_documents(tmp_path / name, 1_500_000) for name in ("a", "b")]
    assert written[0] == written[1]
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    batches = list(read_documents(str(tmp_path / "a")))
    texts = [text for batch in batches for text in batch.to_pylist()]
    assert len(batches) == 2
    assert written[0] == {"documents": len(texts), "bytes": sum(len(text.encode()) for text in texts)}
    assert len(set(texts)) > 0.99 * len(texts)
    assert varied("", random.Random(1)) == ""


def test_both_judge_the_same_documents_and_are_reported():
    pytest.importorskip("datatrove")
    from benchmarks import curation

    found = curation.run(quick=True)
    assert found["results"]["ours"][0]["kept"] == found["results"]["datatrove"][0]["kept"]
    assert 0 < len(found["results"]["ours"][0]["kept"]) < found["corpus"]["documents"]
    assert sum(one["ours"] for one in found["alone"]["rules"].values()) > 10
    printed = curation.report(found)
    assert "Both decide the same of 100.00% of the documents" in printed
    assert "| datatrove | " in printed
    assert "| duplicate_10grams | " in printed
