"""The recipe's `pretraining`: what a model learns from raw text before it learns the task."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from dragoman.recipe.schema.data import Source
from dragoman.recipe.schema.section import Section, SomeKeysOf, key
from dragoman.recipe.schema.texts import TextSource
from dragoman.recipe.schema.training import Training

OpenShare = Annotated[float, Field(gt=0.0, lt=1.0)]


class Table(Source):
    """Rows of which some columns hold text, as for `data.train`: each of these columns is a document of its own. What a
    column repeats from the row before it is passed over.
    """

    columns: list[str] = Field(description="The columns to read.", min_length=1)


class TokenRules(Section):
    """Which documents are worth learning from, told by their tokens; the others are dropped, and counted."""

    min_tokens: PositiveInt | None = key(None, "The fewest tokens of a document.")
    max_tokens: PositiveInt | None = key(None, "The most tokens of a document.")
    max_unknown: Annotated[int, Field(ge=0)] | None = key(
        None, "The most tokens that the vocabulary has no piece for: unknown ones, and bytes that spell them."
    )
    max_mean_id: PositiveFloat | None = key(
        None, "The highest mean of a document's token ids: rare pieces have high ids in a vocabulary of our own."
    )

    @model_validator(mode="after")
    def _in_order(self) -> TokenRules:
        if self.min_tokens is not None and self.max_tokens is not None and self.min_tokens > self.max_tokens:
            raise ValueError("min_tokens is above max_tokens")
        return self


class Pretraining(Section):
    """Denoising for encoder-decoders (span corruption or infilling), or causal language modelling, on windows of raw
    text. The text is that of `data`, `sources` and `tables` together.
    """

    objective: Literal["span_corruption", "infilling", "causal"] = key(
        "span_corruption",
        "What is learnt. span_corruption: masked spans, each behind its own sentinel (T5); infilling: the whole text, "
        "from one with a mask for each span; causal: the next token, for decoder-only models.",
    )
    noise: OpenShare = key(0.15, "The share of tokens that is masked.")
    mean_span: Annotated[float, Field(ge=1.0)] = key(3.0, "The mean length of a masked span, in tokens.")
    window: Annotated[int, Field(ge=8)] = key(
        512, "Tokens of text in a window. Documents follow each other in it, an end token after each."
    )
    data: list[Literal["corpus", "pairs"]] | None = key(
        None,
        "Of this recipe: its cleaned corpus; its own training rows, each side a document (default: the corpus, where "
        "the recipe has one).",
    )
    sources: list[TextSource] = key([], "Further raw text, as it stands.")
    tables: list[Table] = key([], "Further text in columns of tables.")
    validation_share: OpenShare = key(0.01, "The share of documents to measure on; equal ones stay on one side.")
    token_rules: TokenRules = key(TokenRules(), "Which documents are left out, by their tokens.")
    training: Annotated[dict[str, object], SomeKeysOf(Training)] = key(
        {}, "Keys of `training` that differ here; mappings merge, lists replace. The best weights have the lowest loss."
    )
