"""What is asked of a model, in words that belong to no protocol; and the name of a request: a hash of all of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from dragoman.recipe.schema import Synthesis


@dataclass(frozen=True, slots=True)
class Ask:
    """version: of the prompt's wording. schema: of the answer, as JSON Schema. seed: 31 bits, for the server's dice."""

    version: str
    system: str
    user: str
    schema: dict[str, Any]
    seed: int


@dataclass(frozen=True)
class Parameters:
    """What all requests of a run have in common."""

    model: str
    temperature: float | None
    max_output_tokens: int
    options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Synthesis) -> Parameters:
        return cls(settings.model, settings.temperature, settings.max_output_tokens, dict(settings.options))


def request_id(ask: Ask, parameters: Parameters) -> str:
    """32 hexadecimal digits. Server, prices, budget and rates are no part of it: the same is never asked twice."""
    content = [
        ask.version, ask.system, ask.user, ask.schema, ask.seed,
        parameters.model, parameters.temperature, parameters.max_output_tokens, parameters.options,
    ]  # fmt: skip
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
