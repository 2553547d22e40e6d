"""OpenAI's chat completions, which vLLM, llama.cpp and Ollama speak too.

POST {base}/chat/completions, the key as a bearer token. The schema is strict: no key beyond those that it names.
"""

from __future__ import annotations

from typing import Any

from dragoman.synthesis.asks import Ask, Parameters
from dragoman.synthesis.wire.face import Finish, Reply, UnreadableError, merged, whole

_FINISH: dict[str, Finish] = {"stop": "stop", "length": "length", "content_filter": "refusal"}


class OpenAI:
    """limit_key: what the server calls the most tokens of an answer."""

    public = "https://api.openai.com/v1"
    base_variable = "OPENAI_BASE_URL"
    key_variables: tuple[str, ...] = ("OPENAI_API_KEY",)

    def __init__(self, limit_key: str = "max_tokens"):
        self.limit_key = limit_key

    def url(self, base: str, model: str) -> str:
        return f"{base}/chat/completions"

    def headers(self, key: str | None) -> dict[str, str]:
        return {} if key is None else {"Authorization": f"Bearer {key}"}

    def body(self, ask: Ask, parameters: Parameters) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": parameters.model,
            "messages": [{"role": "system", "content": ask.system}, {"role": "user", "content": ask.user}],
            self.limit_key: parameters.max_output_tokens,
            "seed": ask.seed,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": ask.schema},
            },
        }
        if parameters.temperature is not None:
            body["temperature"] = parameters.temperature
        return merged(body, parameters.options)

    def reply(self, answer: Any) -> Reply:
        choices = answer.get("choices") if isinstance(answer, dict) else None
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            raise UnreadableError("the answer is not of OpenAI's protocol: it has no choices")
        message, usage = choices[0].get("message") or {}, answer.get("usage") or {}
        counts = whole(usage.get("prompt_tokens")), _written(usage)
        word = str(choices[0].get("finish_reason"))
        if message.get("refusal"):
            return Reply(str(message["refusal"]), "refusal", "refusal", *counts)
        return Reply(str(message.get("content") or ""), _FINISH.get(word, "other"), word, *counts)

    def delay(self, answer: Any) -> float | None:
        return None  # it stands in the header Retry-After

    def used_up(self, answer: Any) -> bool:
        error = answer.get("error") if isinstance(answer, dict) else None
        return isinstance(error, dict) and "insufficient_quota" in (error.get("code"), error.get("type"))

    def models_url(self, base: str, model: str) -> str:
        return f"{base}/models"

    def others(self, answer: Any, model: str) -> list[str] | None:
        """Ollama lists "name:latest" for "name"."""
        listed = answer.get("data") if isinstance(answer, dict) else None
        entries = listed if isinstance(listed, list) else []
        names = [str(one["id"]) for one in entries if isinstance(one, dict) and "id" in one]
        return None if not names or {model, f"{model}:latest"} & set(names) else names


def _written(usage: dict[str, Any]) -> int | None:
    """Tokens of output. Some servers leave thinking out of their count of it, and not out of the total."""
    inputs, outputs, both = (whole(usage.get(f"{name}_tokens")) for name in ("prompt", "completion", "total"))
    return outputs if inputs is None or outputs is None or both is None else max(outputs, both - inputs)
