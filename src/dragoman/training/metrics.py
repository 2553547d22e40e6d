"""metrics.jsonl: one record a line, appended while training; and passed on to trackers."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from dragoman.training.trackers import Trackers


class MetricsLog:
    """Appends records. After a resume, what was written beyond the checkpoint is cut off: those steps come again."""

    def __init__(self, path: Path, length: int, trackers: Trackers | None = None):
        """length: the bytes that belong to the checkpoint gone on from; 0 at a fresh start."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.trackers = trackers or Trackers({})
        self.file = open(path, "ab")  # noqa: SIM115 (close() closes it)
        self.file.truncate(min(length, self.file.tell()))  # never longer than it is
        self.file.seek(0, os.SEEK_END)

    def write(self, event: str, **values: Any) -> None:
        self.file.write((json.dumps({"event": event, **values}, ensure_ascii=False) + "\n").encode())
        self.file.flush()
        self.trackers.write(event, values)

    def bytes_written(self) -> int:
        """The length so far, safely on disk."""
        os.fsync(self.file.fileno())
        return self.file.tell()

    def close(self) -> None:
        self.file.close()
        self.trackers.close()
