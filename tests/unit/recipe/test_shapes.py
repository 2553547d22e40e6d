from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field, PositiveFloat, PositiveInt

from dragoman.recipe.schema import Batch, Data, FilePath, Method, Name, Recipe, Section, Source, Training
from dragoman.recipe.shapes import Shape, child, choices, describe, has_free_names, in_words, paths_to, section_of


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (int, "a whole number"),
        (PositiveInt, "a whole number above 0"),
        (PositiveFloat | None, "a number above 0"),
        (Annotated[int, Field(ge=400)], "a whole number of at least 400"),
        (Annotated[float, Field(ge=0, lt=1)], "a number of at least 0 and below 1"),
        (Annotated[float, Field(gt=0.9, le=1)], "a number above 0.9 and at most 1"),
        (PositiveInt | Literal["auto"], "a whole number above 0, or auto"),
        (Literal["a", "b", "c"], "a, b or c"),
        (Literal["a"], "a"),
        (bool, "true or false"),
        (str, "text"),
        (FilePath | None, "a path"),
        (list[Literal["a", "b"]], "a list of any number of a or b"),
        (Annotated[list[Source], Field(min_length=1)], "a list of one or more sections"),
        (tuple[PositiveInt, PositiveInt], "a list of 2, each a whole number above 0"),
        (dict[str, str], "names, each with text"),
        (dict[Name, Source], "names, each with a section"),
        (Source | None, "a section"),
    ],
)
def test_words(shape: Shape, words: str) -> None:
    assert in_words(shape) == words


def test_choices_may_be_quoted() -> None:
    assert in_words(list[Literal["a", "b"]] | Literal["c"], quote="`") == "a list of any number of `a` or `b`, or `c`"


def test_every_key_of_the_schema_has_words() -> None:
    def visit(section: type[Section]) -> int:
        count = 0
        for name in section.model_fields:
            shape = child(section, name)
            assert in_words(shape)
            assert describe(section, name)
            deeper = section_of(shape) or section_of(child(shape, 0))
            count += 1 + (visit(deeper) if deeper else 0)
        return count

    assert visit(Recipe) > 80


def test_a_type_without_words_is_a_mistake_in_the_schema() -> None:
    with pytest.raises(TypeError, match="no words yet"):
        in_words(set[int])


def test_children() -> None:
    data = child(Recipe, "data")
    assert section_of(data) is Data
    assert section_of(child(child(data, "train"), 7)) is Source
    assert section_of(child(child(data, "test"), "any-name")) is Source
    assert section_of(child(data, "validation")) is Source
    assert section_of(child(child(child(child(Recipe, "methods"), "x"), "training"), "batch")) is Batch
    assert in_words(child(child(Training, "betas"), 1)) == "a number of at least 0 and below 1"
    assert child(Recipe, "nothing") is None
    assert child(child(Recipe, "name"), "deeper") is None
    assert child(child(Training, "betas"), 2) is None


def test_free_names() -> None:
    assert has_free_names(child(Recipe, "methods"))
    assert not has_free_names(child(Method, "training"))  # a mapping, but of known keys
    assert not has_free_names(Training)


def test_choices() -> None:
    assert choices(PositiveInt | Literal["auto", "none"] | None) == ["auto", "none"]
    assert choices(str) == []


def test_paths_to_a_key() -> None:
    assert list(paths_to("d_model", Recipe)) == ["model.nmt.d_model"]
    assert list(paths_to("phrasebook", Recipe)) == [
        "data.train.N.phrasebook",
        "data.validation.phrasebook",
        "data.test.NAME.phrasebook",
        "pairs.sources.N.phrasebook",
        "pairs.evaluation.N.phrasebook",
        "synthesis.evaluation.N.phrasebook",
        "pretraining.tables.N.phrasebook",
    ]
    assert list(paths_to("max_steps", Recipe)) == ["training.max_steps"]
    assert list(paths_to("nothing", Recipe)) == []
