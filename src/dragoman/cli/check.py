"""`dragoman check`: say what a recipe will do, without doing it."""

from __future__ import annotations

from dragoman.cli.options import Overrides, RecipeFile


def check(recipe: RecipeFile, overrides: Overrides = None) -> None:
    """Say what a recipe will do, before it does it: mistakes, data, tokens, parameters, precision."""
    from dragoman.planning.check import check_recipe
    from dragoman.planning.semantics import find_all
    from dragoman.recipe.loading import load_recipe

    check_recipe(load_recipe(recipe, overrides or [], find_all))
