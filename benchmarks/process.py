"""Every measurement in a fresh process: no contestant finds the memory, the caches or the imports of another."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def measure(
    function: str, *, threads: int | None = None, variables: Mapping[str, str] | None = None, **arguments: Any
) -> Any:
    """What `function` ("benchmarks.loss:contestant") returns for these arguments; all of it has to fit JSON.

    threads: as many as torch takes by itself where it is None. variables: of its environment. Raises RuntimeError with
    what the process said where it failed.
    """
    environment = {**os.environ, "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1", **(variables or {})}
    if threads is not None:
        environment["OMP_NUM_THREADS"] = str(threads)
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = [sys.executable, "-m", "benchmarks.process", function, json.dumps(arguments), str(answer)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{function} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
        return json.loads(answer.read_text(encoding="utf-8"))


def main(function: str, arguments: str, answer: str) -> None:
    module, _, name = function.partition(":")
    result = getattr(importlib.import_module(module), name)(**json.loads(arguments))
    Path(answer).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
