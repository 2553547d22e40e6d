"""What every section of a recipe is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo


@dataclass(frozen=True)
class Words:
    """What a value is, where its type alone does not say it: for messages and the reference."""

    text: str


@dataclass(frozen=True)
class SomeKeysOf:
    """Marks a mapping that holds some of the keys of a section, to be merged over that section."""

    section: type[Section]


Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Level = Literal["A1", "A2", "B1", "B2", "C1"]
A_PATH = Words("a path")
FilePath = Annotated[str, A_PATH]  # as written: recipe.paths reads it
A_HUB_NAME = Words("a name on the hub, or the path of a folder that begins with '.', '/', '~' or '$'")
HubName = Annotated[str, A_HUB_NAME]
Name = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
    Words("a name of letters, digits, '.', '_' and '-' that begins with a letter or a digit"),
]


def is_quoted_number(value: object) -> bool:
    """Whether it is text that looks like a number, or a list with such text."""
    if isinstance(value, list):
        return any(map(is_quoted_number, value))
    if not isinstance(value, str):
        return False
    try:
        float(value)
    except ValueError:
        return False
    return True


def _takes_text(annotation: Any) -> bool:
    return (get_origin(annotation) or annotation) in (str, dict) or any(map(_takes_text, get_args(annotation)))


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    alternatives: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of keys that exclude each other: what overrides a key of one group takes the others' keys away."""

    @field_validator("*", mode="before")
    @classmethod
    def _only_numbers_are_numbers(cls, value: Any, info: ValidationInfo) -> Any:
        """pydantic would read `epochs: true` as 1, and `epochs: "3"` as 3."""
        annotation = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and annotation is not bool:
            raise PydanticCustomError("true_or_false", "neither true nor false")
        if is_quoted_number(value) and not _takes_text(annotation):
            raise PydanticCustomError("quoted_number", "a number and no text")
        return value


def key(default: object, text: str, **limits: Any) -> Any:
    """A key with its default and its line in the reference."""
    return Field(default, description=text, **limits)
