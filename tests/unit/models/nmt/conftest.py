from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel

Make = Callable[..., NmtModel]


@pytest.fixture
def make() -> Make:
    """A small model with weights large enough for every part to matter, not training."""

    def make_model(seed: int = 0, **changes: Any) -> NmtModel:
        shape = {
            "vocabulary_size": 37, "d_model": 24, "n_heads": 6, "n_kv_heads": 2, "encoder_layers": 2,
            "decoder_layers": 3, "d_ff": 20, "dropout": 0.3,
        }  # fmt: skip
        torch.manual_seed(seed)
        model = NmtModel(NmtConfig(**{**shape, **changes})).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.dim() == 1:  # norms start as identities
                    parameter.add_(torch.randn_like(parameter) * 0.3)
        return model

    return make_model
