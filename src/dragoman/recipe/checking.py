"""Everything that is wrong with the values of a recipe, in the words of someone who edits YAML.

pydantic does the checking; here its findings get plain words, and none of them hides another: a section whose keys are
partly wrong is checked again without those, so that combinations that are refused come to light in the same go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dragoman.base.errors import did_you_mean
from dragoman.recipe.merging import merge
from dragoman.recipe.schema import Section, Training
from dragoman.recipe.shapes import Shape, child, section_of
from dragoman.recipe.tree import KeyPath, Place, Problem, Tree, holds, step
from dragoman.recipe.wording import QUOTE_IT, is_missing, message, unknown_key

R = TypeVar("R", bound=Section)


class Fault(NamedTuple):
    path: KeyPath
    message: str


class Checked(NamedTuple, Generic[R]):
    problems: list[Problem]
    recipe: R | None  # without what is wrong, where the rest is still a recipe
    doubtful: frozenset[KeyPath]  # keys that this recipe has at their defaults because what was written is wrong


def check(tree: Tree, kind: type[R]) -> Checked[R]:
    """All that the schema refuses in a recipe, training by training too. No problems: the recipe is valid."""
    faults: list[Fault] = []
    unknown: set[KeyPath] = set()
    value = _without_unknown(tree.value, kind, (), faults, unknown, kind)
    found, sound, doubtful = _faults(value, kind, unknown)
    faults += found
    for at, found in _training_faults(value, unknown).items():
        faults += found
        sound = _without(sound, at)
        doubtful.add(at)
    try:
        recipe = kind.model_validate(sound)
    except ValidationError:
        recipe = None
    problems = [_problem(tree.place(fault.path), fault) for fault in dict.fromkeys(faults)]
    return Checked(problems, recipe, frozenset(doubtful))


def _problem(place: Place, fault: Fault) -> Problem:
    """The advice to put a value in quotes is of no use on a command line, where the shell takes them away."""
    said, quotes, _ = fault.message.partition(QUOTE_IT)
    if quotes and place.key:
        value = place.text.partition("=")[2]
        return Problem(place, fault.path, f"""{said}; write --set '{place.key}="{value}"'""")
    return Problem(place, *fault)


# ---- unknown keys ----------------------------------------------------------------------------------------------------


def _without_unknown(
    value: Any, shape: Shape, path: KeyPath, faults: list[Fault], doubtful: set[KeyPath], kind: type[Section]
) -> Any:
    """`value` less the keys that the schema does not know. What such a key may have meant is doubtful from then on."""
    if isinstance(value, list):
        items = enumerate(value)
        return [_without_unknown(item, child(shape, i), (*path, i), faults, doubtful, kind) for i, item in items]
    if not isinstance(value, dict):
        return value
    section = section_of(shape)
    kept = {}
    for key, item in value.items():
        if section and key not in section.model_fields:
            faults.append(Fault((*path, key), unknown_key(key, section, kind)))
            absent = section.model_fields.keys() - value.keys()
            doubtful |= {(*path, known) for known in absent if did_you_mean(key, [known])}
        else:
            kept[key] = _without_unknown(item, child(shape, key), (*path, key), faults, doubtful, kind)
    return kept


# ---- wrong values ----------------------------------------------------------------------------------------------------


def _faults(value: Any, section: type[Section], doubtful: set[KeyPath]) -> tuple[list[Fault], Any, set[KeyPath]]:
    """What pydantic refuses; `value` without that; and all keys that are doubtful then.

    Doubtful is a key whose value is not known, because what was written is wrong: that it is missing, or a combination
    that names it refused, may only follow from that and is no fault.
    """
    found: list[Fault] = []
    doubtful = set(doubtful)
    while True:
        try:
            section.model_validate(value)
            return found, value, doubtful
        except ValidationError as error:
            details = error.errors(include_url=False)
        wrong: set[KeyPath] = set()
        for detail in details:
            path = _path(detail, value)
            wrong.add(path)
            if is_missing(detail) and path in doubtful:
                continue
            if detail["type"] == "value_error" and _follows(detail, path, doubtful):
                continue
            found.append(Fault(path, message(detail, path, value, section)))
        # Look again without what is wrong: pydantic checks combinations only where every key is right.
        taken = {_droppable(path, value) for path in wrong} - {()}
        if not taken:
            return found, value, doubtful
        doubtful |= taken
        for path in taken:
            value = _without(value, path)


def _path(detail: ErrorDetails, value: Any) -> KeyPath:
    """Where in the recipe the finding is. pydantic's own path may go on with names of types."""
    path: KeyPath = ()
    for key in detail["loc"]:
        if not holds(value, (*path, key)):
            return (*path, key) if is_missing(detail) else path
        path = (*path, key)
    return path


def _follows(detail: ErrorDetails, path: KeyPath, doubtful: set[KeyPath]) -> bool:
    """Whether a refused combination names a key whose value is doubtful."""
    return any(key[:-1] == path and _names(detail["msg"], str(key[-1])) for key in doubtful)


def _names(text: str, key: str) -> bool:
    return re.search(rf"\b{re.escape(key)}\b", text) is not None


def _droppable(path: KeyPath, value: Any) -> KeyPath:
    """The nearest key at or above `path` that can be taken out without renumbering a list."""
    while path and (isinstance(path[-1], int) or not holds(value, path)):
        path = path[:-1]
    return path


def _without(value: Any, path: KeyPath) -> Any:
    if not holds(value, path):  # a key above it is gone already
        return value
    key, rest = path[0], path[1:]
    if isinstance(value, list):
        return [_without(item, rest) if index == key else item for index, item in enumerate(value)]
    return {k: _without(item, rest) if k == key else item for k, item in value.items() if k != key or rest}


# ---- trainings laid over each other ----------------------------------------------------------------------------------


def _training_faults(value: Any, doubtful: set[KeyPath]) -> dict[KeyPath, list[Fault]]:
    """What is wrong with each training that is laid over the recipe's: a method's, and that of pretraining."""
    if not isinstance(value, dict):
        return {}
    common = value["training"] if isinstance(value.get("training"), dict) else {}
    common_faults, *_ = _faults(common, Training, doubtful=_below(doubtful, ("training",)))
    faults: dict[KeyPath, list[Fault]] = {}
    for at, own in _own_trainings(value):
        unsure = _below(doubtful, ("training",)) | _below(doubtful, at)
        for fault in _faults(merge(common, own, Training), Training, unsure)[0]:
            if _concerns(fault, own) or fault not in common_faults:
                faults.setdefault(at, []).append(Fault(at + fault.path, fault.message))
    return faults


def _own_trainings(value: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """The sections `training` below the top level, each with its key."""
    methods = value["methods"] if isinstance(value.get("methods"), dict) else {}
    owners: dict[KeyPath, Any] = {("methods", name): method for name, method in methods.items()}
    owners[("pretraining",)] = value.get("pretraining")
    for path, owner in owners.items():
        if isinstance(owner, dict) and isinstance(owner.get("training"), dict):
            yield (*path, "training"), owner["training"]


def _concerns(fault: Fault, own: dict[str, Any]) -> bool:
    """Whether a fault of a merged training is about what the method itself states."""
    if not holds(own, fault.path):
        return False
    value = reduce(step, fault.path, own)
    return not isinstance(value, dict) or any(_names(fault.message, key) for key in value)


def _below(paths: set[KeyPath], path: KeyPath) -> set[KeyPath]:
    return {other[len(path) :] for other in paths if other[: len(path)] == path}
