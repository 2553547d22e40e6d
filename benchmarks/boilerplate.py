"""How much boilerplate goes out of raw web pages, how much of their own text stays, and how fast.

Pages come with strings that a cleaner should keep and strings that it should drop. Thresholds were set on half of the
pages, by a hash of their address; the figures are for the other half. What has no boilerplate must not lose anything:
statutes, Wikipedia, books. Needs DRAGOMAN_REALDATA; without it nothing is measured.
"""

from __future__ import annotations

import json
import os
import re
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.tables import table
from dragoman.corpus.boilerplate import strip_texts
from dragoman.corpus.normalising import normalise
from dragoman.recipe.schema.boilerplate import Boilerplate

HALVES = ("tuned on", "held out")


def run(quick: bool) -> dict[str, Any]:
    """Counts for both halves of the pages, bytes for clean text, and megabytes a second."""
    if "DRAGOMAN_REALDATA" not in os.environ:
        return {}
    folder = Path(os.environ["DRAGOMAN_REALDATA"]) / "mono"
    pages = read_pages(folder)[: 60 if quick else None]
    found: dict[str, Any] = {"pages": {}, "clean": {}, "reasons": {}}
    for half, name in enumerate(HALVES):
        found["pages"][name] = judge([page for page in pages if half_of(page["url"]) == half])
    for name, texts in clean_texts(folder):
        given = sum(len(text.encode()) for text in texts)
        left = sum(len(text.encode()) for text in stripped(texts))
        found["clean"][name] = {"texts": len(texts), "bytes": given, "left": left}
    column = pa.array([page["text"] for page in pages], pa.large_string())
    found["reasons"] = strip_texts(column, Boilerplate()).counts()
    found["speed"] = [speed(column) for _ in range(1 if quick else 5)]
    return found


def read_pages(folder: Path) -> list[dict[str, Any]]:
    """Pages as the cleaner gets them: normalised."""
    lines = (folder / "webpages.jsonl").read_text(encoding="utf-8").split("\n")
    pages = [json.loads(line) for line in lines if line]
    return [
        {
            "url": page["url"],
            "text": normalise(page["text"]),
            **{k: [*map(normalise, page[k])] for k in ("keep", "drop")},
        }
        for page in pages
    ]


def half_of(address: str) -> int:
    return zlib.crc32(address.encode()) & 1


def stripped(texts: list[str]) -> list[str]:
    return strip_texts(pa.array(texts, pa.large_string()), Boilerplate()).texts.to_pylist()


def judge(pages: list[dict[str, Any]]) -> dict[str, int]:
    """How many of the strings that are in the pages are still there."""
    counts = {"pages": len(pages), "bytes": 0, "left": 0, "keep": 0, "kept": 0, "drop": 0, "dropped": 0}
    for page, text in zip(pages, stripped([page["text"] for page in pages]), strict=True):
        counts["bytes"] += len(page["text"].encode())
        counts["left"] += len(text.encode())
        for string in page["keep"]:
            if string in page["text"]:
                counts["keep"] += 1
                counts["kept"] += string in text
        for string in page["drop"]:
            if string in page["text"]:
                counts["drop"] += 1
                counts["dropped"] += string not in text
    return counts


def clean_texts(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Text without boilerplate, each law, article or book as one document."""
    laws = re.split(r"(?m)^=== .*$", (folder / "statutes.de.txt").read_text(encoding="utf-8"))
    yield "German statutes", [normalise(law) for law in laws if law.strip()]
    articles = [
        article
        for part in ("valid", "test")
        for article in re.split(r"(?m)^ (?== [^=])", (folder / f"wikitext2.{part}.en.txt").read_text(encoding="utf-8"))
    ]
    yield "Wikipedia, English", [normalise(article) for article in articles if article.strip()]
    yield "Die Verwandlung", [normalise((folder / "verwandlung.de.latin1.txt").read_text(encoding="latin-1"))]
    yield "Botchan, English", [normalise((folder / "botchan.en.txt").read_text(encoding="utf-8"))]


def speed(column: pa.Array) -> float:
    """Megabytes of text a second."""
    batches = [column.slice(start, 95) for start in range(0, len(column), 95)]  # about a megabyte each
    began = time.perf_counter()
    for batch in batches:
        strip_texts(batch, Boilerplate())
    return sum(len(text.encode()) for text in column.to_pylist()) / 1e6 / (time.perf_counter() - began)


def report(found: dict[str, Any]) -> str:
    if not found:
        return "boilerplate: set DRAGOMAN_REALDATA to the folder of the real data"
    pages = [
        [
            name,
            f"{c['pages']:,}",
            share(c["kept"], c["keep"]),
            share(c["dropped"], c["drop"]),
            share(c["left"], c["bytes"]),
        ]
        for name, c in found["pages"].items()
    ]
    clean = [
        [name, f"{c['texts']:,}", f"{c['bytes'] / 1e6:.2f}", f"{100 * (1 - c['left'] / c['bytes']):.2f} %"]
        for name, c in found["clean"].items()
    ]
    reasons = [[name, f"{lines:,}", f"{size / 1e6:.2f}"] for name, (lines, size) in found["reasons"].items()]
    return "\n\n".join([
        table(["pages", "number", "kept of what to keep", "gone of what to drop", "bytes left"], pages),
        table(["clean text", "documents", "MB", "lost"], clean),
        table(["reason", "lines", "MB"], reasons),
        f"{sorted(found['speed'])[len(found['speed']) // 2]:.1f} MB/s on one core",
    ])  # fmt: skip


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} % of {whole:,}"
