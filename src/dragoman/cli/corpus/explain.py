"""`dragoman corpus explain`: why one document was kept or removed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dragoman.cli.options import Overrides, RecipeFile, Runs


def explain(
    recipe: RecipeFile,
    document: Annotated[
        str,
        typer.Argument(metavar="FILE:ROW", help="A document by its file and row.", show_default=False),
    ],
    overrides: Overrides = None,
    runs: Runs = Path("runs"),
) -> None:
    """Say what every rule computes for one document or pair, each threshold, and which rule removes it.

    In a recipe with pairs and a corpus, a row of the files that the pairs are read from is a pair.
    """
    from dragoman.corpus.pairs.explaining import explain_pair, reads
    from dragoman.recipe.loading import load_texts

    loaded = load_texts(recipe, overrides or [], section="corpus", or_section="pairs")
    if loaded.recipe.corpus is None or reads(loaded, document):
        print(explain_pair(loaded, document))
        return
    from dragoman.corpus.explaining import explain_document
    from dragoman.job.corpus import FOLDER
    from dragoman.report.corpus import print_explanation

    with loaded.located():
        found = explain_document(loaded.recipe.corpus, loaded.folder, document, runs / loaded.recipe.name / FOLDER)
    print_explanation(found, Console(highlight=False, emoji=False))
