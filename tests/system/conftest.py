"""Driving the command line as a user does, in this process where that is quick."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from driving import RECIPE, Dragoman, Outcome, write_digits
from hub.fixtures import Hub
from hub.forks import Forks
from jobs import JOBS, RECIPES, SHORT, settings

from dragoman.cli.main import main


@pytest.fixture
def dragoman(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Dragoman:
    """Run `dragoman ARGUMENTS` in this process: its exit code, what it printed and what it said."""

    def invoke(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["dragoman", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return Outcome(int(left.value.code or 0), printed.out, printed.err)

    return invoke


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with a finished run of the recipe above. Copy it before changing anything: see `work`."""
    folder = tmp_path_factory.mktemp("trained")
    write_digits(folder / "digits.tsv", 600)
    (folder / "digits.yaml").write_text(RECIPE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["dragoman", "run", "digits.yaml"])
        with pytest.raises(SystemExit) as left:
            main()
        assert not left.value.code
    return folder


@pytest.fixture
def work(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the trained folder, as the working folder."""
    folder = tmp_path / "work"
    shutil.copytree(trained, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the recipe and its data, and no run."""
    write_digits(tmp_path / "digits.tsv", 600)
    (tmp_path / "digits.yaml").write_text(RECIPE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ---- fine-tuning, with a hub on this machine ----


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working folder, with a cache of the hub beside it."""
    folder = tmp_path_factory.mktemp("recipes") / "work"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def forks(hub: Hub, place: Path) -> Iterator[Forks]:
    with closing(Forks(hub.environment(place.parent / "home") | {"OMP_NUM_THREADS": "1"})) as running:
        yield running


@pytest.fixture(scope="session")
def drive(forks: Forks, place: Path) -> Dragoman:
    """Run `dragoman ARGUMENTS` where this hub is known. token: what the hub is shown. asked: what is typed."""

    def invoke(*words: object, folder: Path = place, token: str | None = None, asked: str = "") -> Outcome:
        files = [place.parent / name for name in ("in", "out", "err")]
        for file, text in zip(files, (asked, "", ""), strict=True):
            file.write_text(text)
        environment = {} if token is None else {"HF_TOKEN": token}
        forks.start(*words, folder=folder, streams=dict(enumerate(map(str, files))), **environment)
        code = forks.end()
        return Outcome(code, files[1].read_text(), files[2].read_text())

    return invoke


@pytest.fixture(scope="session")
def anew(hub: Hub, place: Path) -> Dragoman:
    """The same in a process of its own, which may know another hub. home: a cache that is empty at first."""

    def invoke(*words: object, folder: Path = place, home: str = "home", url: str | None = None) -> Outcome:
        done = hub.run("-m", "dragoman.cli.main", *words, home=place.parent / home, folder=folder, url=url)
        return Outcome(done.returncode, done.stdout, done.stderr)

    return invoke


@pytest.fixture(scope="session")
def finished(drive: Dragoman, place: Path) -> Callable[[str], Path]:
    """The run folder of a recipe, which is run when it is first asked for."""

    @cache
    def run(name: str) -> Path:
        result = drive("run", RECIPES / f"{name}.yaml", *settings(*JOBS[name].sizes, *SHORT))
        assert result.code == 0, result.err
        assert "Traceback" not in result.err
        return place / "runs" / name

    return run
