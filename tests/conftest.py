"""Before torch is loaded: tests run on machines that do other things too, and side by side."""

from __future__ import annotations

import gc
import os
import signal

import pytest
from hypothesis import settings

pytest_plugins = ["hub.fixtures", "llm.fixtures"]

settings.register_profile("shared machine", deadline=None)  # how long an example takes says nothing there
settings.load_profile("shared machine")

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
if "PYTEST_XDIST_WORKER" in os.environ:  # one worker a core
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# Whoever starts the tests in the background may have them ignore Ctrl-C; some of them are about it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Runs flush all that they write, and tests make many: no test cuts the power, and none need wait for the disk.
os.fsync = lambda handle: None

LONG = ("test_readme.py", "test_loop.py", "test_benchmarks.py", "test_kill.py", "test_kill_tuned.py", "test_recipes.py",
        "test_tuned.py", "test_compiling.py")  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first: in the end no process is left alone with one."""
    items.sort(key=lambda item: item.path.name not in LONG)


def pytest_collection_finish() -> None:
    """What all imports made stays: each training looks for garbage when it begins, and need not go through it."""
    gc.collect()
    gc.freeze()
