"""The program in a process of its own, to be watched, stopped and killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hub.forks import Command

Process = subprocess.Popen[str] | Command
PATIENCE = 120.0  # seconds, for a machine with much else to do


def start_program(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """`dragoman` in the folder, on lines of 300 characters. environment: beside this process's own."""
    return subprocess.Popen(
        [sys.executable, "-m", "dragoman.cli.main", *arguments], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "COLUMNS": "300", **environment},
    )  # fmt: skip


def finish(process: Process, patience: float = PATIENCE) -> tuple[int, str]:
    said, _ = process.communicate(timeout=patience)
    assert process.returncode is not None
    return process.returncode, said


def wait_for(process: Process, happens: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Until it happens, watched closely; a process that ends before is a failure."""
    if not watch(happens, lambda: process.poll() is not None, patience):
        process.kill()
        raise AssertionError(f"did not come so far: {process.communicate()[0]}")


def watch(happens: Callable[[], bool], is_over: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """Whether it happens before all is over, looking closely."""
    end = time.monotonic() + patience
    while not happens():
        if is_over() or time.monotonic() > end:
            return False
        time.sleep(0.0005)
    return True
