"""Reading a recipe file: the recipe, or everything that is wrong with it in one error."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from itertools import pairwise
from pathlib import Path

from ruamel.yaml.error import YAMLError

from dragoman.base.errors import DragomanError, RequestError, UnreachableError, did_you_mean
from dragoman.recipe.checking import check
from dragoman.recipe.overrides import override
from dragoman.recipe.schema import CorpusRecipe, Recipe
from dragoman.recipe.shapes import child
from dragoman.recipe.syntax import explain
from dragoman.recipe.tree import KeyPath, Place, Problem, Tree, read_tree

LARGEST = 1 << 20  # bytes: far above any recipe, far below most data
# sections that make text, with their verbs
TEXT_VERBS = {
    "corpus": "clean",
    "pairs": "pairs",
    "synthesis": "synthesize",
}


@dataclass(frozen=True)
class LoadedTexts:
    """A valid recipe of either kind, and where each of its keys was written."""

    recipe: Recipe | CorpusRecipe
    path: Path
    tree: Tree = field(repr=False)
    options: tuple[str, ...] = ()  # what the command line set
    doubtful: frozenset[KeyPath] = frozenset()  # keys whose values are unknown: only while problems are looked for

    def doubts(self, key: str | Sequence[str | int]) -> bool:
        """Whether the value of a key, or of something in it, is unknown."""
        path = _path(key)
        return any(path[: len(other)] == other[: len(path)] for other in self.doubtful)

    @property
    def arguments(self) -> str:
        """The recipe and its options as words of a command line."""
        words = [str(self.path), *(word for option in self.options for word in ("--set", option))]
        return shlex.join(words)

    @property
    def folder(self) -> Path:
        """The recipe's folder, absolute: what its relative paths start from."""
        return self.path.resolve().parent

    def place(self, key: str | Sequence[str | int]) -> Place:
        """Where a key ("training.epochs", or its parts where names hold dots) or the nearest key above it stands."""
        return self.tree.place(_path(key))

    def position(self, key: str | Sequence[str | int]) -> str:
        """`place` as text: "recipe.yaml:12:5", or "--set training.epochs=3" where the command line gave it."""
        return self.place(key).text

    def problem(self, key: str | Sequence[str | int], message: str) -> Problem:
        """Something wrong with a key that only shows later, for `refuse`."""
        path = _path(key)
        return Problem(self.place(path), path, message)

    def fault(self, key: KeyPath, error: RequestError) -> Problem:
        """What is wrong with the value of a key, by the error that it led to."""
        return Problem(self.tree.last_given(key), key, str(error), isinstance(error, UnreachableError))

    @contextmanager
    def located(self) -> Iterator[None]:
        """Let an error that names a key, such as "data.train", say where in the file that key stands."""
        try:
            yield
        except DragomanError as error:
            if error.where is not None and reduce(child, error.where.split("."), type(self.recipe)) is not None:
                problem = self.problem(error.where, "")
                error.where = str(problem).removesuffix(": ")
            raise


@dataclass(frozen=True)
class Loaded(LoadedTexts):
    """A valid recipe of a model."""

    recipe: Recipe


def _path(key: str | Sequence[str | int]) -> KeyPath:
    """A key as its parts, however it was given."""
    return tuple(key.split(".")) if isinstance(key, str) else tuple(key)


Finder = Callable[[Loaded], Sequence[Problem]]


def load_recipe(path: Path, overrides: Sequence[str] = (), find_more: Finder | None = None) -> Loaded:
    """Read the recipe of a model, with "training.epochs=3" and the like from the command line laid over it.

    find_more: where something is wrong, what else is wrong with the rest, which the schema alone does not show.
    Raises one RequestError that lists every problem on a line of its own, in the order of the file.
    """
    tree = _read(path)
    if _kind(tree, overrides) is CorpusRecipe:
        raise RequestError("makes text and no model: it has no data", where=str(path), hint=_verbs(path, tree.value))
    tree = override(tree, overrides)
    problems, recipe, doubtful = check(tree, Recipe)
    problems = tree.problems + problems
    if problems and recipe is not None and find_more is not None:
        problems += find_more(Loaded(recipe, path, tree, tuple(overrides), doubtful))
    if problems or recipe is None:
        raise refusal(problems, path)
    return Loaded(recipe, path, tree, tuple(overrides))


def makes_no_model(path: Path, overrides: Sequence[str] = ()) -> bool:
    """Whether a recipe has sections that make text and nothing else. Raises RequestError for what is no recipe."""
    return _kind(_read(path), overrides) is CorpusRecipe


def load_texts(
    path: Path, overrides: Sequence[str] = (), *, section: str | None = None, or_section: str = ""
) -> LoadedTexts:
    """Read a recipe of either kind for what one of its sections, "corpus", "pairs" or "synthesis", makes.

    section: None for all that it has. or_section: another one that will do. Raises RequestError as load_recipe does,
    and where the recipe has no such section.
    """
    tree = _read(path)
    kind = _kind(tree, overrides)
    tree = override(tree, overrides, kind)
    problems, recipe, _ = check(tree, kind)
    problems = tree.problems + problems
    if problems or recipe is None:
        raise refusal(problems, path)
    if section is not None and all(getattr(recipe, name) is None for name in {section, or_section or section}):
        hint = _verbs(path, tree.value) or "docs/recipe.md describes it"
        raise RequestError(f"has no section {section}", where=str(path), hint=hint)
    return LoadedTexts(recipe, path, tree, tuple(overrides))


def _kind(tree: Tree, overrides: Sequence[str]) -> type[Recipe | CorpusRecipe]:
    """Without `data`, or another key that only a model needs, a recipe with a section that makes text makes no more."""
    stated = {*tree.value, *(option.partition("=")[0].partition(".")[0] for option in overrides)}
    of_a_model = stated & (Recipe.model_fields.keys() - CorpusRecipe.model_fields.keys())
    if of_a_model or any(did_you_mean(key, ["data"]) for key in stated) or not stated & TEXT_VERBS.keys():
        return Recipe
    return CorpusRecipe


def _verbs(path: Path, sections: Iterable[str]) -> str | None:
    """The commands that work on the sections of a recipe that make text."""
    commands = [f"dragoman corpus {verb} {path}" for name, verb in TEXT_VERBS.items() if name in sections]
    return f"use {' or '.join(commands)}" if commands else None


def refusal(problems: Sequence[Problem], path: Path) -> RequestError:
    """One error for all problems of a recipe: an UnreachableError where the network alone is to blame for them."""
    lines = [str(problem) for problem in sorted(problems, key=lambda problem: problem.place)]
    for i, (line, following) in enumerate(pairwise(lines)):  # advice for several problems in a row is given once
        said, _, advice = line.partition("\n")
        lines[i] = said if advice and following.endswith(f"\n{advice}") else line
    if len(lines) > 1:
        lines.insert(0, f"{path} has {len(lines)} problems:")
    kind = UnreachableError if all(problem.unreachable for problem in problems) else RequestError
    return kind("\n".join(lines))


def _read(path: Path) -> Tree:
    """The file as a mapping of keys. Raises RequestError on all that is none."""
    text = _text(path)
    try:
        tree = read_tree(text, str(path))
    except YAMLError as error:
        line, column, words = explain(error, text)
        raise refusal([Problem(Place.in_file(str(path), line, column), (), words)], path) from None
    except RecursionError:
        raise RequestError("too many values, or values nested too deeply or in themselves", where=str(path)) from None
    if tree.value is None:
        raise RequestError("the recipe is empty", where=str(path), hint="the least it needs is a name and data.train")
    if not isinstance(tree.value, dict):
        kind = "a list" if isinstance(tree.value, list) else "only text"
        raise RequestError(f"a recipe is made of 'key: value' lines; this is {kind}", where=f"{path}:1:1")
    return tree


def _text(path: Path) -> str:
    """The text of the file. Raises RequestError on all that is no file of UTF-8 text."""
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise RequestError("this is a folder, not a recipe", where=str(path), hint=_recipes_in(path))
        if size > LARGEST:
            raise RequestError(f"too large for a recipe ({size / 1e6:.1f} MB); is it a data file?", where=str(path))
        content = path.read_bytes()
    except FileNotFoundError:
        names = [file.name for file in path.parent.glob("*.y*ml")]
        hint = did_you_mean(path.name, names) or _recipes_in(path.parent)
        raise RequestError("there is no such file", where=str(path), hint=hint) from None
    except OSError as error:
        raise RequestError(f"cannot be read: {(error.strerror or str(error)).lower()}", where=str(path)) from None
    if b"\0" in content:
        raise RequestError("this is a binary file, not a recipe", where=str(path))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise RequestError(
            f"byte 0x{content[error.start]:02x} is not UTF-8",
            where=f"{path}:{line}:{column}",
            hint="save the file with UTF-8 encoding",
        ) from None


def _recipes_in(folder: Path) -> str | None:
    names = sorted(file.name for file in folder.glob("*.y*ml"))[:5]
    return f"there is {', '.join(names)} in {folder}" if names else None
