from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from unit.models.tiny import KINDS, V, shake, tokenizer_of

from dragoman.models.pretrained import PretrainedModel

Tiny = Callable[..., PretrainedModel]


@pytest.fixture
def tiny() -> Tiny:
    def make(kind: str, seed: int = 0, **changes: Any) -> PretrainedModel:
        torch.manual_seed(seed)
        return shake(PretrainedModel.random({**KINDS[kind], **changes}, tokenizer_of(V)))

    return make
