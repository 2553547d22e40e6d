"""The protocols that LLM servers speak: requests into their words, their answers out of them."""

from __future__ import annotations

from dragoman.recipe.schema import Synthesis
from dragoman.synthesis.wire.face import Wire
from dragoman.synthesis.wire.gemini import Gemini
from dragoman.synthesis.wire.openai import OpenAI


def make_wire(settings: Synthesis) -> Wire:
    return Gemini() if settings.provider == "gemini" else OpenAI(settings.token_limit_key)
