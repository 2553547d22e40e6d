"""Memory and speed of tokenising raw text for pretraining: from 10 MB to 2 GB, which must not need more memory.

Sentences of the built-in phrasebook in paragraphs, in one file. Each size in a fresh process; its helpers are counted
with it: the most resident memory of any of them.
"""

from __future__ import annotations

import resource
import shutil
import tempfile
import time
from itertools import cycle, islice
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
from dragoman.tokenizer.loading import load_tokenizer
from dragoman.tokenizer.unigram import train_unigram

MEGABYTES = (10, 100, 500, 2000)
QUICK = (1, 3)
VOCABULARY, SENTENCES, PARAGRAPH = 2000, 20_000, 12
WINDOWS = 500  # that are read afterwards, from places at random


def run(quick: bool) -> dict[str, Any]:
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="dragoman-") as folder:
        place = Path(folder)
        sentences = list(_sentences(2000 if quick else SENTENCES))
        train_unigram(sentences, place / "tokenizer", vocabulary_size=1000 if quick else VOCABULARY,
                      character_coverage=1.0)  # fmt: skip
        for size in QUICK if quick else MEGABYTES:
            write_text(place / "text.txt", sentences, size * 1_000_000)
            for workers in (1, 2):
                found = measure("benchmarks.streaming:contestant", folder=str(place), workers=workers)
                results.append({"megabytes": size, "workers": workers, **found})
                say(f"streaming, {size:,} MB, {workers} processes: done")
    return {"results": results}


def report(found: dict[str, Any]) -> str:
    rows = []
    for one in found["results"]:
        rows.append([
            f"{one['megabytes']:,} MB", str(one["workers"]), f"{one['tokens'] / 1e6:,.1f} M",
            f"{one['megabytes'] / one['seconds']:.1f} MB/s", f"{one['peak'] / 2**20:,.0f} MiB",
            f"{one['helper_peak'] / 2**20:,.0f} MiB", f"{one['reading'] * 1e6:,.0f} µs",
        ])  # fmt: skip
    peaks = [max(one["peak"], one["helper_peak"]) / 2**20 for one in found["results"]]
    head = ["text", "processes", "tokens", "speed", "memory", "of a helper", "a masked window"]
    return "\n".join([
        "Raw text to shards of tokens, then windows of 512 with masked spans, from random places: peak of resident "
        f"memory {middle(peaks)} MiB.",
        "",
        table(head, rows),
    ])  # fmt: skip


def write_text(path: Path, sentences: list[str], size: int) -> None:
    """Paragraphs of sentences, over and over, until there are so many bytes. The order changes from round to round."""
    dice = np.random.default_rng(0)
    written = 0
    with open(path, "w", encoding="utf-8") as file:
        while written < size:
            order = cycle(dice.permutation(len(sentences)).tolist())
            for _ in range(len(sentences) // PARAGRAPH):
                text = " ".join(sentences[place] for place in islice(order, PARAGRAPH)) + "\n\n"
                file.write(text)
                written += len(text.encode())
                if written >= size:
                    return


def contestant(folder: str, workers: int) -> dict[str, Any]:
    """Seconds and peaks of memory in bytes, of this process and of its largest helper; seconds of a masked window."""
    place = Path(folder)
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
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "helper_peak": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
    }  # fmt: skip


def _sentences(count: int) -> list[str]:
    rows = read_source(Source(phrasebook=Phrasebook(rows=count)), Path())
    return [str(row.columns[side]) for row in rows if isinstance(row, Row) for side in ("source", "target")]
