"""The files of a run folder, as far as they can be read. What is absent or damaged is noted, and stops nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


class Folder:
    """A run folder. absent: what was asked for and is not there, in words."""

    def __init__(self, path: Path):
        self.path = path
        self.absent: list[str] = []

    def text(self, name: str) -> str | None:
        try:
            return (self.path / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            self.absent.append(name)
        except (OSError, UnicodeDecodeError) as error:
            self.absent.append(f"{name} (cannot be read: {error})")
        return None

    def recipe(self, text: str) -> dict[str, Any]:
        try:
            recipe = YAML(typ="safe", pure=True).load(text)
        except YAMLError:
            self.absent.append("recipe.yaml (damaged)")
            return {}
        return recipe if isinstance(recipe, dict) else {}

    def json(self, name: str) -> dict[str, Any]:
        text = self.text(name)
        try:
            value = json.loads(text) if text is not None else {}
        except ValueError:
            value = None
        if not isinstance(value, dict):
            self.absent.append(f"{name} (damaged)")
            return {}
        return value

    def json_lines(self, name: str) -> list[dict[str, Any]]:
        """Records. A last line that is still being written is no damage."""
        lines = [line for line in (self.text(name) or "").split("\n") if line]
        records = []
        for number, line in enumerate(lines, start=1):
            try:
                records.append(json.loads(line))
            except ValueError:
                if number < len(lines):
                    self.absent.append(f"{name}, line {number} (damaged)")
        return records
