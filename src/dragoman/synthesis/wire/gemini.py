"""Gemini's generateContent.

POST {base}/v1beta/models/{model}:generateContent, the key in the header x-goog-api-key. A 429 may carry
google.rpc.RetryInfo in its details. Thinking is billed as output and draws on the same limit.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from dragoman.synthesis.asks import Ask, Parameters
from dragoman.synthesis.wire.face import Finish, Reply, UnreadableError, merged, whole

_FINISH: dict[str, Finish] = {
    "STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "refusal", "RECITATION": "refusal", "BLOCKLIST": "refusal",
    "PROHIBITED_CONTENT": "refusal", "SPII": "refusal", "LANGUAGE": "refusal",
}  # fmt: skip
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")


class Gemini:
    public = "https://generativelanguage.googleapis.com"
    base_variable = "GOOGLE_GEMINI_BASE_URL"
    key_variables: tuple[str, ...] = ("GEMINI_API_KEY", "GOOGLE_API_KEY")

    def url(self, base: str, model: str) -> str:
        return f"{self.models_url(base, model)}:generateContent"

    def headers(self, key: str | None) -> dict[str, str]:
        return {} if key is None else {"x-goog-api-key": key}

    def body(self, ask: Ask, parameters: Parameters) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "maxOutputTokens": parameters.max_output_tokens,
            "seed": ask.seed,
            "responseMimeType": "application/json",
            "responseJsonSchema": ask.schema,
        }
        if parameters.temperature is not None:
            settings["temperature"] = parameters.temperature
        body = {
            "contents": [{"role": "user", "parts": [{"text": ask.user}]}],
            "systemInstruction": {"parts": [{"text": ask.system}]},
            "generationConfig": settings,
        }
        return merged(body, parameters.options)

    def reply(self, answer: Any) -> Reply:
        if not isinstance(answer, dict) or not (answer.keys() & {"candidates", "promptFeedback", "usageMetadata"}):
            raise UnreadableError("the answer is not Gemini's: it has no candidates")
        usage = answer.get("usageMetadata") or {}
        inputs = whole(usage.get("promptTokenCount"))
        outputs = whole(usage.get("candidatesTokenCount", 0)) if inputs is not None else None
        if outputs is not None:
            outputs += whole(usage.get("thoughtsTokenCount", 0)) or 0
        candidates = answer.get("candidates")
        if not isinstance(candidates, list) or not candidates:  # the prompt itself was refused
            word = str((answer.get("promptFeedback") or {}).get("blockReason", "NO_CANDIDATES"))
            return Reply("", "refusal", word, inputs, outputs)
        first = candidates[0]
        word = str(first.get("finishReason", "FINISH_REASON_UNSPECIFIED"))
        parts = (first.get("content") or {}).get("parts") or []
        text = "".join(str(part.get("text") or "") for part in parts if not part.get("thought"))
        return Reply(text, _FINISH.get(word, "other"), word, inputs, outputs)

    def delay(self, answer: Any) -> float | None:
        for detail in _details(answer):
            found = _SECONDS.fullmatch(str(detail.get("retryDelay", "")))
            if found:
                return float(found[1])
        return None

    def used_up(self, answer: Any) -> bool:
        return False

    def models_url(self, base: str, model: str) -> str:
        return f"{base}/v1beta/models/{quote(model.removeprefix('models/'), safe='')}"

    def others(self, answer: Any, model: str) -> list[str] | None:
        return None  # an unknown model is answered with 404


def _details(answer: Any) -> list[dict[str, Any]]:
    error = answer.get("error") if isinstance(answer, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []
