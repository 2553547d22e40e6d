"""`--set training.epochs=3`: keys of a recipe, given on the command line.

A value is YAML and takes the place of what stood there. It also takes away what it excludes: max_steps replaces epochs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ruamel.yaml.error import YAMLError

from dragoman.base.errors import did_you_mean
from dragoman.recipe.merging import without_alternatives
from dragoman.recipe.schema import Recipe, Section
from dragoman.recipe.shapes import Shape, child, has_free_names, is_kind, section_of
from dragoman.recipe.syntax import explain
from dragoman.recipe.tree import KeyPath, Place, Problem, Tree, dotted, holds, read_tree, step


class _RefusalError(Exception):
    """An override that fits nowhere, in words."""


def override(tree: Tree, options: Sequence[str], kind: type[Section] = Recipe) -> Tree:
    """The tree with each "key.path=value" applied in turn. What cannot be applied is among its problems."""
    for number, option in enumerate(options):
        key, equals, text = option.partition("=")
        place = Place.of_option(number, option, key)
        try:
            if not equals or not all(key.split(".")):
                raise _RefusalError("write it as KEY=VALUE, such as training.epochs=3")
            tree = _apply(tree, key, read_tree(text, place), place, kind)
        except _RefusalError as refused:
            tree.problems.append(Problem(place, (), str(refused)))
        except YAMLError as error:
            tree.problems.append(Problem(place, (), explain(error, text)[2]))
        except RecursionError:
            tree.problems.append(Problem(place, (), "the value is nested too deeply"))
    return tree


def _apply(tree: Tree, key: str, new: Tree, place: Place, kind: type[Section]) -> Tree:
    path = _find(tree.value, key.split("."), kind)
    names = tuple(str(name) for name in path)
    places = {at: old for at, old in tree.places.items() if at[: len(names)] != names}
    for length in range(1, len(names)):
        places.setdefault(names[:length], place)  # the sections that this option is the first to name
    places |= {(*names, *at): place for at in new.places}
    problems = [Problem(place, (), problem.message) for problem in new.problems]
    return Tree(_put(tree.value, path, kind, new.value), places, tree.problems + problems)


def _find(value: Any, words: list[str], shape: Shape) -> KeyPath:
    """The key path that the dotted words mean here: items of lists by number, names that hold dots as they are."""
    path: KeyPath = ()
    while words:
        if isinstance(value, list):
            key: str | int = _number(words[0], len(value), path)
            taken = 1
        elif value is None or isinstance(value, dict):
            key, taken = _name(words, value or {}, shape, path)
        else:
            raise _RefusalError(f"{dotted(path)} has one value and no keys")
        path, words = (*path, key), words[taken:]
        shape = child(shape, key)
        value = step(value, key) if holds(value, (key,)) else None
    return path


def _name(words: list[str], known: dict[str, Any], shape: Shape, path: KeyPath) -> tuple[str, int]:
    """The next key, and how many words it takes."""
    if is_kind(shape, list):
        raise _RefusalError(f"the recipe does not state {dotted(path)}: set the whole list")
    taken = next((count for count in range(len(words), 1, -1) if ".".join(words[:count]) in known), 1)
    name = ".".join(words[:taken])
    new = has_free_names(shape) and name not in known and len(words) > taken
    if new and (hint := did_you_mean(name, known)):
        whole = dotted((*path, name))
        raise _RefusalError(f"{dotted(path)} has no '{name}'; {hint} (to add one, set it whole: {whole}={{...}})")
    return name, taken


def _number(word: str, length: int, path: KeyPath) -> int:
    if not word.isdecimal():
        raise _RefusalError(f"{dotted(path)} is a list: name an item by its number, such as {dotted(path)}.0")
    if int(word) >= length:
        held = "is empty" if not length else "has only item 0" if length == 1 else f"has items 0 to {length - 1}"
        raise _RefusalError(f"{dotted(path)} {held}")
    return int(word)


def _put(value: Any, path: KeyPath, shape: Shape, new: Any) -> Any:
    """A copy of `value` with `new` at `path`; alternatives of the keys on the path are gone."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    deeper = child(shape, key)
    if isinstance(value, list):
        return [_put(item, rest, deeper, new) if index == key else item for index, item in enumerate(value)]
    kept = dict(value or {})
    if (section := section_of(shape)) and new is not None:
        kept = without_alternatives(kept, [str(key)], section)
    return {**kept, key: _put(kept.get(key), rest, deeper, new)}
