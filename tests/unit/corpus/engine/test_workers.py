from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from dragoman.base.errors import DragomanError, RequestError
from dragoman.corpus.engine.workers import ATTEMPTS, ONE_THREAD, run_in_processes


def square(number: int) -> int:
    return number * number


def pid_and_threads(_: int) -> tuple[int, str | None]:
    return os.getpid(), os.environ.get("OMP_NUM_THREADS")


def refuse(number: int) -> int:
    if number == 3:
        raise RequestError("three is too much", where="here")
    return number


def die_once(number: int, folder: Path) -> int:
    """The process dies at the first attempt at one of the tasks."""
    if number == 5 and not (folder / "died").exists():
        (folder / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die(number: int) -> int:
    os._exit(1)


def test_in_this_process_in_order() -> None:
    assert list(run_in_processes(1, square, range(5))) == [0, 1, 4, 9, 16]
    assert next(iter(run_in_processes(8, pid_and_threads, [0])))[0] == os.getpid()


def test_in_processes_of_one_thread_that_outlive_a_crash(tmp_path: Path) -> None:
    assert sorted(run_in_processes(2, partial(die_once, folder=tmp_path), range(12))) == list(range(12))
    assert (tmp_path / "died").exists()
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    seen = set(run_in_processes(2, pid_and_threads, range(8)))
    assert os.getpid() not in {pid for pid, _ in seen}
    assert {threads for _, threads in seen} == {"1"}
    assert {name: os.environ.get(name) for name in ONE_THREAD} == before


def test_errors_come_as_they_are() -> None:
    with pytest.raises(RequestError, match="here: three is too much"):
        list(run_in_processes(2, refuse, range(9)))


def test_a_task_that_kills_its_process_is_given_up() -> None:
    with pytest.raises(DragomanError, match="died three times"):
        list(run_in_processes(2, die, range(ATTEMPTS)))


SLEEPER = """
import os, sys, time
from dragoman.corpus.engine.workers import run_in_processes
def sleep(number):
    open(sys.argv[1] + "/" + str(os.getpid()), "w").close()
    time.sleep(600)
if __name__ == "__main__":
    list(run_in_processes(2, sleep, range(4)))
"""


def test_children_of_a_killed_process_go_too(tmp_path: Path) -> None:
    script = tmp_path / "sleeper.py"
    script.write_text(SLEEPER)
    pids = tmp_path / "pids"
    pids.mkdir()
    parent = subprocess.Popen([sys.executable, str(script), str(pids)])
    end = time.monotonic() + 60
    while len(list(pids.iterdir())) < 2:
        assert time.monotonic() < end
        assert parent.poll() is None
        time.sleep(0.01)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    while any(alive(int(path.name)) for path in pids.iterdir()):
        assert time.monotonic() < end
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether a process runs: a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
