"""The server itself: HTTP/1.1 on asyncio, fast enough that no client waits for it.

- Gemini: `POST /v1beta/models/MODEL:generateContent`, `GET /v1beta/models/MODEL`
- OpenAI: `POST /v1/chat/completions`, `GET /v1/models`

Which fault a request meets follows from its content, so that it is the same whenever it comes. Faults of the transport
are over after the first tries of a request; those of the content stay. `python -m llm.server` serves in a process of
its own and says its port.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from llm.answers import answer, asked_for, number, pool

KEY, MODEL = "sk-test-0123456789abcdef", "small-1"
TRANSPORT = {"429", "500", "503", "slow", "cut", "drop", "garbage"}
HEADS = {status.value: status.phrase for status in HTTPStatus}


@dataclass
class Manner:
    """How the server behaves.

    faults: of each its share of all requests. tries: how many tries of a request a fault of the transport lasts.
    delay: seconds before each answer. wait: seconds that a 429 asks for. status: what every request is answered with.
    """

    faults: dict[str, float] = field(default_factory=dict)
    tries: int = 1
    delay: float = 0.0
    wait: float = 0.05
    slow: float = 1.0
    status: int | None = None
    message: str = "told so by the test"
    key: str | None = KEY
    model: str = MODEL
    thinking: int = 7
    counts: bool = True  # whether answers say how many tokens they took
    echo: bool = False  # whether errors repeat the key that they were shown


@dataclass(frozen=True)
class Served:
    """A request that came. name: a hash of its body. tokens: (0, 0) where no answer was written."""

    name: str
    at: float
    status: int
    fault: str | None
    tokens: tuple[int, int]


class Server:
    """Listens until it is left as a context. served: all that came, since it was last cleared."""

    def __init__(self, manner: Manner | None = None):
        self.manner = manner or Manner()
        self.served: list[Served] = []
        self.tries: Counter[str] = Counter()
        self.in_flight = self.most_in_flight = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Server:
        pool()
        self._thread.start()
        self._listening = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._listening.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def forget(self) -> None:
        self.served, self.tries = [], Counter()
        self.most_in_flight = 0

    async def _listen(self) -> asyncio.Server:
        server = await self._loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        return server

    # ---- what is answered ----

    def fault_of(self, name: str) -> str | None:
        """The fault that a request meets at its next try."""
        draw, edge = number("fault", name) / 2**64, 0.0
        for fault, part in self.manner.faults.items():
            edge += part
            if draw < edge:
                over = fault in TRANSPORT and self.tries[name] > self.manner.tries
                return None if over else fault
        return None

    def reply(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any, dict[str, str], str | None]:
        """Status, JSON, headers, fault."""
        gemini = path.startswith("/v1beta")
        key = headers.get("x-goog-api-key") if gemini else headers.get("authorization", "").removeprefix("Bearer ")
        refusal = self._refusal(path, gemini, key)
        if refusal is not None or not body:
            return refusal or (200, self._models(path, gemini), {}, None)
        name = hashlib.sha256(body).hexdigest()
        self.tries[name] += 1
        if self.manner.status is not None:
            self._note(name, self.manner.status, None)
            echoed = f" {key}" if self.manner.echo else ""
            return self.manner.status, _error(self.manner.status, self.manner.message + echoed), {}, None
        fault = self.fault_of(name)
        if fault in ("429", "500", "503"):
            self._note(name, int(fault), fault)
            content, more = _error(int(fault), "too much" if fault == "429" else "something broke"), {}
            if fault == "429" and gemini:
                info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{self.manner.wait:g}s"}
                content["error"]["details"] = [info]
            elif fault == "429":
                more = {"Retry-After": f"{self.manner.wait:g}"}
            return int(fault), content, more, fault
        content, tokens = self._answer(json.loads(body), gemini, fault)
        self._note(name, 200, fault, tokens)
        return 200, content, {}, fault

    def _refusal(self, path: str, gemini: bool, key: str | None) -> tuple[int, Any, dict[str, str], None] | None:
        if self.manner.key is not None and key != self.manner.key:
            status = 400 if gemini else 401
            return status, _error(status, "API key not valid" + (f": {key}" if self.manner.echo else "")), {}, None
        known = [f"/v1beta/models/{self.manner.model}", f"/v1beta/models/{self.manner.model}:generateContent"]
        if path not in ([*known] if gemini else ["/v1/models", "/v1/chat/completions"]):
            return 404, _error(404, f"nothing is known of {path}"), {}, None
        return None

    def _models(self, path: str, gemini: bool) -> Any:
        return {"name": path.removeprefix("/v1beta/")} if gemini else {"data": [{"id": self.manner.model}]}

    def _answer(self, asked: dict[str, Any], gemini: bool, fault: str | None) -> tuple[Any, tuple[int, int]]:
        if gemini:
            user = asked["contents"][0]["parts"][0]["text"]
            settings = asked["generationConfig"]
            schema, limit, seed = settings["responseJsonSchema"], settings["maxOutputTokens"], settings["seed"]
        else:
            user = asked["messages"][1]["content"]
            schema, limit, seed = asked["response_format"]["json_schema"]["schema"], asked["max_tokens"], asked["seed"]
        if fault == "length" and asked_for(user) <= 2:
            fault = None
        finish = {"length": "length", "refusal": "refusal"}.get(fault or "", "stop")
        text = json.dumps(answer(user, schema, seed, fault), ensure_ascii=False)
        text = text[: len(text) // 2] if fault in ("length", "truncated") else "" if fault == "refusal" else text
        inputs, outputs = len(user) // 4 + 10, limit if fault == "length" else min(limit, len(text) // 4 + 1)
        return (_gemini if gemini else _openai)(text, finish, inputs, outputs, self.manner), (inputs, outputs)

    def _note(self, name: str, status: int, fault: str | None, tokens: tuple[int, int] = (0, 0)) -> None:
        self.served.append(Served(name, time.monotonic(), status, fault, tokens))


def _gemini(text: str, finish: str, inputs: int, outputs: int, manner: Manner) -> Any:
    thoughts = min(manner.thinking, outputs)
    usage = {"promptTokenCount": inputs, "candidatesTokenCount": outputs - thoughts, "thoughtsTokenCount": thoughts}
    word = {"stop": "STOP", "length": "MAX_TOKENS", "refusal": "SAFETY"}[finish]
    half = len(text) // 2
    parts = [{"text": text[:half]}, {"text": text[half:]}]
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": word}
    return {"candidates": [candidate]} | ({"usageMetadata": usage} if manner.counts else {})


def _openai(text: str, finish: str, inputs: int, outputs: int, manner: Manner) -> Any:
    message = {"role": "assistant", "content": text} | ({"refusal": "I cannot do that."} if finish == "refusal" else {})
    usage = {"prompt_tokens": inputs, "completion_tokens": outputs, "total_tokens": inputs + outputs}
    choice = {"index": 0, "message": message, "finish_reason": "length" if finish == "length" else "stop"}
    return {"object": "chat.completion", "choices": [choice]} | ({"usage": usage} if manner.counts else {})


def _error(status: int, message: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "status": HEADS[status].upper().replace(" ", "_")}}


class _Connection(asyncio.Protocol):
    """One connection: requests one after the other, each whole before it is answered."""

    def __init__(self, server: Server):
        self.server, self.held, self.busy = server, b"", False
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.held += data
        end = self.held.find(b"\r\n\r\n")
        if end < 0:
            return
        lines = self.held[:end].decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(headers.get("content-length", 0))
        if len(self.held) < end + 4 + length:
            return
        body, self.held = self.held[end + 4 : end + 4 + length], self.held[end + 4 + length :]
        self.server.in_flight += 1
        self.server.most_in_flight = max(self.server.most_in_flight, self.server.in_flight)
        path = lines[0].split(" ")[1].partition("?")[0]
        status, content, more, fault = self.server.reply(path, headers, body)
        wait = self.server.manner.delay + (self.server.manner.slow if fault == "slow" else 0.0)
        if wait and body:
            asyncio.get_running_loop().call_later(wait, self.write, status, content, more, fault)
        else:
            self.write(status, content, more, fault)

    def write(self, status: int, content: Any, more: dict[str, str], fault: str | None) -> None:
        self.server.in_flight -= 1
        if fault == "drop" or self.transport.is_closing():
            self.transport.close()
            return
        body = b"<html>bad gateway</html>" if fault == "garbage" else json.dumps(content, ensure_ascii=False).encode()
        extra = "".join(f"{name}: {value}\r\n" for name, value in more.items())
        head = (
            f"HTTP/1.1 {status} {HEADS[status]}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{extra}\r\n"
        )
        if fault == "cut":
            self.transport.write(head.encode() + body[: len(body) // 2])
            self.transport.close()
            return
        self.transport.write(head.encode() + body)


def main() -> None:
    """Serve until standard input ends."""
    with Server(Manner(**json.loads(sys.argv[1] if len(sys.argv) > 1 else "{}"))) as server:
        print(server.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
