"""The recipe's `corpus.boilerplate`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PositiveInt

from dragoman.recipe.schema.section import Section, key


class Boilerplate(Section):
    """Takes out lines of raw web pages that are no part of their text: menus, cookie banners, buttons, footers."""

    threshold: Annotated[float, Field(gt=0, lt=1)] = key(
        0.4, "How likely a line has to be part of the page's own text to stay: more removes more."
    )
    lines: PositiveInt = key(5, "Documents with fewer lines are no raw pages and stay as they are.")
    patterns: list[str] = key(
        [], "Regular expressions (RE2) of your own: lines in which one is found go, whatever stands around them."
    )
