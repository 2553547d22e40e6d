from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dragoman.base.errors import RequestError
from dragoman.recipe.loading import Loaded, load_recipe

Load = Callable[..., Loaded]
Lines = Callable[..., list[str]]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Loads a text as recipe.yaml, which lies in the working folder."""
    monkeypatch.chdir(tmp_path)

    def load_text(text: str | bytes, *overrides: str) -> Loaded:
        Path("recipe.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_recipe(Path("recipe.yaml"), list(overrides))

    return load_text


@pytest.fixture
def lines(load: Load) -> Lines:
    """The lines of the error that a text gives."""

    def error_lines(text: str | bytes, *overrides: str) -> list[str]:
        with pytest.raises(RequestError) as error:
            load(text, *overrides)
        return str(error.value).split("\n")

    return error_lines
