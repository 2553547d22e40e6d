"""What has been done in a run folder, and from what: so that nothing is done twice, and nothing outdated is kept.

A stage's key is a hash of its name and version, the recipe keys that it depends on, the digests of its input files and
the keys of the stages before it. A finished stage with the same key is skipped; with another one its output moves to
`previous/N/`, and the message names what changed. A half-trained method is never thrown away unasked.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.base.errors import RequestError
from dragoman.base.files import read_json, write_json
from dragoman.base.progress import say


@dataclass(frozen=True)
class Stage:
    """One part of a job. outputs: files and folders in the run folder that are this stage's alone."""

    name: str
    version: int  # raised when the same inputs would give another output
    depends: dict[str, Any]  # dotted recipe key, file or stage -> its value, digest or key
    outputs: list[str]
    work: Callable[[], None]
    method: str | None = None
    resumable: bool = False  # half of its output is worth keeping

    @property
    def label(self) -> str:
        return f"{self.name} {self.method}" if self.method else self.name

    @property
    def key(self) -> str:
        text = json.dumps([self.name, self.version, self.depends], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def flatten(prefix: str, value: Any) -> dict[str, Any]:
    """A nested setting as dotted keys."""
    if isinstance(value, Mapping) and value:
        return {key: leaf for name, inner in value.items() for key, leaf in flatten(f"{prefix}.{name}", inner).items()}
    return {prefix: value}


class Ledger:
    """stages.json of a run folder. Only the holder of the folder's lock may use it."""

    def __init__(self, folder: Path):
        self.folder, self.path = folder, folder / "stages.json"
        self.records: list[dict[str, Any]] = read_json(self.path)["stages"] if self.path.exists() else []

    def record_of(self, stage: Stage) -> dict[str, Any] | None:
        return next((r for r in self.records if r["stage"] == stage.name and r["method"] == stage.method), None)

    def run(self, stage: Stage, *, restart: bool = False) -> bool:
        """Do a stage unless it is done; True where there was something to do.

        Raises RequestError where a half-done resumable stage would have to begin anew and `restart` was not asked for.
        """
        record = self.record_of(stage)
        there = [self.folder / name for name in stage.outputs if (self.folder / name).exists()]
        if record is not None:
            same = record["key"] == stage.key
            if same and record["done"] and len(there) == len(stage.outputs) and not restart:
                return False
            if not same and not record["done"] and stage.resumable and there and not restart:
                raise RequestError(
                    f"{stage.label} is half done, and {changed(record['depends'], stage.depends)}",
                    where=str(self.folder),
                    hint="put it back to go on, give this run another name, or begin anew with --restart",
                )
            if there and (not same or restart):
                place = self._set_aside(there)
                why = changed(record["depends"], stage.depends) if not same else "a restart was asked for"
                say(f"{stage.label}: {why}; what was there is now in {place}")
                record = None
        self._do(stage, spent=record["seconds"] if record is not None and not record["done"] else 0.0)
        return True

    def seconds(self) -> dict[str, float]:
        """The time that each stage has taken, by its label."""
        return {" ".join(filter(None, (r["stage"], r["method"]))): r["seconds"] for r in self.records}

    def _do(self, stage: Stage, spent: float) -> None:
        record = {
            "stage": stage.name, "method": stage.method, "key": stage.key, "depends": stage.depends,
            "done": False, "seconds": spent,
        }  # fmt: skip
        self.records = [r for r in self.records if (r["stage"], r["method"]) != (stage.name, stage.method)] + [record]
        self._write()
        began = time.monotonic()
        try:
            stage.work()
            record["done"] = True
        finally:
            record["seconds"] = round(spent + time.monotonic() - began, 3)
            self._write()

    def _write(self) -> None:
        write_json(self.path, {"stages": self.records})

    def _set_aside(self, outputs: list[Path]) -> Path:
        number = 1
        while any((self.folder / "previous" / str(number) / path.name).exists() for path in outputs):
            number += 1
        place = self.folder / "previous" / str(number)
        for path in outputs:
            target = place / path.relative_to(self.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
        return place


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What differs between two stages' dependencies, in words."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not names:
        return "this version of dragoman does it differently"
    shown = [_change(name, before.get(name), after.get(name)) for name in names[:3]]
    return ", ".join(shown) + (f" and {len(names) - 3} more changed" if len(names) > 3 else " changed")


def _change(name: str, before: Any, after: Any) -> str:
    short = [str(value) for value in (before, after)]
    return f"{name} ({short[0]} to {short[1]})" if all(len(value) <= 24 for value in short) else name
