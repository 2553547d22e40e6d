"""The program in a process of its own, to be watched, stopped and killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 120.0  # seconds, for a machine with much else to do


def start_program(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """`dragoman` in the folder, on lines of 300 characters. environment: beside this process's own."""
    return subprocess.Popen(
        [sys.executable, "-m", "dragoman.cli.main", *arguments], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "COLUMNS": "300", **environment},
    )  # fmt: skip


def finish(process: subprocess.Popen[str], patience: float = PATIENCE) -> tuple[int, str]:
    said, _ = process.communicate(timeout=patience)
    return process.returncode, said


def wait_for(process: subprocess.Popen[str], happens: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Until it happens, watched closely; a process that ends before is a failure."""
    end = time.monotonic() + patience
    while not happens():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            raise AssertionError(f"did not come so far: {process.communicate()[0]}")
        time.sleep(0.0005)
