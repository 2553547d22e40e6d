"""A server that misbehaves on request, and recipes that ask it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from llm.server import MODEL, Server
from ruamel.yaml import YAML

from dragoman.recipe.loading import LoadedTexts, load_texts

GRID = {
    "topics": ["food", "travel"], "levels": ["A1", "B1"], "registers": ["neutral"], "lengths": ["short"],
    "pairs_per_request": 5,
}  # fmt: skip
RULES = {"near_duplicate": "off"}


@pytest.fixture
def server(llm: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server, and a client that does not wait long."""
    monkeypatch.setattr("dragoman.synthesis.sending.FIRST_WAIT", 0.01)
    return llm


Load = Callable[..., LoadedTexts]


@pytest.fixture
def load(server: Server, tmp_path: Path) -> Load:
    """A recipe that asks the server for 40 pairs over a small grid; keyword arguments change its synthesis."""

    def make(name: str = "made", seed: int = 1, **changes: Any) -> LoadedTexts:
        gemini = changes.get("provider") == "gemini"
        synthesis: dict[str, Any] = {
            "provider": "openai", "model": MODEL, "base_url": server.url + ("" if gemini else "/v1"),
            "languages": {"source": "de", "target": "en"}, "preset": "pairs-de-en", "rules": RULES, "pairs": 40,
            "prices": {"input": 1.0, "output": 4.0}, "budget": 5.0, "max_output_tokens": 1000,
        }  # fmt: skip
        if "translate" not in changes:
            synthesis["generate"] = GRID
        merged = {key: value for key, value in (synthesis | changes).items() if value is not None}
        file = tmp_path / f"{name}.yaml"
        with open(file, "w", encoding="utf-8") as opened:
            YAML(typ="safe", pure=True).dump({"name": name, "seed": seed, "synthesis": merged}, opened)
        return load_texts(file, section="synthesis")

    return make
