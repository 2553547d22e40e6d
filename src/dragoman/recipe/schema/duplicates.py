"""The recipe's `corpus.duplicates`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveInt

from dragoman.recipe.schema.section import Section, key


class RepeatedLines(Section):
    """Lines that too many documents have in common: menus, notices, signatures."""

    documents: PositiveInt = key(10, "A line that occurs in more documents than this is removed from all of them.")
    within: bool = key(True, "Remove a line's second and further occurrences in one document too.")
    characters: NonNegativeInt = key(10, "Shorter lines are left alone.")


class MinHash(Section):
    """Near duplicates: documents that have most of their groups of words in common (MinHash, in bands)."""

    bands: PositiveInt = key(14, "Documents are compared where they agree in at least one of so many bands.")
    rows: PositiveInt = key(8, "Hashes in a band: more of them compare fewer documents that differ.")
    ngram: PositiveInt = key(5, "Words in a group. Documents with fewer words have no near duplicates.")
    similarity: Annotated[float, Field(gt=0, le=1)] = key(
        0.75, "The share of two documents' groups of words that must be common to both, as bands x rows hashes tell it."
    )


class Duplicates(Section):
    """Documents and lines that occur more than once. Of duplicates the first stays, in the order of the sources."""

    exact: bool = key(True, "Remove documents that are the same but for white space and upper case.")
    minhash: MinHash | None = key(MinHash(), "Remove near duplicates; null: leave them.")
    lines: RepeatedLines | None = key(None, "Remove lines that many documents have, counted without duplicates.")
