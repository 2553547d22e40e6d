"""Rows that cannot be used, written where they can be looked up: quarantine.jsonl."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from dragoman.base.errors import RequestError
from dragoman.base.files import atomic_file
from dragoman.data.rows import BadRow


class Quarantine:
    """One JSON line a bad row: {"split", "file", "row", "reason", "content"}. Use it in a `with` block.

    The file is written anew by each reading and takes its name at the end of the block: a second reading leaves what
    the first did, and a killed one leaves the file from before. A RequestError from inside keeps what was written,
    because its message is about those rows. path None writes nothing. strict: the first bad row raises RequestError.
    """

    def __init__(self, path: Path | None, strict: bool):
        self.path, self.strict = path, strict
        self._file: IO[Any] | None = None
        self._open = ExitStack()

    def __enter__(self) -> Quarantine:
        if self.path is not None:
            self._file = self._open.enter_context(atomic_file(self.path))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file = None
        if isinstance(error, RequestError):
            self._open.close()
        else:
            self._open.__exit__(kind, error, trace)

    def add(self, split: str, bad: BadRow) -> None:
        """Write a bad row of a split. Raises RequestError naming file and row where strict."""
        if self._file is not None:
            line = {
                "split": split,
                "file": bad.origin.file,
                "row": bad.origin.row,
                "reason": str(bad),
                "content": bad.content,
            }
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        if self.strict:
            raise RequestError(
                str(bad), where=str(bad.origin), hint="mend the row, or let it be put aside with data.strict: false"
            )
