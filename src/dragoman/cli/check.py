"""`dragoman check`: say what a recipe will do, without doing it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dragoman.base.errors import RequestError
from dragoman.base.progress import say
from dragoman.cli.options import Overrides, RecipeFile


def check(
    recipe: RecipeFile,
    overrides: Overrides = None,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="FILE.svg", help="Only draw the model: what trains, what is frozen."),
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="Of the picture: which of the methods (default: the first with an adapter).")
    ] = None,
) -> None:
    """Say what a recipe will do, before it does it: mistakes, data, tokens, parameters, precision."""
    from dragoman.planning.check import check_recipe, find_everything
    from dragoman.recipe.loading import load_recipe, load_texts, makes_no_model

    if method is not None and picture is None:
        raise RequestError("--method only matters with --picture", hint="check looks at all methods")
    if picture is None and makes_no_model(recipe, overrides or []):
        from dragoman.planning.texts import check_texts

        check_texts(load_texts(recipe, overrides or []))
        return
    loaded = load_recipe(recipe, overrides or [], find_everything)
    if picture is None:
        check_recipe(loaded)
        return
    from dragoman.base.files import write_text
    from dragoman.planning.description import pictured_plan
    from dragoman.report.architecture import architecture_svg

    write_text(picture, architecture_svg(pictured_plan(loaded, method).architecture))
    say(f"wrote {picture}")
