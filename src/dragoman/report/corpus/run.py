"""What the folder of a cleaned corpus says, as far as it can be read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.base.errors import RequestError
from dragoman.report.reading import Folder


@dataclass(frozen=True)
class CorpusRun:
    """receipt: all counts. measures: thresholds and histograms. samples: by rule. times: a line a shard and run."""

    name: str
    recipe_text: str
    receipt: dict[str, Any]
    measures: list[dict[str, Any]]
    samples: dict[str, list[dict[str, Any]]]
    times: list[dict[str, Any]]
    absent: list[str]

    @property
    def read(self) -> dict[str, int]:
        return self.receipt["read"]

    @property
    def kept(self) -> dict[str, int]:
        return self.receipt["kept"]

    @property
    def languages(self) -> list[str]:
        """All languages that were seen, those with most bytes first."""
        sizes: dict[str, int] = {}
        for amounts in (self.receipt["languages"], *(rule["languages"] for rule in self.receipt["rules"])):
            for code, amount in amounts.items():
                sizes[code] = sizes.get(code, 0) + amount["bytes"]
        return sorted(sizes, key=lambda code: (-sizes[code], code))

    @property
    def removing(self) -> list[dict[str, Any]]:
        """The rules in their order."""
        return self.receipt["rules"]


def read_corpus_run(path: Path) -> CorpusRun:
    """Raises RequestError where no corpus was cleaned in this folder."""
    folder = Folder(path)
    receipt = folder.json("receipt.json")
    if not receipt:
        hint = "dragoman corpus clean RECIPE does it, or goes on with it"
        raise RequestError("no corpus was cleaned here", where=str(path), hint=hint)
    findings, text = folder.json("findings.json"), folder.text("recipe.yaml") or ""
    return CorpusRun(
        name=str(folder.recipe(text).get("name") or path.resolve().parent.name) if text else path.resolve().parent.name,
        recipe_text=text,
        receipt=receipt,
        measures=findings.get("measures", []),
        samples=findings.get("samples", {}),
        times=folder.json_lines("times.jsonl"),
        absent=folder.absent,
    )
