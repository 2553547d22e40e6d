from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dragoman.objectives.pretraining.token_rules import TokenFilter
from dragoman.recipe.schema import TokenRules
from dragoman.tokenizer.tokenizer import Tokenizer
from dragoman.tokenizer.unigram import train_unigram


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder: Path = tmp_path_factory.mktemp("tokenizer") / "tokenizer"
    train_unigram(["the cat sat on the mat and the dog too"] * 30, folder, vocabulary_size=373, character_coverage=1.0)
    return Tokenizer.load(folder)


def reason(tokenizer: Tokenizer, text: str, **rules: float) -> str | None:
    return TokenFilter(TokenRules.model_validate(rules), tokenizer).reason(np.array(tokenizer.encode(text)))


def test_without_rules_all_stays(tokenizer):
    assert reason(tokenizer, "ж" * 50) is None


def test_length(tokenizer):
    length = len(tokenizer.encode("the cat sat"))
    assert reason(tokenizer, "the cat sat", min_tokens=length, max_tokens=length) is None
    assert reason(tokenizer, "the cat sat", min_tokens=length + 1) == f"fewer than {length + 1} tokens"
    assert reason(tokenizer, "the cat sat", max_tokens=length - 1) == f"more than {length - 1} tokens"


def test_bytes_that_spell_a_letter_are_unknown_tokens(tokenizer):
    assert reason(tokenizer, "the cat ж sat", max_unknown=2) is None  # two bytes
    assert reason(tokenizer, "the cat жж sat", max_unknown=2) == "more than 2 unknown tokens"
    assert reason(tokenizer, "the cat sat", max_unknown=0) is None


def test_mean_id(tokenizer):
    mean = float(np.mean(tokenizer.encode("the cat sat")))
    assert reason(tokenizer, "the cat sat", max_mean_id=mean + 0.5) is None
    assert reason(tokenizer, "the cat sat", max_mean_id=mean - 0.5) == f"mean token id above {mean - 0.5:g}"
