"""Paths as a recipe writes them: `pairs.tsv`, `../data/pairs.tsv`, `~/pairs.tsv`, `${CORPUS}/pairs.tsv`."""

from __future__ import annotations

import os
import re
from pathlib import Path

from dragoman.base.errors import RequestError

_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def resolve_path(text: str, folder: Path) -> Path:
    """The absolute path that `text` means in a recipe of `folder`.

    `${NAME}` is replaced by an environment variable. What is relative then starts from the recipe's folder; but a path
    that begins with a variable was completed by the user's shell, so it starts from the working folder.
    Raises RequestError where a variable is not set.
    """

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise RequestError(f"'{found[0]}' is no environment variable: write it as ${{NAME}}", where=text)
        if not os.environ.get(name):
            raise RequestError(
                f"the environment variable {name} is not set",
                where=text,
                hint=f"set it (export {name}=/the/folder), or write the path itself into the recipe",
            )
        return os.environ[name]

    expanded = _VARIABLE.sub(value, text)
    path = Path(expanded).expanduser() if expanded == "~" or expanded.startswith("~/") else Path(expanded)
    path = (Path.cwd() if _VARIABLE.match(text) else folder) / path
    # Without ".." for people to read; a link in the last place keeps its name, which may tell the format.
    return path.parent.resolve() / path.name


def absolute_text(text: str, folder: Path) -> str:
    """The path as text that means the same in a recipe of any folder. Variables and `~` stay as they are written."""
    if _VARIABLE.match(text) or text == "~" or text.startswith(("~/", "/")):
        return text
    return f"{folder.resolve()}/{text}" if _VARIABLE.search(text) else str(resolve_path(text, folder))


def is_path(text: str) -> bool:
    """Whether text that may be a name on the hub or a path is a path."""
    return text.startswith((".", "/", "~", "$"))
