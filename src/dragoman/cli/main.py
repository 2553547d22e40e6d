"""`dragoman`: one command a verb, errors without tracebacks, exit codes as documented in `base.errors`."""

from __future__ import annotations

import signal
import sys
from types import FrameType

import typer

from dragoman import __version__
from dragoman.base.errors import DragomanError, Interrupted, Stop, explained
from dragoman.base.progress import say
from dragoman.base.signals import heeded_signals
from dragoman.base.threads import share_the_machine
from dragoman.cli.bench import bench
from dragoman.cli.check import check
from dragoman.cli.compare import compare
from dragoman.cli.corpus import corpus
from dragoman.cli.export import export
from dragoman.cli.new import new
from dragoman.cli.predict import predict
from dragoman.cli.report import report
from dragoman.cli.run import run

app = typer.Typer(
    help="Turn a file of examples into a small text model that you can trust.",
    epilog="For your own file: dragoman new translation FILE writes a recipe, check explains it, run does it all.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verb in (new, check, run, report, compare, predict, export):
    app.command()(verb)
app.add_typer(bench, name="bench")
app.add_typer(corpus, name="corpus")
app.command("translate", help="Translate with a trained model: `predict` by its name for this task.")(predict)


@app.callback(invoke_without_command=True)
def _version(version: bool = typer.Option(False, "--version", help="Show the version and leave.")) -> None:
    if version:
        print(__version__)
        raise typer.Exit


def main() -> None:
    """The program: runs a verb and turns errors into words and exit codes."""
    share_the_machine()
    before = {number: signal.signal(number, _stop) for number in heeded_signals()}
    try:
        app()
    except Interrupted as stopped:  # no error
        say(str(stopped))
        sys.exit(stopped.exit_code)
    except DragomanError as error:
        say(f"error: {error}", "red")
        sys.exit(error.exit_code)
    except Stop as stop:
        say("interrupted")
        sys.exit(128 + stop.signal)
    except OSError as error:
        refusal = explained(error)
        say(f"error: {refusal}", "red")
        sys.exit(refusal.exit_code)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stop(number)


if __name__ == "__main__":
    main()
