import io

import pytest

from dragoman.base import progress as module
from dragoman.base.progress import progress, say


def test_short_work_says_nothing_where_there_is_no_terminal(capsys):
    with progress("encoding", 3, unit="rows") as bar:
        assert list(bar.over("abc")) == ["a", "b", "c"]
    assert bar.done == 3
    assert capsys.readouterr().err == ""


def test_long_work_says_where_it_is(capsys, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    with progress("encoding", 100, done=10, unit="rows") as bar:
        bar.advance(1)
        now[0] = 16.0
        bar.note("3 bad")
        now[0] = 20.0
        bar.advance(4)
        now[0] = 40.0
        bar.advance(75)
    assert capsys.readouterr().err.splitlines() == [
        "encoding: 11/100 rows  24 min left  3 bad",
        "encoding: 90/100 rows  5 s left  3 bad",
        "encoding: 90/100 rows  3 bad",
    ]


@pytest.fixture
def terminal(monkeypatch):
    """What is shown on a terminal."""
    shown = io.StringIO()
    monkeypatch.setenv("TERM", "xterm")
    made = {"_file": shown, "_force_terminal": True, "is_interactive": True, "_width": 120, "_height": 25}
    for name, value in made.items():
        monkeypatch.setattr(module.console, name, value)
    return shown


@pytest.mark.parametrize("name", ["x:100:1", "phrasebook:train:2", "[red]x[/]"])
def test_names_are_shown_as_they_are(terminal, name):
    say(name)
    module.console.print(name.replace("[", "\\["))  # as tables do, which know markup
    assert terminal.getvalue() == f"{name}\n" * 2
    with progress(name, 3) as bar:
        bar.note(f"in {name}")
    assert f" {name} " in terminal.getvalue()
    assert f"in {name}" in terminal.getvalue()


def test_bars_may_stand_in_one_another(terminal):
    with progress("outer") as outer, progress("inner", 2) as inner:
        assert list(inner.over("ab")) == ["a", "b"]
        outer.advance()
    assert "outer" in terminal.getvalue()
