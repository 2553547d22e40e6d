import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dragoman import __version__
from dragoman.base.errors import CheckError, DragomanError, Interrupted, RequestError
from dragoman.cli import main as program


@pytest.fixture
def call(monkeypatch, capsys):
    def invoke(*arguments):
        monkeypatch.setattr(sys, "argv", ["dragoman", *arguments])
        with pytest.raises(SystemExit) as left:
            program.main()
        return int(left.value.code or 0), *capsys.readouterr()

    return invoke


@pytest.fixture
def failing(monkeypatch, call):
    """The exit code and words when a verb raises this."""

    def fail(error):
        def raising():
            raise error

        monkeypatch.setattr(program, "app", raising)
        code, _, said = call()
        return code, said

    return fail


@pytest.mark.parametrize(
    ("error", "code"),
    [(DragomanError("x"), 3), (RequestError("x"), 2), (CheckError("x"), 1), (Interrupted("x", signal=15), 143)],
)
def test_errors_are_words_and_codes(failing, error, code):
    assert failing(error)[0] == code
    assert "Traceback" not in failing(error)[1]


def test_markup_in_a_message_is_text(failing):
    assert "my [red] file.tsv: [bold]x[/]" in failing(RequestError("[bold]x[/]", where="my [red] file.tsv"))[1]


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (errno.ENOSPC, 3, "there: the disk is full"),
        (errno.EROFS, 2, "there: may not be written"),
        (errno.ENOTDIR, 2, "there: something that is no folder is in the way"),
        (errno.EISDIR, 2, "there: is a folder"),
        (errno.EIO, 3, f"there: {os.strerror(errno.EIO)}"),
    ],
)
def test_what_the_machine_refuses_is_put_in_words(failing, number, code, words):
    found, said = failing(OSError(number, os.strerror(number), "there"))
    assert found == code
    assert words in said
    assert "--" not in said, "an option would not fit every verb"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_leave_in_peace(monkeypatch, call, number):
    before = signal.getsignal(number)
    monkeypatch.setattr(program, "app", lambda: signal.raise_signal(number))
    code, _, said = call()
    assert code == 128 + number
    assert said == "interrupted\n"
    assert signal.getsignal(number) is before


def test_help(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    code, out, _ = call("--help")
    assert code == 0
    for verb in ("new", "check", "run", "report", "compare", "predict", "translate"):
        assert f"│ {verb} " in out
        code, page, _ = call(verb, "--help")
        assert code == 0
        assert f"dragoman {verb} [OPTIONS]" in page
    assert "dragoman new translation FILE" in out
    assert call()[0] == 2


def test_version_and_unknown_verbs(call):
    assert call("--version")[:2] == (0, f"{__version__}\n")
    code, _, said = call("chek", "x")
    assert code == 2
    assert "Did you mean 'check'?" in said


def test_a_closed_pipe_is_quiet():
    """As in `dragoman ... | head -1`."""
    script = "import os; from dragoman.cli.main import main; r, w = os.pipe(); os.close(r); os.dup2(w, 1); main()"
    done = subprocess.run([sys.executable, "-c", script, "--version"], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_every_verb_has_a_file_of_its_own():
    files = {path.stem for path in Path(program.__file__).parent.glob("*.py")}
    assert files >= {"new", "check", "run", "report", "compare", "predict"}
