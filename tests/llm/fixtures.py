"""The server, and an environment that fits it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from llm.server import Server


@pytest.fixture(scope="session")
def listening() -> Iterator[Server]:
    from llm.server import Server

    with Server() as server:
        yield server


@pytest.fixture
def llm(listening: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server, well behaved until a test says otherwise. Its key is in the environment, and no other address."""
    from llm.server import KEY, Manner

    listening.manner = Manner()
    listening.forget()
    for name in ("GOOGLE_API_KEY", "OPENAI_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("OPENAI_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(name, KEY)
    monkeypatch.setenv("NO_PROXY", "*")
    return listening
