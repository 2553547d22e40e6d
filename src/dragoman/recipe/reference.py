"""The reference page of the recipe, made from the schema: `python -m dragoman.recipe.reference [--check]`.

Run from the project's folder it writes docs/recipe.md; with --check it only says whether that page is current.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from dragoman.base.files import write_text
from dragoman.recipe.schema import Recipe, Section
from dragoman.recipe.shapes import Shape, child, describe, either, in_words, is_kind, key_shape, section_of

PAGE = Path("docs/recipe.md")

MINIMAL = """\
name: my-translator
data:
  train:
    - path: pairs.csv
  template:
    source: "{german}"
    target: "{english}"
"""

INTRODUCTION = f"""\
# The recipe

<!-- Made by `python -m dragoman.recipe.reference` from src/dragoman/recipe/schema/: change it there. -->

A recipe is one YAML file that says everything about a job. This page lists every section and key. What you leave out
keeps its default; `dragoman run` saves the effective recipe, with every key and its value, in the run's folder.

## The smallest recipe

Sentence pairs in `pairs.csv`, in the columns `german` and `english`, become a measured translator:

```yaml
{MINIMAL}```

## How a recipe is read

- **Mistakes are reported together**, each with its line and column:
  `recipe.yaml:12:3: training.epocs: unknown key; did you mean 'epochs'?`
- **Paths** are relative to the recipe's folder. `~` is your home folder and `${{NAME}}` an environment variable; a path
  that begins with a variable whose value is relative starts from the working folder.
- **`--set KEY=VALUE`** changes a key for one run: `--set training.epochs=3`, `--set data.train.0.path=other.csv` (items
  of a list are numbered from 0), `--set 'training.betas=[0.9, 0.95]'`. The value is YAML and replaces what the recipe
  says; keys that exclude it go: `--set training.max_steps=20` takes the place of `epochs`.
- **A method's `training`** is laid over the recipe's: sections merge key by key, lists are replaced, and a key takes
  the place of one that it excludes.
- **Text that begins with `{{`, `[`, `*`, `&`, `!`, `%`, `@`, a quote or a backtick**, or that holds `: `, needs quotes.
  YAML is read as version 1.2: `1e-3` is a number, and `no` is text, such as the code of Norwegian (where only true or
  false fits, `yes` and `no` are understood).

Below, N stands for the number of a list's item, and NAME for a name of your own. A key without a default is null: not
set.
"""


@dataclass
class _Entry:
    """A section on the page: the places where it is used, and what it is for."""

    section: type[Section]
    text: str
    paths: list[str]

    @property
    def words(self) -> list[str]:
        return [word for word in self.paths[0].split(".") if word not in ("", "N", "NAME")]

    @property
    def anchor(self) -> str:
        return ".".join(self.words) or "recipe"


def reference() -> str:
    """The whole page, as Markdown."""
    entries = _entries()
    contents = " · ".join(f"[{entry.anchor}](#{entry.anchor})" for entry in entries.values())
    return "\n".join([INTRODUCTION, f"{contents}\n", *(_section(entry, entries) for entry in entries.values())])


def _entries() -> dict[type[Section], _Entry]:
    """Every section, in the order of the page."""
    entries: dict[type[Section], _Entry] = {}

    def visit(section: type[Section], path: str, text: str) -> None:
        if section in entries:
            entries[section].paths.append(path)
            return
        entries[section] = _Entry(section, inspect.cleandoc(section.__dict__.get("__doc__") or text), [path])
        for name in section.model_fields:
            shape, deeper = key_shape(section, name), f"{path}.{name}".lstrip(".")
            many = is_kind(shape, dict) or is_kind(shape, list)
            found = section_of(child(shape, 0)) if many else section_of(shape)
            if found:
                visit(
                    found,
                    f"{deeper}.{'NAME' if is_kind(shape, dict) else 'N'}" if many else deeper,
                    describe(section, name),
                )

    visit(Recipe, "", "")
    return entries


def _section(entry: _Entry, entries: dict[type[Section], _Entry]) -> str:
    heading = f"`{entry.paths[0]}`" if entry.words else "The top level"
    lines = [f'<a id="{entry.anchor}"></a>', "", f"{'#' * min(3, 1 + max(1, len(entry.words)))} {heading}", ""]
    lines += [_escape(entry.text), ""]
    if others := entry.paths[1:]:
        lines += [f"The same keys go into {' and '.join(f'`{path}`' for path in others)}.", ""]
    if entry.section.alternatives:
        lines += [f"Use one: {either([_group(group) for group in entry.section.alternatives])}.", ""]
    lines += ["| Key | Value | Default | What it is for |", "|---|---|---|---|"]
    for name, field in entry.section.model_fields.items():
        words = _linked(key_shape(entry.section, name), entries)
        lines.append(f"| `{name}` | {words} | {_default(field)} | {_escape(field.description or '')} |")
    return "\n".join([*lines, ""])


def _group(keys: tuple[str, ...]) -> str:
    first, *rest = (f"`{key}`" for key in keys)
    return f"{first} (with {', '.join(rest)})" if rest else first


def _linked(shape: Shape, entries: dict[type[Section], _Entry]) -> str:
    words = _escape(in_words(shape, quote="`"))
    section = section_of(shape) or section_of(child(shape, 0))
    return re.sub(r"sections?", rf"[\g<0>](#{entries[section].anchor})", words, count=1) if section else words


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    if field.default is None:
        return ""
    text = _flow(field.default)
    return "its own defaults" if isinstance(field.default, Section) and text == "{}" else f"`{text}`"


def _flow(value: Any) -> str:
    """A default as YAML on one line; of a section what differs from its own defaults."""
    if isinstance(value, Section):
        value = value.model_dump(exclude_unset=True)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) and value.startswith("{") else str(value)


def _escape(text: str) -> str:
    """Text as Markdown shows it unchanged; what stands between backticks is code already."""
    pieces = text.split("`")
    pieces[::2] = [re.sub(r"([*|]|\b_|_\b)", r"\\\1", piece.replace("<", "&lt;")) for piece in pieces[::2]]
    return "`".join(pieces)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m dragoman.recipe.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the page is out of date")
    page = reference()
    if not parser.parse_args(arguments).check:
        write_text(PAGE, page)
        print(f"wrote {PAGE}")
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page:
        print(f"{PAGE} is out of date: run python -m dragoman.recipe.reference", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
