"""Commands in forks of one process that has imported what is slow to import: each begins as a fresh one does, sooner.

The process reads a command a line from its standard input, as JSON, and answers with its process and its exit code.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SLOW = (
    "dragoman.job.run", "dragoman.export.adapted", "dragoman.job.choosing", "dragoman.cli.talking", "datasets",
    "transformers.models.mt5.modeling_mt5", "transformers.models.t5.modeling_t5", "matplotlib.font_manager",
    "transformers.models.llama.modeling_llama", "transformers.models.lfm2.modeling_lfm2", "torch._dynamo",
)  # fmt: skip


class Forks:
    """A running process of that kind. environment: of all commands."""

    def __init__(self, environment: Mapping[str, str]):
        command = [sys.executable, "-P", __file__]
        self.process = subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )

    def start(
        self, *words: object, folder: Path, streams: Mapping[int, str], before: str = "", **environment: str
    ) -> int:
        """Begin `dragoman WORDS` in a folder, as the process returned. streams: the paths that 0, 1 and 2 mean.

        before: Python that it runs first.
        """
        assert self.process.stdin is not None
        order = {"words": list(map(str, words)), "folder": str(folder), "streams": streams, "before": before,
                 "environment": environment}  # fmt: skip
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        return self._answer()

    def begin(self, *words: object, folder: Path, before: str = "") -> Command:
        """The same, to be watched: what it prints goes to a file `said` in the folder."""
        said = folder / "said"
        said.write_text("")
        streams = {0: os.devnull, 1: str(said), 2: str(said)}
        return Command(self, self.start(*words, folder=folder, streams=streams, before=before), said)

    def has_ended(self, seconds: float = 0.0) -> bool:
        """Whether the command that was begun last ends within so many seconds."""
        return bool(select.select([self.process.stdout], [], [], seconds)[0])

    def end(self) -> int:
        """Wait for the command that was begun last. Its exit code, or minus the signal that killed it."""
        return self._answer()

    def _answer(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Command:
    """A command that was begun, with what tests ask of a `Popen`. The next is begun when it has ended."""

    def __init__(self, forks: Forks, pid: int, said: Path):
        self.forks, self.pid, self.said = forks, pid, said
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None and self.forks.has_ended():
            self.returncode = self.forks.end()
        return self.returncode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """What it printed, at its end. Raises TimeoutExpired."""
        if self.returncode is None:
            if timeout is not None and not self.forks.has_ended(timeout):
                raise subprocess.TimeoutExpired("dragoman", timeout)
            self.returncode = self.forks.end()
        return self.said.read_text(), None


def serve() -> None:
    import importlib

    for name in SLOW:
        importlib.import_module(name)
    from dragoman.adapters.four_bit import import_bitsandbytes

    import_bitsandbytes()
    os.fsync = lambda handle: None  # as in the tests' own processes
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                code = command(json.loads(line))
            except BaseException:
                traceback.print_exc()
                code = 99
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def command(order: dict[str, Any]) -> int:
    from dragoman.cli.main import main

    os.setsid()
    for number, path in order["streams"].items():
        to_file = os.O_WRONLY | os.O_CREAT | os.O_APPEND  # two streams may share one
        way = os.O_RDWR if path.startswith("/dev/") else os.O_RDONLY if number == "0" else to_file
        os.dup2(os.open(path, way), int(number))
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout, sys.stderr = (open(number, "w", buffering=1, encoding="utf-8") for number in (1, 2))  # noqa: SIM115
    os.environ |= order["environment"]
    os.chdir(order["folder"])
    exec(order["before"], {})
    sys.argv = ["dragoman", *order["words"]]
    try:
        main()
    except SystemExit as left:
        return int(left.code or 0)
    return 0


if __name__ == "__main__":
    serve()
