"""What is wrong with a value, in the words of someone who edits YAML: pydantic's findings never show as they are."""

from __future__ import annotations

from functools import reduce
from typing import Any

from pydantic_core import ErrorDetails

from dragoman.base.errors import did_you_mean
from dragoman.recipe.schema import Section, is_quoted_number
from dragoman.recipe.shapes import (
    Shape,
    child,
    choices,
    describe,
    either,
    in_words,
    is_kind,
    name_shape,
    paths_to,
    section_of,
)
from dragoman.recipe.tree import KeyPath, step

QUOTE_IT = "; put it in quotes"


def unknown_key(key: str, section: type[Section], recipe: type[Section]) -> str:
    """What to say of a key that a section of such a recipe does not have."""
    elsewhere = list(paths_to(key, recipe))
    hint = did_you_mean(key, section.model_fields)
    if not hint and elsewhere:
        hint = f"it belongs at {either(elsewhere)}"
    return f"unknown key; {hint or 'known keys: ' + ', '.join(section.model_fields)}"


def is_missing(detail: ErrorDetails) -> bool:
    """Whether the finding is a key that is not there. (pydantic says the same of a list that is too short.)"""
    return detail["type"] == "missing" and isinstance(detail["loc"][-1], str)


def message(detail: ErrorDetails, path: KeyPath, value: Any, section: type[Section]) -> str:
    """What to print about one finding at `path` of `value`, which should be a `section`."""
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    above: Shape = reduce(child, path[:-1], section)
    if is_missing(detail):
        text = describe(above, str(path[-1]))
        return f"this key is missing: {text[:1].lower()}{text[1:].rstrip('.')}"
    if detail["loc"][-1] == "[key]":
        return f"must be {in_words(name_shape(above))}, not '{path[-1]}'"
    shape = child(above, path[-1]) if path else section
    value = reduce(step, path, value)
    return f"must be {in_words(shape)}, {_but(value)}{_advice(value, shape)}"


def _but(value: Any) -> str:
    if value is None:
        return "but is empty"
    if isinstance(value, bool):
        return f"not {str(value).lower()}"
    if isinstance(value, dict):
        return "not a mapping of keys"
    if isinstance(value, list):
        if not value or any(isinstance(item, dict | list) for item in value):
            return f"not {'a' if value else 'an empty'} list"
        return f"not [{_cut(', '.join(map(str, value)))}]"
    return f"not {_cut(repr(value))}"


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:40]} ... {text[-10:]}"


def _advice(value: Any, shape: Shape) -> str:
    """What to change, where the mistake is one that YAML makes easy."""
    if isinstance(value, str) and (hint := did_you_mean(value, choices(shape))):
        return f"; {hint}"
    if is_kind(shape, str) and value is not None and not isinstance(value, str):
        bracket = "{" if isinstance(value, dict) else "[" if isinstance(value, list) else ""
        return f"; put text that begins with '{bracket}' in quotes" if bracket else QUOTE_IT
    if is_quoted_number(value) and not is_kind(shape, bool):
        return "; take the quotes away"
    if is_kind(shape, list) and value is not None and not isinstance(value, list):
        plain = section_of(child(shape, 0)) is None and not isinstance(value, dict)
        return f"; write [{value}]" if plain else "; begin each item with '- '"
    if section := section_of(shape):
        keys = list(section.model_fields)
        return f"; its keys: {', '.join(keys[:5])}{', ...' if len(keys) > 5 else ''}"
    return ""
