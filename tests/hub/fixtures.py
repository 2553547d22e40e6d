"""The hub as tests use it: its content is built once, its address goes into the environment of a subprocess.

The clients read HF_ENDPOINT when they are imported, so whatever asks this hub has to run in a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

import dragoman
from hub.server import Server

TOKEN = "hf_a_token_of_this_hub"
NOWHERE = "http://127.0.0.1:9"  # nobody listens there
MOVED = {"t5-small": "google-t5/t5-small", "conll2003": "eriktks/conll2003"}
PASSED_ON = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "OMP_NUM_THREADS", "OMP_WAIT_POLICY", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Hub:
    """A running hub.

    tree: the folder it serves. files: a folder of files for DRAGOMAN_REALDATA. requests: what it was asked for.
    """

    server: Server
    tree: Path
    files: Path

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def requests(self) -> list[str]:
        return self.server.requests

    def environment(self, home: Path, token: str | None = None, *, url: str | None = None) -> dict[str, str]:
        """The environment of a process for which this is the hub, and `home` its cache.

        token: what it shows to the hub. url: another address; NOWHERE is a machine without a network.
        """
        kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        source = str(Path(dragoman.__file__).parents[1])
        return kept | {
            "PYTHONPATH": source, "DRAGOMAN_REALDATA": str(self.files), "NO_PROXY": "*", "PYTHONUTF8": "1",
            "HF_ENDPOINT": url or self.url, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_UPDATE_DOWNLOAD_COUNTS": "0",
        } | ({"HF_TOKEN": token} if token else {})  # fmt: skip

    def run(
        self, *words: object, home: Path, folder: Path, token: str | None = None, url: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run Python with these words in `folder`: `-c CODE`, or `-m dragoman.cli.main VERB ...`."""
        command: Sequence[str] = [sys.executable, *map(str, words)]
        environment = self.environment(home, token, url=url)
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def build(folder: Path) -> None:
    """Write all content: the tree of repositories and the folder of files."""
    from hub.files import build_files
    from hub.models import build_models
    from hub.tables import build_datasets

    build_models(folder / "tree/models")
    build_datasets(folder / "tree/datasets")
    build_files(folder / "files")


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with small models and data sets under their real names; processes that test side by side share them."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "hub"
    with FileLock(f"{folder}.lock"):
        if not (folder / "done").exists():
            build(folder)
            (folder / "done").touch()
    from hub.models import GATED

    with Server(folder / "tree", gated={GATED: TOKEN}, moved=MOVED) as server:
        yield Hub(server, folder / "tree", folder / "files")
