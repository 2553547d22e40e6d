from __future__ import annotations

from collections.abc import Callable

import pytest
from unit.models.tiny import make_tiny

from dragoman.models.pretrained import PretrainedModel

Tiny = Callable[..., PretrainedModel]


@pytest.fixture
def tiny() -> Tiny:
    return make_tiny
