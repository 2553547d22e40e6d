"""What every protocol offers, and what an answer is once it has been read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from dragoman.synthesis.asks import Ask, Parameters

MOST_TOKENS = 10**8  # of one request: what is more is no count
Finish = Literal["stop", "length", "refusal", "other"]  # length: cut off at the limit of tokens


@dataclass(frozen=True, slots=True)
class Reply:
    """text: what should be JSON. word: the server's own for how it ended. Tokens: None where none are counted."""

    text: str
    finish: Finish
    word: str
    input_tokens: int | None
    output_tokens: int | None


class UnreadableError(ValueError):
    """An answer that is not of the protocol: nobody knows what it cost."""


class Wire(Protocol):
    """One protocol. base: the server's address, without a slash at its end."""

    public: str  # the provider's own address
    base_variable: str  # environment variables
    key_variables: tuple[str, ...]

    def url(self, base: str, model: str) -> str:
        """Where requests go."""
        ...

    def headers(self, key: str | None) -> dict[str, str]: ...

    def body(self, ask: Ask, parameters: Parameters) -> dict[str, Any]: ...

    def reply(self, answer: Any) -> Reply:
        """Read the JSON of an answer with status 200. Raises UnreadableError."""
        ...

    def delay(self, answer: Any) -> float | None:
        """Seconds that the JSON of an error asks to wait."""
        ...

    def used_up(self, answer: Any) -> bool:
        """Whether the JSON of an error says that waiting is of no use: the account is empty."""
        ...

    def models_url(self, base: str, model: str) -> str:
        """What can be asked for at no cost, to see whether address, key and model are right."""
        ...

    def others(self, answer: Any, model: str) -> list[str] | None:
        """The models that the answer from there knows, where the one asked for is not among them; else None."""
        ...


def merged(body: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """A body with the recipe's own options laid over it; mappings merge, all else replaces."""
    result = dict(body)
    for name, value in options.items():
        both = isinstance(value, dict) and isinstance(result.get(name), dict)
        result[name] = merged(result[name], value) if both else value
    return result


def error_text(answer: Any) -> str:
    """What the JSON of an error says: both protocols have {"error": {"message": ...}}, some servers less."""
    error = answer.get("error", answer) if isinstance(answer, dict) else answer
    text = error.get("message", error.get("detail")) if isinstance(error, dict) else error
    return " ".join(str(text).split()) if text else ""


def whole(value: Any) -> int | None:
    """A count of tokens, or None for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST_TOKENS else None
