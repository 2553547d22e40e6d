"""Cleaning real text as a user does: what is lost of text that is clean, and what goes of raw web pages."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from corpora import write_json
from driving import Dragoman

from dragoman.corpus.normalising import normalise

MONO = Path(os.environ.get("DRAGOMAN_REALDATA", ".")) / "mono"
OUT = Path("runs/real/corpus")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif("DRAGOMAN_REALDATA" not in os.environ, reason="DRAGOMAN_REALDATA is not set"),
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def clean(dragoman: Dragoman, corpus: dict[str, Any]) -> dict[str, Any]:
    """Clean a corpus, given as its section; the receipt."""
    Path("real.yaml").write_text(json.dumps({"name": "real", "corpus": corpus}))
    result = dragoman("corpus", "clean", "real.yaml", "--workers", 1)
    assert result.code == 0, result.err
    return json.loads((OUT / "receipt.json").read_text())


def lost(receipt: dict[str, Any]) -> float:
    """The share of the bytes that did not stay, white space and the like aside."""
    return 1 - receipt["kept"]["bytes"] / (receipt["read"]["bytes"] - receipt["normalised"]["bytes"])


def parts(name: str, pattern: str, shortest: int) -> list[str]:
    """The laws or articles of a file that are long enough to be documents of a corpus."""
    texts = re.split(pattern, (MONO / name).read_text(encoding="utf-8"))
    return [text for text in texts if len(text.split()) >= shortest]


@pytest.mark.parametrize(
    ("presets", "most"), [([], 0.001), (["from-scratch-job"], 0.06), (["gopher"], 0.3), (["fineweb2-de"], 0.3)]
)
def test_good_text_stays(dragoman: Dragoman, presets: list[str], most: float) -> None:
    """Published thresholds take laws, which repeat themselves and are full of numbers; nothing else does."""
    write_json(Path("laws.jsonl"), parts("statutes.de.txt", r"(?m)^=== .*$", 100))
    write_json(Path("articles.jsonl"), parts("wikitext2.valid.en.txt", r"(?m)^ (?== [^=])", 100))
    sources = [
        {"path": "laws.jsonl"},
        {"path": "articles.jsonl"},
        {"path": str(MONO / "botchan.en.txt"), "document": "file"},
        {"path": str(MONO / "verwandlung.de.latin1.txt"), "document": "file", "encoding": "latin-1"},
    ]
    receipt = clean(dragoman, {"sources": sources, "presets": presets, "boilerplate": {}, "languages": ["de", "en"]})
    assert lost(receipt) < most
    assert not receipt["lines"].get("boilerplate")
    assert [source["kept"]["documents"] for source in receipt["sources"][2:]] == [1, 1]


def test_web_pages_lose_their_boilerplate(dragoman: Dragoman) -> None:
    lines = (MONO / "webpages.jsonl").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    pages = [json.loads(line) for line in lines]
    corpus = {"sources": [{"path": str(MONO / "webpages.jsonl")}], "boilerplate": {}, "duplicates": {"minhash": None}}
    assert clean(dragoman, corpus)["kept"]["documents"] > 490
    rows = [row for file in sorted((OUT / "shards").iterdir()) for row in pq.read_table(file).to_pylist()]
    left = {row["row"]: row["text"] for row in rows}
    shares = {}
    for kind in ("keep", "drop"):
        strings = [(row, normalise(s)) for row, page in enumerate(pages, 1) for s in page[kind]]
        there = [(row, string) for row, string in strings if string in normalise(pages[row - 1]["text"])]
        shares[kind] = sum(string in left.get(row, "") for row, string in there) / len(there)
    assert shares["keep"] > 0.93
    assert shares["drop"] < 0.26
