"""`dragoman`: one command a verb, errors without tracebacks, exit codes as documented in `base.errors`."""

from __future__ import annotations

import errno
import os
import signal
import sys
from types import FrameType
from typing import Any

import typer

from dragoman import __version__
from dragoman.base.errors import DragomanError, RequestError, Terminated
from dragoman.base.progress import say
from dragoman.cli.check import check
from dragoman.cli.new import new
from dragoman.cli.predict import predict
from dragoman.cli.report import report
from dragoman.cli.run import run

app = typer.Typer(
    help="Turn a file of examples into a small text model that you can trust.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verb in (new, check, run, report, predict):
    app.command()(verb)
app.command("translate", help="`predict` by its name for translation.")(predict)


@app.callback(invoke_without_command=True)
def _version(version: bool = typer.Option(False, "--version", help="Show the version and leave.")) -> None:
    if version:
        print(__version__)
        raise typer.Exit


def main() -> None:
    """The program: runs a verb and turns errors into words and exit codes."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        app()
    except DragomanError as error:
        say(f"error: {error}", "red")
        sys.exit(error.exit_code)
    except KeyboardInterrupt as stop:
        say("interrupted")
        sys.exit(128 + (signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT))
    except BrokenPipeError:  # the reader has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except OSError as error:
        explained = _explained(error)
        say(f"error: {explained}", "red")
        sys.exit(explained.exit_code)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated


def _explained(error: OSError) -> DragomanError:
    """What the machine refused, in words. Files are written whole or not at all, so nothing is half done."""
    place: Any = error.filename
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DragomanError(
            "the disk is full", where=place, hint="make room and run the same command again: it goes on"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return RequestError(
            "may not be written or read",
            where=place,
            hint="change its permissions, or choose another folder with --runs",
        )
    if error.errno in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
        what = "is a folder" if error.errno == errno.EISDIR else "something that is no folder is in the way"
        return RequestError(what, where=place, hint="move it away, or choose another place with --runs or --output")
    return DragomanError(error.strerror or str(error), where=place)


if __name__ == "__main__":
    main()
