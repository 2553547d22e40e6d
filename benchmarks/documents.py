"""A corpus to clean: real documents, normalised, repeated with variations, in one Arrow file of batches of a megabyte.

From DRAGOMAN_REALDATA web pages, Common Crawl, Wikipedia, books, statutes and sentence collections; without it
documents made of the built-in phrasebook. The same seed makes the same bytes.
"""

from __future__ import annotations

import csv
import json
import os
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa

from dragoman.corpus.normalising import normalise
from dragoman.data.phrasebook import pairs

BATCH_BYTES = 1 << 20
CHUNK = 3000  # characters of a document that is cut out of a book


def write_documents(path: Path, size: int, seed: int = 1) -> dict[str, int]:
    """Write about `size` bytes of text; the number of documents and of bytes."""
    originals = list(filter(None, map(normalise, _originals())))
    dice = random.Random(seed)
    count = total = held = 0
    batch: list[str] = []
    schema = pa.schema([("text", pa.large_string())])
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        while total < size:
            text = originals[count] if count < len(originals) else varied(dice.choice(originals), dice).strip()
            length = len(text.encode())
            batch.append(text)
            count, total, held = count + 1, total + length, held + length
            if held >= BATCH_BYTES or total >= size:
                writer.write(pa.record_batch([pa.array(batch, pa.large_string())], schema=schema))
                batch, held = [], 0
    return {"documents": count, "bytes": total}


def read_documents(path: str) -> Iterator[pa.Array]:
    """The texts, a batch at a time."""
    with pa.OSFile(path) as file:
        reader = pa.ipc.open_file(file)
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number).column("text")


def varied(text: str, dice: random.Random) -> str:
    """Another document of the same kind: some lines and words gone or moved, now and then something repeated."""
    lines = [line for line in text.split("\n") if dice.random() > 0.1] or [text]
    at = dice.randrange(len(lines))
    lines = lines[at:] + lines[:at]
    for i in range(0, len(lines), 3):
        words = lines[i].split(" ")
        if len(words) > 4:
            j = dice.randrange(len(words) - 1)
            words[j], words[j + 1] = words[j + 1], words[j]
            del words[dice.randrange(len(words))]
            lines[i] = " ".join(words)
    luck = dice.random()
    if luck < 0.1:
        lines[at:at] = [dice.choice(lines)] * dice.randrange(1, 12)
    elif luck < 0.2:
        words = " ".join(lines).split(" ")
        begin = dice.randrange(len(words))
        repeated = words[begin : begin + dice.randrange(2, 15)] * dice.randrange(2, 20)
        lines.append(" ".join(repeated))
    elif luck < 0.25:
        lines = lines[: dice.randrange(1, 6)]
    return "\n".join(lines)


def _originals() -> Iterator[str]:
    folder = os.environ.get("DRAGOMAN_REALDATA")
    if folder is None:
        yield from _of_phrases()
        return
    mono = Path(folder) / "mono"
    for path in sorted(mono.glob("*.jsonl")):
        yield from (json.loads(line)["text"] for line in _lines(path))
    for path in sorted(mono.glob("*.txt")):
        yield from _cut(_lines(path, "latin-1" if "latin1" in path.name else "utf-8"))
    for path in sorted((Path(folder) / "en-hi").glob("*.jsonl")):
        pairs_of = [json.loads(line)["translation"] for line in _lines(path)]
        for language in ("en", "hi"):
            yield from _cut(str(pair[language]) for pair in pairs_of)
    with open(Path(folder) / "de-en/tatoeba.train.tsv", encoding="utf-8", newline="\n") as file:
        rows = list(islice(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 20_000))
    for language in ("de", "en"):
        yield from _cut(row[language] for row in rows)


def _of_phrases() -> Iterator[str]:
    sentences = [str(row[side]) for row in pairs(6000, "train", ["B1", "B2", "C1"]) for side in ("source", "target")]
    yield from _cut(" ".join(sentences[i : i + 5]) for i in range(0, len(sentences), 5))


def _lines(path: Path, encoding: str = "utf-8") -> list[str]:
    return path.read_text(encoding=encoding).removesuffix("\n").split("\n")


def _cut(lines: Iterator[str] | list[str]) -> Iterator[str]:
    """Documents of lines, each as soon as it is long enough."""
    document: list[str] = []
    for line in lines:
        document.append(line)
        if sum(map(len, document)) >= CHUNK:
            yield "\n".join(document)
            document = []
    if document:
        yield "\n".join(document)
