"""The effective recipe as YAML: every key with its value, so that a run says all that it was made with."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode, SequenceNode
from ruamel.yaml.representer import SafeRepresenter

from dragoman.recipe.paths import absolute_text, is_path
from dragoman.recipe.schema import A_HUB_NAME, A_PATH, CorpusRecipe, Recipe
from dragoman.recipe.shapes import Shape, child, parts

HEADER = "# The effective recipe: every key with its value.\n"


def effective(recipe: Recipe | CorpusRecipe, folder: Path) -> str:
    """The whole recipe as YAML text, keys in the schema's order. `folder`: where its relative paths start from.

    It loads again, from any folder, to an equal recipe, but for the relative paths, which are absolute now.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 1 << 20  # never folds a line
    text = io.StringIO()
    yaml.dump(_plain(recipe.model_dump(), type(recipe), folder), text)
    return HEADER + text.getvalue()


def _plain(value: Any, shape: Shape, folder: Path) -> Any:
    """Values that YAML has, with absolute paths."""
    if isinstance(value, dict):
        return {key: _plain(item, child(shape, key), folder) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, child(shape, index), folder) for index, item in enumerate(value)]
    marks = [mark for part in parts(shape) for mark in part.marks]
    if isinstance(value, str) and (A_PATH in marks or (A_HUB_NAME in marks and is_path(value))):
        return absolute_text(value, folder)
    return value


class _Representer(SafeRepresenter):
    """Mappings in block style; lists of plain values on one line; nothing is an alias.

    Text with control characters or odd separators is escaped: as it is, a reader could take it for a line's end.
    """

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_list(self, data: Any) -> SequenceNode:
        plain = not any(isinstance(item, dict | list) for item in data)
        return self.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=plain)

    def represent_str(self, data: Any) -> ScalarNode:
        style = None if str(data).isprintable() else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Representer.add_representer(str, _Representer.represent_str)
_Representer.add_representer(list, _Representer.represent_list)
