"""The embedded engine: tasks on this machine's cores, in processes of their own, a bounded number at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import connection
from typing import Any, TypeVar

from dragoman.base.errors import DragomanError

T = TypeVar("T")
R = TypeVar("R")
# a function and its tasks -> the results
Run = Callable[[Callable[[Any], Any], Sequence[Any]], Generator[Any, None, None]]

AHEAD = 2  # tasks a process has in its hands or next
ATTEMPTS = 3  # of a task whose process died, which may have been another task's fault
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS"), "1"
)


def usable_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def process_engine(workers: int) -> Iterator[Run]:
    """What runs tasks on this machine."""
    yield partial(run_in_processes, workers)


def run_in_processes(workers: int, work: Callable[[T], R], tasks: Sequence[T]) -> Generator[R, None, None]:
    """The results, in the order in which they come. With one worker, or one task, all is done in this process.

    A task whose process dies is tried again, and refused with a DragomanError the third time. Errors of a task are
    raised as they are. When this process goes, in whatever way, the others go too.
    """
    if workers == 1 or len(tasks) < 2:
        yield from map(work, tasks)
        return
    waiting = deque(enumerate(tasks))
    attempts: Counter[int] = Counter()
    while waiting:
        with _pool(min(workers, len(tasks))) as pool:
            running: dict[Future[R], tuple[int, T]] = {}
            try:
                while waiting or running:
                    while waiting and len(running) < AHEAD * workers:
                        running[pool.submit(work, waiting[0][1])] = waiting[0]
                        waiting.popleft()
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        result = future.result()
                        del running[future]
                        yield result
            except BrokenProcessPool:
                lost = sorted(running.values(), key=lambda task: task[0])
                attempts.update(number for number, _ in lost)
                if any(attempts[number] >= ATTEMPTS for number, _ in lost):
                    raise DragomanError(
                        "a process that cleans died three times, perhaps for want of memory",
                        hint="use fewer with --workers, or a smaller max_document_bytes; what is done stays done",
                    ) from None
                waiting.extendleft(reversed(lost))


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes of one thread each, which are gone when the block ends."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    others = set(multiprocessing.active_children())
    os.environ.update(ONE_THREAD)  # read when a library is loaded: children have to find it there
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        yield pool
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all: the first process decides
    use_one_thread()
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def use_one_thread() -> None:
    """Keep Arrow to one thread in this process, where each core has a process of its own."""
    import pyarrow as pa

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)


def _leave_with_parent() -> None:
    """A killed parent cannot say goodbye, and would leave its children waiting for ever."""
    parent: Any = multiprocessing.parent_process()
    connection.wait([parent.sentinel])
    os._exit(1)
