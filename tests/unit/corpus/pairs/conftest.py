from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dragoman.recipe.loading import LoadedTexts, load_texts
from dragoman.recipe.schema import PairFilter


@pytest.fixture
def filter_of() -> Callable[..., PairFilter]:
    """A filter for German and English without language identification, with some rules changed."""

    def make(**rules: object) -> PairFilter:
        return PairFilter.model_validate({"preset": "pairs-de-en", "rules": {"language": "off", **rules}})

    return make


@pytest.fixture
def load_pairs(tmp_path: Path) -> Callable[..., LoadedTexts]:
    """A recipe of this text, in a folder of its own."""

    def load(text: str, *overrides: str) -> LoadedTexts:
        (tmp_path / "pairs.yaml").write_text(text, encoding="utf-8")
        return load_texts(tmp_path / "pairs.yaml", overrides, section="pairs")

    return load
