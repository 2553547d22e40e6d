"""What a folder holds, as the hub describes it: files with their git and LFS names, and the commit they make up.

Folders are laid out as `models/<owner>/<name>` and `datasets/<owner>/<name>`: the branch `main`. Other revisions stand
beside them under `<name>@<revision>`, with the revision quoted as in an address: `conll2003@refs%2Fconvert%2Fparquet`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

LFS_SUFFIXES = {".safetensors", ".bin", ".parquet", ".model", ".msgpack", ".h5"}


@dataclass(frozen=True)
class File:
    """One file of a repository."""

    path: str
    content: Path
    size: int
    blob: str  # git's name of the content, SHA-1
    sha256: str | None  # the name of the content in large file storage, where it lies there

    @property
    def tag(self) -> str:
        """The file's ETag: clients name their cached copy by it."""
        return self.sha256 or self.blob

    def entry(self) -> dict[str, object]:
        """The file in a listing of a tree."""
        lfs = {"oid": self.sha256, "size": self.size, "pointerSize": 134} if self.sha256 else None
        return {"type": "file", "path": self.path, "size": self.size, "oid": self.blob} | ({"lfs": lfs} if lfs else {})


class Listing:
    """All files of one revision of a repository."""

    def __init__(self, folder: Path):
        self.folder = folder

    @cached_property
    def files(self) -> dict[str, File]:
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {file.path: file for file in (_describe(path, self.folder) for path in paths)}

    @cached_property
    def commit(self) -> str:
        """40 hexadecimal digits that follow from the content alone."""
        return hashlib.sha1("".join(f"{file.path}\0{file.blob}\n" for file in self.files.values()).encode()).hexdigest()

    def entries(self, under: str, *, recursive: bool) -> list[dict[str, object]]:
        """Files and folders below a path ("" for all), either of all depths or of the first."""
        start = f"{under}/" if under else ""
        found: dict[str, dict[str, object]] = {}
        for path, file in self.files.items():
            if not path.startswith(start):
                continue
            parts = path.removeprefix(start).split("/")
            for depth in range(1, len(parts) if recursive else min(len(parts), 2)):
                name = start + "/".join(parts[:depth])
                found[name] = {"type": "directory", "path": name, "size": 0, "oid": _digest(name.encode())}
            if recursive or len(parts) == 1:
                found[path] = file.entry()
        return list(found.values())

    def named(self, path: str) -> dict[str, object] | None:
        """The file or folder of this path."""
        if path in self.files:
            return self.files[path].entry()
        inside = any(name.startswith(f"{path}/") for name in self.files)
        return {"type": "directory", "path": path, "size": 0, "oid": _digest(path.encode())} if inside else None


class Tree:
    """The folder with all repositories."""

    def __init__(self, root: Path):
        self.root = root
        self._listings: dict[Path, Listing] = {}

    def has(self, kind: str, name: str) -> bool:
        return (self.root / kind / name).is_dir()

    def find(self, kind: str, name: str, revision: str) -> Listing | None:
        """The files of a branch, a tag or a commit."""
        main = self.root / kind / name
        if not main.is_dir():
            return None
        others = sorted(main.parent.glob(f"{main.name}@*"))
        named = main if revision == "main" else main.with_name(f"{main.name}@{quote(revision, safe='')}")
        if named.is_dir():
            return self._listing(named)
        return next((found for folder in (main, *others) if (found := self._listing(folder)).commit == revision), None)

    def _listing(self, folder: Path) -> Listing:
        return self._listings.setdefault(folder, Listing(folder))


def _digest(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


def _describe(path: Path, root: Path) -> File:
    content = path.read_bytes()
    large = path.suffix in LFS_SUFFIXES
    return File(
        path.relative_to(root).as_posix(),
        path,
        len(content),
        _digest(b"blob %d\0" % len(content) + content),
        hashlib.sha256(content).hexdigest() if large else None,
    )
