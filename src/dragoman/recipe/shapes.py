"""What the schema allows at a key: its section, its keys, and its type in plain words.

A shape is a type annotation of the schema. Messages and the reference page take their words from here, so that they
always say what is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic.fields import FieldInfo

from dragoman.recipe.schema import Section, SomeKeysOf, Words

Shape = Any


class Part(NamedTuple):
    """One of the types that a shape is made of, with its limits."""

    type: Any
    marks: tuple[Any, ...]

    def mark(self, kind: type[Any]) -> Any:
        return next((mark for mark in self.marks if isinstance(mark, kind)), None)

    @property
    def section(self) -> type[Section] | None:
        """The section whose keys belong here."""
        if isinstance(self.type, type) and issubclass(self.type, Section):
            return self.type
        partial = self.mark(SomeKeysOf)
        return partial.section if partial else None


def parts(shape: Shape, marks: tuple[Any, ...] = ()) -> Iterator[Part]:
    """The types of a union, or the one type that the shape is."""
    origin: Any = get_origin(shape)
    if origin is Annotated:
        inner, *own = get_args(shape)
        for mark in own:
            marks += tuple(mark.metadata) if isinstance(mark, FieldInfo) else (mark,)
        yield from parts(inner, marks)
    elif origin in (Union, UnionType):
        for member in get_args(shape):
            yield from parts(member, marks)
    else:
        yield Part(shape, marks)


def section_of(shape: Shape) -> type[Section] | None:
    """The section whose keys belong at the shape, where it is no plain value."""
    return next((part.section for part in parts(shape) if part.section), None)


def key_shape(section: type[Section], name: str) -> Shape:
    field = section.model_fields[name]
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def describe(shape: Shape, name: str) -> str:
    """What a key of a section is for."""
    section = section_of(shape)
    assert section
    return section.model_fields[name].description or ""


def child(shape: Shape, key: str | int) -> Shape:
    """The shape one key deeper; None where the schema has no such key."""
    section = section_of(shape)
    if section:
        return key_shape(section, str(key)) if key in section.model_fields else None
    for part in parts(shape):
        arguments = get_args(part.type)
        match get_origin(part.type):
            case origin if origin is dict:
                return arguments[1]
            case origin if origin is list:
                return arguments[0]
            case origin if origin is tuple and isinstance(key, int) and key < len(arguments):
                return arguments[key]
    return None


def is_kind(shape: Shape, kind: type[Any]) -> bool:
    """Whether the shape is (or may be) a `dict`, `list`, `str` or so."""
    return any((get_origin(part.type) or part.type) is kind for part in parts(shape))


def name_shape(shape: Shape) -> Shape:
    """What the names of a mapping with free names must be."""
    return next(get_args(part.type)[0] for part in parts(shape) if get_origin(part.type) is dict)


def has_free_names(shape: Shape) -> bool:
    """Whether the shape is a mapping from names of the user's own."""
    return is_kind(shape, dict) and section_of(shape) is None


def choices(shape: Shape) -> list[str]:
    """The words that the shape lists."""
    return [str(word) for part in parts(shape) if get_origin(part.type) is Literal for word in get_args(part.type)]


def paths_to(name: str, shape: Shape, path: str = "") -> Iterator[str]:
    """Where in the schema there are keys of this name; N stands for a list's number, NAME for a name of one's own."""
    section = section_of(shape)
    if section and not is_kind(shape, dict):
        for key in section.model_fields:
            deeper = f"{path}.{key}" if path else key
            if key == name:
                yield deeper
            yield from paths_to(name, key_shape(section, key), deeper)
    elif not section and (item := child(shape, 0)):
        yield from paths_to(name, item, f"{path}.NAME" if is_kind(shape, dict) else f"{path}.N")


def in_words(shape: Shape, quote: str = "") -> str:
    """The shape as a person would say it, less null: "a whole number above 0, or auto". quote: goes round choices."""
    return ", or ".join(_part_in_words(part, quote) for part in parts(shape) if part.type is not NoneType)


def _part_in_words(part: Part, quote: str) -> str:
    arguments = get_args(part.type)
    if named := part.mark(Words):
        return named.text
    if part.type is bool:
        return "true or false"
    if part.type is str:
        return "text"
    if part.type is object:
        return "a value of its own"
    if part.type in (int, float):
        return ("a whole number" if part.type is int else "a number") + _limits(part)
    if part.section:
        return "a section" if part.type is part.section else f"a section with keys of {part.section.__name__.lower()}"
    origin = get_origin(part.type)
    if origin is Literal:
        return either([f"{quote}{word}{quote}" for word in arguments])
    if origin is list:
        many = "one or more" if part.mark(MinLen) else "any number"
        return f"a list of {many} " + (
            "sections" if section_of(arguments[0]) else f"of {in_words(arguments[0], quote)}"
        )
    if origin is tuple:
        return f"a list of {len(arguments)}, each {in_words(arguments[0], quote)}"
    if origin is dict:
        return f"names, each with {in_words(arguments[1], quote)}"
    raise TypeError(f"the schema uses a type that has no words yet: {part.type}")


def _limits(part: Part) -> str:
    above, least, below, most = (part.mark(kind) for kind in (Gt, Ge, Lt, Le))
    limits = [f"above {above.gt:g}"] if above else [f"of at least {least.ge:g}"] if least else []
    limits += [f"below {below.lt:g}"] if below else [f"at most {most.le:g}"] if most else []
    return f" {' and '.join(limits)}" if limits else ""


def either(words: list[str]) -> str:
    """ "a", "a or b", "a, b or c"."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
