"""A YAML text as plain values, and where each of them stands in it.

YAML 1.2: `no` is text, `1e-3` a number. Keys are text however they look (a test set may be called 2016), dates are
text, anchors and `<<` work. What a recipe has no use for (custom tags, keys that are no words) is a problem.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import ReusedAnchorWarning
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

KeyPath = tuple[str | int, ...]
MOST_VALUES = 20_000  # aliases of aliases can unfold a short text into more than any memory holds

YAML_TAG = "tag:yaml.org,2002:"
PLAIN_TAGS = {YAML_TAG + kind for kind in ("str", "timestamp", "merge", "value", "map", "seq")} | {"!", "?"}


def step(value: Any, key: str | int) -> Any:
    """One key deeper into plain values. Raises LookupError where there is no such key or item."""
    if isinstance(value, dict) or (isinstance(value, list) and isinstance(key, int)):
        return value[key]  # type: ignore[index]
    raise LookupError(key)


def holds(value: Any, path: KeyPath) -> bool:
    """Whether `path` leads to something in plain values."""
    try:
        reduce(step, path, value)
    except LookupError:
        return False
    return True


def dotted(path: Iterable[str | int]) -> str:
    return ".".join(str(key) for key in path)


@dataclass(frozen=True, order=True)
class Place:
    """Where something was written: a line and column of a file, or an option of the command line."""

    order: tuple[int, int, int]  # places sort as they are read: first the file, then the options
    text: str = field(compare=False)
    key: str = field(default="", compare=False)  # the key that the text itself names

    @classmethod
    def in_file(cls, file: str, line: int, column: int) -> Place:
        return cls((0, line, column), f"{file}:{line}:{column}")

    @classmethod
    def of_option(cls, number: int, text: str, key: str) -> Place:
        return cls((1, number, 0), f"--set {text}", key)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a recipe, as a line to print: "recipe.yaml:12:5: training.epocs: unknown key"."""

    place: Place
    path: KeyPath
    message: str
    unreachable: bool = False  # whether only the network is to blame

    def __str__(self) -> str:
        key = dotted(self.path)
        return (
            f"{self.place.text}: {self.message}"
            if key in ("", self.place.key)
            else f"{self.place.text}: {key}: {self.message}"
        )


@dataclass(frozen=True)
class Tree:
    """Plain values (dict, list, str, int, float, bool, None) and the place of each key and item."""

    value: Any
    places: dict[tuple[str, ...], Place]
    problems: list[Problem]

    def place(self, path: Iterable[str | int]) -> Place:
        """Where `path` stands, or else the nearest key above it."""
        keys = tuple(str(key) for key in path)
        while keys not in self.places:
            keys = keys[:-1]
        return self.places[keys]

    def last_given(self, path: Iterable[str | int]) -> Place:
        """The last option of the command line that gave `path` or something in it; without one, its place."""
        keys = tuple(str(key) for key in path)
        options = (place for at, place in self.places.items() if place.key and at[: len(keys)] == keys)
        return max(options, default=self.place(keys))


def read_tree(text: str, origin: str | Place) -> Tree:
    """Parse one YAML document; an empty one has the value None. origin: the name of the file, or one place for it all.

    Raises ruamel's YAMLError on what is no YAML (recipe.syntax puts it in words), and RecursionError.
    """
    yaml = YAML(typ="safe", pure=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReusedAnchorWarning)  # YAML allows it: the later one counts
        node = yaml.compose(text)
    builder = _Builder(yaml.constructor, origin)
    return Tree(None if node is None else builder.build(node, ()), builder.places, builder.problems)


class _Builder:
    """Turns nodes into values, and notes places and problems on the way."""

    def __init__(self, constructor: Any, origin: str | Place):
        self.constructor, self.origin = constructor, origin
        self.places: dict[tuple[str, ...], Place] = {
            (): origin if isinstance(origin, Place) else Place.in_file(origin, 1, 1)
        }
        self.problems: list[Problem] = []

    def place_of(self, node: Node) -> Place:
        mark = node.start_mark
        return (
            self.origin
            if isinstance(self.origin, Place)
            else Place.in_file(self.origin, mark.line + 1, mark.column + 1)
        )

    def refuse(self, node: Node, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(self.place_of(node), path, message))

    def build(self, node: Node, path: KeyPath) -> Any:
        if len(self.places) > MOST_VALUES:
            raise RecursionError
        if isinstance(node, ScalarNode):
            return self.scalar(node, path)
        if str(node.tag) not in PLAIN_TAGS:
            self.refuse(node, path, f"a recipe has no tags such as {_shown_tag(node)}")
        if isinstance(node, SequenceNode):
            return self.sequence(node, path)
        assert isinstance(node, MappingNode)
        return self.mapping(node, path)

    def scalar(self, node: ScalarNode, path: KeyPath) -> Any:
        tag = str(node.tag)
        if tag in PLAIN_TAGS:
            return node.value
        construct = getattr(self.constructor, f"construct_yaml_{tag.removeprefix(YAML_TAG)}", None)
        if tag.removeprefix(YAML_TAG) not in ("null", "bool", "int", "float") or construct is None:
            self.refuse(node, path, f"a recipe has no tags such as {_shown_tag(node)}")
            return node.value
        try:
            return construct(node)
        except (ValueError, KeyError):  # "!!int ten", or thousands of digits
            return node.value

    def sequence(self, node: SequenceNode, path: KeyPath) -> list[Any]:
        for index, item in enumerate(node.value):
            self.places[(*map(str, path), str(index))] = self.place_of(item)
        return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]

    def mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, item in self.pairs(node, path):
            self.places[(*map(str, path), key.value)] = self.place_of(key)
            values[key.value] = self.build(item, (*path, key.value))
        return values

    def pairs(self, node: MappingNode, path: KeyPath) -> list[tuple[ScalarNode, Node]]:
        """A mapping's own keys, each once, then those that `<<` adds."""
        own: dict[str, tuple[ScalarNode, Node]] = {}
        added: list[Node] = []
        for key, item in node.value:
            if not isinstance(key, ScalarNode):
                self.refuse(key, path, "a key is one word, not a list or a mapping")
            elif str(key.tag) == YAML_TAG + "merge":
                added += item.value if isinstance(item, SequenceNode) else [item]
            elif key.value in own:
                first = (
                    f", first on line {own[key.value][0].start_mark.line + 1}" if isinstance(self.origin, str) else ""
                )
                self.refuse(key, (*path, key.value), "this key is given twice" + first)
            else:
                own[key.value] = (key, item)
        for other in added:
            if isinstance(other, MappingNode):
                for key, item in self.pairs(other, path):
                    own.setdefault(key.value, (key, item))
            else:
                self.refuse(other, path, "'<<' adds the keys of a mapping; this is none")
        return list(own.values())


def _shown_tag(node: Node) -> str:
    return str(node.tag).replace(YAML_TAG, "!!")
