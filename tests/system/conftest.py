"""Driving the command line as a user does, in this process where that is quick."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from driving import RECIPE, Dragoman, Outcome, write_digits

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
