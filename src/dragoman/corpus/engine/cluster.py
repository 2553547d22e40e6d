"""The cluster engine: the same tasks on the machines of a Ray cluster, which have to see the same files.

A task carries the names of files and brings back counts: text never passes through Ray's object store.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from dragoman.base.errors import DragomanError, RequestError
from dragoman.corpus.engine.workers import AHEAD, ONE_THREAD, Run, use_one_thread

RETRIES = 3  # of a task whose machine or process died


@contextmanager
def cluster_engine(workers: int) -> Iterator[Run]:
    """What runs tasks on a cluster, each some `workers` at a time.

    RAY_ADDRESS names the cluster; without it Ray runs on this machine, with so many workers. Errors of a task are
    raised as they are; a task whose process dies again and again is a DragomanError. Raises RequestError without Ray.
    """
    with _cluster(workers) as ray:
        yield partial(_run, ray, workers)


def _run(ray: Any, workers: int, work: Callable[[Any], Any], tasks: Sequence[Any]) -> Generator[Any, None, None]:
    remote = ray.remote(max_retries=RETRIES, num_cpus=1)(_work)
    waiting, running = list(reversed(tasks)), list[Any]()
    while waiting or running:
        while waiting and len(running) < AHEAD * workers:
            running.append(remote.remote(work, waiting.pop()))
        done, running = ray.wait(running, num_returns=1)
        try:
            results = ray.get(done)
        except ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except ray.exceptions.RayError as error:
            said = str(error).strip().split("\n")[0]
            raise DragomanError(f"the cluster gave up on a shard: {said}", hint="what is done stays done") from None
        yield from results


def _work(work: Callable[[Any], Any], task: Any) -> Any:
    use_one_thread()
    return work(task)


@contextmanager
def _cluster(workers: int) -> Iterator[Any]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise RequestError("needs Ray", where="--engine ray", hint="pip install 'dragoman[cluster]'") from None
    address = os.environ.get("RAY_ADDRESS")
    options: dict[str, Any] = {"address": address} if address else {"num_cpus": workers, "include_dashboard": False}
    try:
        ray.init(log_to_driver=False, logging_level="error", runtime_env={"env_vars": ONE_THREAD}, **options)
    except (ConnectionError, RuntimeError, ValueError) as error:
        said = str(error).strip().split("\n")[0]
        raise RequestError(f"the cluster cannot be reached: {said}", where=address or "--engine ray") from None
    try:
        yield ray
    finally:
        ray.shutdown()
