from __future__ import annotations

from pathlib import Path

import pytest
from unit.objectives.pretraining.made import sentences

from dragoman.tokenizer.tokenizer import Tokenizer
from dragoman.tokenizer.unigram import train_unigram


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder: Path = tmp_path_factory.mktemp("vocabulary") / "tokenizer"
    train_unigram(sentences(300), folder, vocabulary_size=400, character_coverage=1.0)
    return Tokenizer.load(folder)
