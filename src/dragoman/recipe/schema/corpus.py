"""The recipe's `corpus`: raw text, cleaned."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from dragoman.recipe.schema.boilerplate import Boilerplate
from dragoman.recipe.schema.duplicates import Duplicates
from dragoman.recipe.schema.rules import Rules
from dragoman.recipe.schema.section import Section, Share, key
from dragoman.recipe.schema.texts import TextSource


class Corpus(Section):
    """Raw text, cleaned: normalised, its language told, filtered by rules, without duplicates."""

    sources: list[TextSource] = Field(description="The raw text.", min_length=1)
    presets: list[Literal["gopher", "c4", "fineweb", "fineweb2-de", "oscar-annotations", "from-scratch-job"]] = key(
        [], "Published lists of rules to begin with; a document has to pass them all."
    )
    rules: Rules = key(Rules(), "Rules to change, to add or to switch off.")
    languages: list[str] = key(
        [], "Keep documents in these languages only (codes such as de); an empty list keeps them all."
    )
    language_score: Share = key(0.5, "How sure the language has to be, where a source does not name it.")
    max_document_bytes: PositiveInt = key(10_000_000, "Longer documents go into quarantine unread.")
    boilerplate: Boilerplate | None = key(
        None, "Take menus, notices and other boilerplate out of raw web pages; `{}`: with the defaults."
    )
    duplicates: Duplicates = key(Duplicates(), "What becomes of text that is there more than once.")
