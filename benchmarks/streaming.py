"""Memory and speed of tokenising raw text for pretraining: from 10 MB to 2 GB, which must not need more memory.

Paragraphs in one file, over and over in another order: 5 MB of Wikipedia and statutes where there is real data, else of
sentences of the built-in phrasebook. A word that was met before is faster to tokenise, and a crawl has more different
ones: "forgetful" is the speed where none is remembered beyond its megabyte. Each size in a fresh process; its helpers
are counted with it: the most resident memory of any of them.
"""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.process import measure
from benchmarks.tables import middle, table
from dragoman.base.files import digest
from dragoman.base.progress import say
from dragoman.data.readers import read_source
from dragoman.data.rows import Row
from dragoman.objectives.pretraining.corruption import make_objective
from dragoman.objectives.pretraining.encoding import encode_texts
from dragoman.objectives.pretraining.shards import Encoding
from dragoman.objectives.pretraining.texts import Texts
from dragoman.objectives.pretraining.windows import Windows
from dragoman.recipe.schema import Phrasebook, Pretraining, Source, TextSource
from dragoman.tokenizer import tokenizer as remembering
from dragoman.tokenizer.loading import load_tokenizer
from dragoman.tokenizer.unigram import train_unigram

MEGABYTES = (10, 100, 500, 2000)
SHORT, LONG = 100, 500  # megabytes: more say nothing else of a forgetful one, and of one process alone
QUICK = (1, 3)
SENTENCES, PARAGRAPH = 20_000, 12  # sentences, or ten words for each
REAL = ("statutes.de.txt", "wikitext2.valid.en.txt", "wikitext2.test.en.txt")  # in mono/ of the real data
WINDOWS = 500  # that are read afterwards, from places at random


def run(quick: bool, megabytes: Sequence[int] = MEGABYTES) -> dict[str, Any]:
    """megabytes: the sizes of text. The largest takes minutes, and twice as much room on the disk."""
    results: list[dict[str, Any]] = []
    real = not quick and "DRAGOMAN_REALDATA" in os.environ
    with tempfile.TemporaryDirectory(prefix="dragoman-") as folder:
        place = Path(folder)
        paragraphs = _paragraphs(2000 if quick else SENTENCES, Path(os.environ["DRAGOMAN_REALDATA"]) if real else None)
        train_unigram(paragraphs, place / "tokenizer", vocabulary_size=8000 if real else 1000,
                      character_coverage=0.9995)  # fmt: skip
        sizes = QUICK if quick else megabytes
        for size in sizes:
            write_text(place / "text.txt", paragraphs, size * 1_000_000)
            ways = [(1, False)] * (size <= LONG) + [(2, False)] + [(1, True)] * (size == sizes[0] <= SHORT)
            for workers, forgetful in ways:
                found = measure(
                    "benchmarks.streaming:contestant", folder=str(place), workers=workers, forgetful=forgetful
                )
                results.append({"megabytes": size, "workers": workers, "forgetful": forgetful, **found})
                speed = size / found["seconds"]
                say(f"streaming, {size:,} MB, {workers} processes: {speed:.1f} MB/s, {_peak(found):,.0f} MiB")
    return {"text": "Wikipedia and statutes" if real else "the phrasebook", "results": results}


def report(found: dict[str, Any]) -> str:
    rows = []
    for one in found["results"]:
        rows.append([
            f"{one['megabytes']:,} MB" + ", forgetful" * one["forgetful"],
            str(one["workers"]), f"{one['tokens'] / 1e6:,.1f} M",
            f"{one['megabytes'] / one['seconds']:.1f} MB/s", f"{one['peak'] / 2**20:,.0f} MiB",
            f"{one['helper_peak'] / 2**20:,.0f} MiB", f"{one['reading'] * 1e6:,.0f} µs",
        ])  # fmt: skip
    peaks = [_peak(one) for one in found["results"]]
    head = ["text", "processes", "tokens", "speed", "memory", "of a helper", "a masked window"]
    return "\n".join([
        f"Raw text ({found['text']}) to shards of tokens, then windows of 512 with masked spans, from random places: "
        f"peak of resident memory {middle(peaks)} MiB.",
        "",
        table(head, rows),
    ])  # fmt: skip


def write_text(path: Path, paragraphs: list[str], size: int) -> None:
    """Paragraphs, over and over, until there are so many bytes. The order changes from round to round."""
    dice, texts, written = np.random.default_rng(0), [f"{text}\n\n".encode() for text in paragraphs], 0
    with open(path, "wb") as file:
        while written < size:
            for place in dice.permutation(len(texts)).tolist():
                written += file.write(texts[place])
                if written >= size:
                    return


def contestant(folder: str, workers: int, forgetful: bool) -> dict[str, Any]:
    """Seconds and peaks of memory in bytes, of this process and of its largest helper; seconds of a masked window.

    forgetful: no word is remembered; with one worker alone.
    """
    place = Path(folder)
    if forgetful:
        remembering.MOST_CHARACTERS = 0
    tokenizer, settings = load_tokenizer(place / "tokenizer"), Pretraining()
    encoding = Encoding(place / "tokenizer", digest(place / "tokenizer"), False, settings.token_rules, 0.01, 1)
    out = Path(tempfile.mkdtemp(dir=place))
    began = time.perf_counter()
    receipt = encode_texts(Texts((TextSource(path="text.txt"),), (), None, place), encoding, out, workers=workers)
    seconds = time.perf_counter() - began
    windows = Windows(out, "train", make_objective(settings, tokenizer), settings.window, 1).at(0)
    chosen = np.random.default_rng(1).integers(len(windows), size=WINDOWS).tolist()
    times = []
    for number in chosen:
        began = time.perf_counter()
        windows[number]
        times.append(time.perf_counter() - began)
    shutil.rmtree(out)
    return {
        "seconds": seconds, "tokens": sum(receipt["tokens"].values()), "reading": median(times),
        "peak": _own_peak(),
        "helper_peak": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
    }  # fmt: skip


def _own_peak() -> int:
    """Of this program alone: what getrusage tells begins with what the one had that started it."""
    status = Path("/proc/self/status")
    lines = status.read_text().split("\n") if status.exists() else []
    told = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)
    return 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if told is None else told)


def _peak(found: dict[str, Any]) -> float:
    """MiB of the largest process."""
    return max(found["peak"], found["helper_peak"]) / 2**20


def _paragraphs(count: int, real: Path | None) -> list[str]:
    """Of real text, or of so many pairs of sentences, of one language at a time."""
    if real is not None:
        words = " ".join((real / "mono" / name).read_text("utf-8") for name in REAL).split()
        return [" ".join(words[first : first + 10 * PARAGRAPH]) for first in range(0, len(words), 10 * PARAGRAPH)]
    rows = list(read_source(Source(phrasebook=Phrasebook(rows=count)), Path()))
    sides = ([str(row.columns[side]) for row in rows if isinstance(row, Row)] for side in ("source", "target"))
    return [" ".join(side[first : first + PARAGRAPH]) for side in sides for first in range(0, len(side), PARAGRAPH)]
