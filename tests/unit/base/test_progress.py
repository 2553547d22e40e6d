from dragoman.base import progress as module
from dragoman.base.progress import progress


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
    assert capsys.readouterr().err.splitlines() == ["encoding: 11/100 rows 3 bad", "encoding: 15/100 rows 3 bad"]
