"""What a synthesis leaves behind: pairs.jsonl, rejected.jsonl, receipt.json and a data card, README.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from dragoman import __version__
from dragoman.base.files import atomic_file, write_json, write_text
from dragoman.synthesis.wording import name_of

PAIRS, REJECTED, RECEIPT, CARD, LEDGER = "pairs.jsonl", "rejected.jsonl", "receipt.json", "README.md", "ledger.sqlite"


class Lines:
    """The two files of pairs, a JSON object a line."""

    def __init__(self, pairs: IO[str], rejected: IO[str]):
        self._pairs, self._rejected = pairs, rejected

    def keep(self, pair: dict[str, Any]) -> None:
        self._pairs.write(json.dumps(pair, ensure_ascii=False) + "\n")

    def reject(self, record: dict[str, Any]) -> None:
        self._rejected.write(json.dumps(record, ensure_ascii=False) + "\n")


@contextmanager
def pair_files(folder: Path) -> Iterator[Lines]:
    """Both take their names when the block ends well; until then those of an earlier start stay."""
    with atomic_file(folder / PAIRS) as pairs, atomic_file(folder / REJECTED) as rejected:
        yield Lines(pairs, rejected)


def write_receipt(folder: Path, receipt: dict[str, Any]) -> None:
    write_json(folder / RECEIPT, receipt)
    write_text(folder / CARD, card(receipt))


def card(receipt: dict[str, Any]) -> str:
    """What someone who is given the data set has to know, in the form that the hub shows."""
    pairs, made, settings = receipt["pairs"], receipt["made"], receipt["settings"]
    codes = settings["languages"]
    source, target = name_of(codes["source"]), name_of(codes["target"])
    lines = [
        "---", "language:", f"- {codes['source']}", f"- {codes['target']}", "task_categories:", "- translation",
        f"size_categories:\n- {_size(pairs['kept'])}", "tags:", "- synthetic", "configs:", "- config_name: default",
        f"  data_files: {PAIRS}", "---", "",
        f"# {receipt['name']}", "",
        f"{pairs['kept']:,} sentence pairs in {source} and {target}, {_way(settings, source, target)} by "
        f"`{made['model']}` through its {'Gemini' if made['provider'] == 'gemini' else 'OpenAI-compatible'} API, with "
        f"Dragoman {__version__}.", "",
        "## Columns", "",
        f"- `source` ({source}), `target` ({target}): the pair.",
        "- `written`: the side that was there first; the other is its machine translation.",
        _place(settings),
        "- `model`, `prompt`: who wrote it, and with which version of the prompt.",
        "- `request`, `number`: the request that it came from, and its place in the answer.", "",
        "## How it was made", "",
        f"- Asked for {pairs['asked']:,} pairs; {pairs['kept']:,} were kept, {pairs['rejected']:,} rejected by the "
        f"gates below ({REJECTED} holds each with its reason).",
        f"- {receipt['requests']['attempts']:,} requests, {receipt['tokens']['input']:,} tokens of input and "
        f"{receipt['tokens']['output']:,} of output" + _cost(receipt["money"]) + ".",
        *_overlap(receipt), "",
        "| gate | pairs rejected | answers rejected |", "|---|---:|---:|",
        *(f"| {gate['name']} | {gate['pairs']:,} | {gate['answers']:,} |" for gate in receipt["gates"]), "",
        "## Limits", "",
        f"Text by a machine: no person has checked it. It repeats what `{made['model']}` gets wrong, its taste and its "
        "prejudices. Whether you may publish it, or train a model on it, is a matter of the provider's terms"
        + (" and of the licences of the texts that were translated." if settings["translate"] else "."),
    ]  # fmt: skip
    return "\n".join(line for line in lines if line is not None) + "\n"


def _way(settings: dict[str, Any], source: str, target: str) -> str:
    if settings["translate"] is not None:
        return "one side of each from a corpus, the other translated"
    grid = settings["generate"]
    return f"written over a grid of {len(grid['topics'])} topics and levels {grid['levels'][0]} to {grid['levels'][-1]}"


def _place(settings: dict[str, Any]) -> str:
    if settings["translate"] is not None:
        return "- `file`, `row`, `part`: the document that the written side stands in, and its place there."
    return "- `topic`, `level`, `register`, `length`, `direction`: what was asked for."


def _cost(money: dict[str, Any]) -> str:
    return "" if money["spent"] is None else f"; {money['spent']} {money['currency']}"


def _overlap(receipt: dict[str, Any]) -> list[str]:
    texts = receipt["evaluation_texts"]
    return [f"- No side is, or nearly is, one of {texts:,} texts of evaluation sets."] if texts else []


def _size(rows: int) -> str:
    """As the hub groups data sets."""
    bounds = [(1000, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M")]
    return next((name for bound, name in bounds if rows < bound), "n>10M")
