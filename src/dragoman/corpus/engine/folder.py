"""Where everything of a cleaned corpus stands: runs/<name>/corpus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.base.files import read_json


@dataclass(frozen=True)
class CorpusFolder:
    """shards/ is the corpus. manifest/, stage/, keys/, bad/ and decisions/ are what a rerun goes on from."""

    path: Path

    @property
    def receipt(self) -> Path:
        return self.path / "receipt.json"

    @property
    def findings(self) -> Path:
        """Histograms and samples."""
        return self.path / "findings.json"

    @property
    def quarantine(self) -> Path:
        return self.path / "quarantine.jsonl"

    @property
    def times(self) -> Path:
        return self.path / "times.jsonl"

    @property
    def report(self) -> Path:
        return self.path / "report.html"

    @property
    def decisions(self) -> Path:
        return self.path / "decisions"

    def shard(self, number: int) -> Path:
        return self.path / "shards" / f"{number:05d}.parquet"

    def stage(self, number: int) -> Path:
        """The documents that all rules keep, duplicates among them."""
        return self.path / "stage" / f"{number:05d}.parquet"

    def keys(self, number: int) -> Path:
        return self.path / "keys" / f"{number:05d}.arrow"

    def bad(self, number: int) -> Path:
        return self.path / "bad" / f"{number:05d}.jsonl"

    def record(self, number: int, what: str) -> Path:
        """The manifest's row of a shard. what: "first" or "last", the pass."""
        return self.path / "manifest" / f"{number:05d}.{what}.json"

    def done(self, record: Path, key: str) -> dict[str, Any] | None:
        """The record of what has been done for this key, where its files are as it left them."""
        try:
            found = read_json(record)
            files = found["files"].items()
            whole = found["key"] == key and all(size_of(self.path / name) == size for name, size in files)
        except (OSError, ValueError, LookupError, TypeError):
            return None
        return found if whole else None

    def sizes(self, *files: Path) -> Mapping[str, int | None]:
        """The sizes of files, by their paths from here, as a record has them."""
        return {str(file.relative_to(self.path)): size_of(file) for file in files}

    def clear_beyond(self, count: int) -> None:
        """Remove what belongs to shards that there are no more."""
        for kind in ("manifest", "stage", "keys", "bad", "shards"):
            for file in (self.path / kind).glob("[0-9]*"):
                if int(file.name.partition(".")[0]) >= count:
                    file.unlink()


def size_of(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None
