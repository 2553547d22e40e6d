"""Files that are whole or not there: written to a temporary name, flushed to disk, renamed. And one writer a folder.

A crash at any point leaves the old file or the new one, never half of one. Leftover temporary names start with
".tmp-" and are cleared by `clear_temporaries`.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from dragoman.base.errors import DragomanError, RequestError

TEMPORARY = ".tmp-"
REPLACED = f"{TEMPORARY}replaced-"  # a folder that is making room for its successor


def _temporary(path: Path) -> Path:
    return path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")


def _flush_folder(folder: Path) -> None:
    """Make a rename durable: the folder's own entry has to reach the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let an error tell the place that was asked for: a full disk tells none, and a temporary name says nothing."""
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            error.filename = str(error.filename).replace(str(_temporary(path)), str(path))
        elif error.errno in (errno.ENOSPC, errno.EDQUOT):
            error.filename = str(path)
        raise


@contextmanager
def _parents(path: Path) -> Iterator[None]:
    """The folders above `path`, made where they are missing; where the block fails, those that were made are gone."""
    missing = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for folder in missing:  # the deepest first
            with suppress(OSError):  # somebody has put something there
                folder.rmdir()
        raise


@contextmanager
def atomic_file(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """A file open for writing that takes its name only when the block ends well.

    A link stays one: the file that it means is replaced. A pipe or a device is no file to replace, and is written to
    as the block goes.
    """
    text: dict[str, Any] = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
    if path.exists() and not path.is_file():
        with _naming(path), open(path, mode, **text) as file:
            yield file
        return
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    temporary = _temporary(path)
    with _naming(path), _parents(path):
        try:
            with open(temporary, mode, **text) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
            _flush_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A temporary folder that becomes `path` when the block ends well. Whatever stood there is replaced.

    Every file in it is flushed first, so that a power cut cannot leave a complete-looking folder of empty files.
    Raises OSError where the disk is full, whatever the library that was writing made of it.
    """
    with _naming(path), _parents(path):
        temporary = _temporary(path)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        try:
            yield temporary
            for file in sorted(temporary.rglob("*")):
                if file.is_file():
                    with open(file, "rb") as handle:
                        os.fsync(handle.fileno())
            if path.exists():
                old = path.with_name(f"{REPLACED}{path.name}")
                os.rename(path, old)
                os.rename(temporary, path)
                shutil.rmtree(old, ignore_errors=True)
            else:
                os.rename(temporary, path)
            _flush_folder(path.parent)
        except (OSError, DragomanError):
            raise
        except Exception as error:
            _raise_if_full(temporary, str(error))
            raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _raise_if_full(folder: Path, message: str) -> None:
    """Raise the OSError that a library has put into other words: safetensors with its number, torch without."""
    if found := re.search(r"\(os error (\d+)\)", message):
        raise OSError(int(found[1]), os.strerror(int(found[1])), str(folder))
    with open(folder / f"{TEMPORARY}probe", "wb") as file:
        file.write(bytes(2**16))


def clear_temporaries(folder: Path) -> None:
    """Remove what a killed writer left under `folder`. Only the holder of the folder's lock may call this.

    A folder that was killed between making room and being replaced gets its name back.
    """
    for leftover in list(folder.rglob(f"{TEMPORARY}*")):
        name = leftover.with_name(leftover.name.removeprefix(REPLACED))
        if name != leftover and not name.exists():
            leftover.rename(name)
            continue
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    with atomic_file(path) as file:
        file.write(text)


def write_json(path: Path, value: Any) -> None:
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def read_json_lines(path: Path) -> list[dict[str, Any]]:
    """Records of a JSON-lines file of our own; lines end at "\\n" alone. A missing file is an empty one."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def digest(path: Path) -> str:
    """SHA-256 of a file, or of a folder's files with their names, as hexadecimal."""
    if path.is_dir():
        whole = hashlib.sha256()
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            whole.update(f"{file.relative_to(path)}\0{digest(file)}\n".encode())
        return whole.hexdigest()
    with open(path, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold `folder` for one writer. Raises RequestError at once where another process holds it.

    The kernel drops the lock with the process, so a kill leaves nothing to clean up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise RequestError(
                f"another dragoman (process {file.read().strip() or '?'}) is writing here",
                where=str(folder),
                hint="wait for it, or give this run another name with --set name=...",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
