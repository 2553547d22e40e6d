"""What has been done in a run folder, and from what: so that nothing is done twice, and nothing outdated is kept.

A stage's key is a hash of its name and version, the recipe keys that it depends on, the digests of its input files and
the keys of the stages before it. A finished stage with the same key is skipped if its files are all there; with another
one its output moves to `previous/N/`, and the message names what changed. Output that no record explains moves there
too. A half-trained method is never thrown away unasked.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dragoman.base.errors import RequestError
from dragoman.base.files import read_json, write_json
from dragoman.base.progress import say

# files: by path, once it is done, the size; None where a file only has to be there
RECORD = ("stage", "method", "key", "depends", "done", "seconds", "files")


@dataclass(frozen=True)
class Stage:
    """One part of a job.

    outputs: files and folders in the run folder that are this stage's alone. spare: those of them that nothing needs
    once the stage is done; whoever is short of room may delete them. rewritten: files among them that later stages
    write anew. keeps: the work itself looks at what is there, and keeps of it what is still current.
    """

    name: str
    version: int  # raised when the same inputs would give another output
    depends: dict[str, Any]  # dotted recipe key, file or stage -> its value, digest or key
    outputs: list[str]
    work: Callable[[], None]
    method: str | None = None
    resumable: bool = False  # half of its output is worth keeping
    spare: list[str] = field(default_factory=list)
    rewritten: list[str] = field(default_factory=list)
    keeps: bool = False

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
        """Raises RequestError where stages.json is damaged."""
        self.folder, self.path = folder, folder / "stages.json"
        self.records = self._read() if self.path.exists() else []

    def _read(self) -> list[dict[str, Any]]:
        try:
            records = read_json(self.path)["stages"]
            if all(set(RECORD) <= set(record) for record in records):
                return records
        except (ValueError, LookupError, TypeError):
            pass
        raise RequestError(
            "is damaged, so nothing tells what was done in this folder",
            where=str(self.path),
            hint="put it back from a copy, or delete it: what stands here is then kept in previous/ and done anew",
        )

    def record_of(self, stage: Stage) -> dict[str, Any] | None:
        return next((r for r in self.records if r["stage"] == stage.name and r["method"] == stage.method), None)

    def current(self, stages: Iterable[Stage], name: str) -> list[str]:
        """The methods whose stage of this name is done, and would give the same again."""
        records = {stage.method: (stage.key, self.record_of(stage)) for stage in stages if stage.name == name}
        return [m for m, (key, record) in records.items() if m and record and record["done"] and record["key"] == key]

    def refuse_waste(self, stage: Stage) -> None:
        """Raise RequestError where half of this stage is done, but for another key: it would have to begin anew."""
        record = self.record_of(stage)
        if record is None or record["done"] or record["key"] == stage.key or not stage.resumable:
            return
        if self._there(stage):
            raise RequestError(
                f"{stage.label} is half done, and {changed(record['depends'], stage.depends)}",
                where=str(self.folder),
                hint="put it back to go on, give this run another name, or begin anew with --restart",
            )

    def run(self, stage: Stage, *, restart: bool = False) -> bool:
        """Do a stage unless it is done; True where there was something to do. What is in its way is set aside."""
        record, there = self.record_of(stage), self._there(stage)
        if record is not None and record["key"] == stage.key and not restart:
            if record["done"] and (lost := self._lost(record)) is None:
                return False
            if record["done"]:
                say(f"{stage.label}: {lost} is not as it was left; doing it again", "yellow")
            self._do(stage, spent=record["seconds"] if stage.resumable or not record["done"] else 0.0)
            return True
        if there and not stage.keeps:
            if record is None:
                why = "nothing tells how this was made"
            elif record["key"] != stage.key:
                why = changed(record["depends"], stage.depends)
            else:
                why = "a restart was asked for"
            say(f"{stage.label}: {why}; what was there is now in {self._set_aside(there)}")
        self._do(stage, spent=0.0)
        return True

    def _there(self, stage: Stage) -> list[Path]:
        return [self.folder / name for name in stage.outputs if (self.folder / name).exists()]

    def _lost(self, record: Mapping[str, Any]) -> str | None:
        """The first file that is gone, or has another size than it had when the stage was done."""
        sizes = ((name, size, _size(self.folder / name)) for name, size in record["files"].items())
        return next((name for name, size, now in sizes if now is None or size not in (None, now)), None)

    def _files(self, stage: Stage) -> dict[str, int | None]:
        """The size of every file that the stage leaves for others, by its path in the run folder."""
        needed = [self.folder / name for name in stage.outputs if name not in stage.spare]
        files = [file for path in needed for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()]
        sizes = {str(file.relative_to(self.folder)): file.stat().st_size for file in sorted(files)}
        return {name: None if name in stage.rewritten else size for name, size in sizes.items()}

    def seconds(self, stages: Iterable[Stage]) -> dict[str, float]:
        """The time that each of these stages has taken, by its label."""
        records = {stage.label: self.record_of(stage) for stage in stages}
        return {label: record["seconds"] for label, record in records.items() if record is not None}

    def _do(self, stage: Stage, spent: float) -> None:
        values: tuple[Any, ...] = (stage.name, stage.method, stage.key, stage.depends, False, spent, {})
        record = dict(zip(RECORD, values, strict=True))
        known = self.record_of(stage)
        if known is None:
            self.records.append(record)
        else:
            self.records[self.records.index(known)] = record
        if stage.resumable:
            self._outdate(stage.key)
        self._write()
        began = time.monotonic()
        try:
            stage.work()
            record["files"] = self._files(stage)
            record["done"] = True
        finally:
            record["seconds"] = round(spent + time.monotonic() - began, 3)
            self._write()

    def _outdate(self, key: str) -> None:
        """Have everything done anew that was made from what this stage made before: a training that is done again gives
        the same weights only on the same machine, with the same versions."""
        for record in self.records:
            if key in record["depends"].values():
                record["depends"] = {name: value for name, value in record["depends"].items() if value != key}
                record["key"] = ""

    def _write(self) -> None:
        write_json(self.path, {"stages": self.records})

    def _set_aside(self, outputs: list[Path]) -> Path:
        names, number = [path.relative_to(self.folder) for path in outputs], 1
        while any((self.folder / "previous" / str(number) / name).exists() for name in names):
            number += 1
        place = self.folder / "previous" / str(number)
        for path, name in zip(outputs, names, strict=True):
            target = place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
        return place


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


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
