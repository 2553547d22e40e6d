"""`dragoman corpus`: text made ready for training; one file a verb."""

from __future__ import annotations

import typer

from dragoman.cli.corpus.clean import clean
from dragoman.cli.corpus.explain import explain
from dragoman.cli.corpus.pairs import pairs
from dragoman.cli.corpus.synthesize import synthesize

corpus = typer.Typer(help="Clean raw text and sentence pairs, or have pairs made.", no_args_is_help=True)
corpus.command()(clean)
corpus.command()(explain)
corpus.command()(pairs)
corpus.command()(synthesize)
