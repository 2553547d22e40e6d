"""How fast the corpus was cleaned."""

from __future__ import annotations

from dragoman.report.corpus.run import CorpusRun
from dragoman.report.html import Child, Html, table
from dragoman.report.layout import section
from dragoman.report.numbers import MISSING, count, decimal, duration, size

STEPS = {"first": "read, normalise, rules, keys", "last": "duplicates, final shards"}


def speed(run: CorpusRun) -> float | None:
    """MB/s of text that one worker cleans in the first pass."""
    shards = [line for line in run.times if line.get("step") == "first"]
    seconds, whole = sum(line["seconds"] for line in shards), sum(line["bytes"] for line in shards)
    return whole / 1e6 / seconds if seconds else None


def throughput_section(run: CorpusRun) -> Html | None:
    """A row a pass, then a row a run."""
    rows: list[list[Child]] = []
    for step, words in STEPS.items():
        own = [line for line in run.times if line.get("step") == step]
        seconds, whole = sum(line["seconds"] for line in own), sum(line["bytes"] for line in own)
        if own:
            rate = decimal(whole / 1e6 / seconds) if seconds else MISSING
            rows.append([words, count(len(own)), size(whole), duration(seconds), rate])
    for line in run.times:
        if "workers" in line and line["bytes"]:
            rate = decimal(line["bytes"] / 1e6 / line["wall_seconds"])
            name = f"a whole run, {line['workers']} at a time ({line['engine']})"
            rows.append([name, "", size(line["bytes"]), duration(line["wall_seconds"]), rate])
    if not rows:
        return None
    head = ["Step", "Shards", "Text", "Time", "MB/s"]
    intro = "Times of steps are summed over workers; a run's time is the clock's. What was done before takes none."
    return section("throughput", "Throughput", table(head, rows), intro=intro)
