from __future__ import annotations

from collections.abc import Sequence

import pytest


class Words:
    """A token is a word; its id is its length plus 2."""

    pad_id, eos_id, unk_id, vocabulary_size = 0, 1, 2, 100

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        return [[len(word) + 2 for word in text.split()] for text in texts]


@pytest.fixture
def words() -> Words:
    return Words()
