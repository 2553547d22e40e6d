"""The server: where it is, whether it will have us, and what one request over HTTP comes to.

- The key is read from the environment, goes into a header, and nowhere else: it is taken out of what a server says,
  should it repeat it.
- What may have cost something although no answer came is told apart from what cannot have.
"""

from __future__ import annotations

import asyncio
import email.utils
import json
import os
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from dragoman import __version__
from dragoman.base.errors import DragomanError, RequestError, UnreachableError, did_you_mean
from dragoman.recipe.schema import Synthesis
from dragoman.recipe.schema.synthesis import address_fault
from dragoman.synthesis.connection import VARIABLES, Connection, connections, proxy_for, shown
from dragoman.synthesis.wire import make_wire
from dragoman.synthesis.wire.face import Reply, UnreadableError, error_text

if TYPE_CHECKING:
    import httpx

AGENT = f"dragoman/{__version__}"
PATIENCE = 20.0  # seconds for a first look at the server
REDACTED = "[key]"
SECRET = 12  # characters: what is shorter ("EMPTY", "ollama") may well stand in an answer, and stays there
SAID, LOOKED_AT = 300, 10_000  # characters of an error that are told; bytes of what is no JSON
# Statuses with which a server, or one between it and us, may break off what it has begun.
DOUBTFUL = {408, 502, 504, 520, 522, 524}
HOPELESS = {401, 402, 403, 404, 405, 407}


@dataclass(frozen=True, slots=True)
class Trouble:
    """No answer. free: it cannot have cost anything. delay: seconds that the server asks to wait.

    kind: again (worth another try), declined (this request will not do), hopeless (no request will).
    """

    kind: Literal["again", "declined", "hopeless"]
    text: str
    free: bool = True
    delay: float | None = None


class Server:
    """One server, as a recipe and the environment name it. Raises RequestError at once where a key is missing."""

    def __init__(self, settings: Synthesis):
        self.settings, self.wire = settings, make_wire(settings)
        named = os.environ.get(self.wire.base_variable, "").strip()
        if settings.base_url is None and named and (fault := address_fault(named)):
            raise RequestError(fault, where=self.wire.base_variable, hint="correct it, or give synthesis.base_url")
        self.base = (settings.base_url or named or self.wire.public).rstrip("/")
        self.is_public = self.base == self.wire.public
        self._variables = (settings.key_variable,) if settings.key_variable else self.wire.key_variables
        given = (os.environ.get(name, "").strip() for name in self._variables)
        self._key = next((key for key in given if key), None)
        self.url = self.wire.url(self.base, settings.model)
        self._proxy = proxy_for(self.url)
        self._connections: list[Connection] = []

    @property
    def key_names(self) -> str:
        return " or ".join(self._variables)

    @property
    def where(self) -> str:
        """Where requests go, and through which proxy, for messages."""
        return self._place(self.url)

    @property
    def lacks_key(self) -> bool:
        """Whether it wants a key, and the environment has none."""
        wants = self.is_public or self.settings.provider == "gemini" or self.settings.key_variable is not None
        return wants and self._key is None

    def refuse_unready(self) -> None:
        """Raise RequestError where there is no key, or no price for what costs something."""
        if self.lacks_key:
            hint = f"export {self._variables[0]}=... with your key of {self.base}; it is never written anywhere"
            raise RequestError(f"there is no key: {self.key_names} is not set in the environment", hint=hint)
        if self._key is not None and not (self._key.isascii() and self._key.isprintable()):
            raise RequestError(f"{self.key_names} holds something that cannot be a key")
        self.refuse_unpriced()

    def refuse_unpriced(self) -> None:
        """Raise RequestError where what costs something has no price."""
        if self.is_public and self.settings.prices is None:
            hint = "add prices: {input: ..., output: ...} for a million tokens, from the provider's page, and budget"
            raise RequestError(f"what does {self.settings.model} cost?", where="synthesis.prices", hint=hint)

    async def open(self, slots: int) -> None:
        """Raises RequestError for an address or a proxy that cannot be used."""
        import httpx

        headers = {**self.wire.headers(self._key), "Content-Type": "application/json", "User-Agent": AGENT}
        try:
            self._target = httpx.URL(self.url)
        except httpx.InvalidURL as error:
            raise RequestError(str(error), where="synthesis.base_url") from None
        self._connections = connections(slots, self.url, headers, self.settings.sending.timeout)

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()

    async def check(self) -> None:
        """Ask for what costs nothing. Raises RequestError where address, key or model are wrong."""
        import httpx

        url = self.wire.models_url(self.base, self.settings.model)
        try:
            async with asyncio.timeout(PATIENCE):
                response, content = await self._connections[0].ask("GET", httpx.URL(url))
        except (httpx.TransportError, TimeoutError) as error:
            hint = "is the server running? synthesis.base_url says where it is" if not self.is_public else None
            hint = self._or_proxy(hint)
            raise UnreachableError(
                f"cannot be reached: {_words(error)}", where=self._place(self.base), hint=hint
            ) from None
        answer = _json(content)
        status, said = response.status_code, self._said(answer)
        if status == 200:
            others = self.wire.others(answer, self.settings.model)
            if others is not None:
                hint = did_you_mean(self.settings.model, others) or f"it has {', '.join(sorted(others)[:10])}"
                raise RequestError(
                    f"{self.base} has no model '{self.settings.model}'", where="synthesis.model", hint=hint
                )
        elif status in (400, 401, 403, 407):
            hint = self._or_proxy(f"is the key in {self.key_names} right, and may it use this model?")
            raise RequestError(f"answers {status}{said}", where=self._place(url), hint=hint)
        elif status == 404 and self.settings.provider == "gemini":
            hint = f"is there a model '{self.settings.model}', and is the address right? (synthesis.model, base_url)"
            raise RequestError(f"answers 404{said}", where=self._place(url), hint=hint)
        # Any other status: not every server offers this. The first request will show.

    async def post(self, slot: int, body: bytes) -> Reply | Trouble:
        """Send one request and read its answer. Never raises for what a server or a network does."""
        import httpx

        try:
            async with asyncio.timeout(self.settings.sending.timeout):
                response, content = await self._connections[slot].ask("POST", self._target, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            return Trouble("again", f"cannot connect: {_words(error)}")
        except (TimeoutError, httpx.TimeoutException):
            return Trouble("again", f"no answer in {self.settings.sending.timeout:g} s", free=False)
        except (httpx.TransportError, httpx.DecodingError) as error:
            return Trouble("again", f"the connection broke: {_words(error)}", free=False)
        answer = _json(content)
        if response.status_code == 200:
            try:
                reply = self.wire.reply(answer)
                return replace(reply, text=self._told(reply.text), word=self._told(reply.word))
            except UnreadableError as error:
                return Trouble("again", str(error), free=False)
            except (AttributeError, LookupError, TypeError, ValueError):
                return Trouble("again", "the answer is not of the protocol", free=False)
        return self._trouble(response, answer)

    def _trouble(self, response: httpx.Response, answer: Any) -> Trouble:
        status = response.status_code
        text = f"status {status}{self._said(answer)}"
        if status in HOPELESS or 300 <= status < 400 or self.wire.used_up(answer):
            return Trouble("hopeless", text)
        if status in (408, 425, 429) or status >= 500:
            delays = [_retry_after(response), self.wire.delay(answer)]
            delay = max((one for one in delays if one is not None), default=None)
            return Trouble("again", text, status not in DOUBTFUL, delay)
        return Trouble("declined", text)

    def _told(self, text: str) -> str:
        """Text of an answer, as it may be kept: without the key, and without halves of surrogate pairs."""
        if self._key is not None and len(self._key) >= SECRET:
            text = text.replace(self._key, REDACTED)
        return _encodable(text)

    def _said(self, answer: Any) -> str:
        text = _encodable(error_text(answer))
        if self._key is not None:
            text = text.replace(self._key, REDACTED)
        return f": {text[:SAID]}" if text else ""

    def _place(self, url: str) -> str:
        return url if self._proxy is None else f"{url} (through the proxy {shown(self._proxy)})"

    def _or_proxy(self, hint: str | None) -> str | None:
        """The hint, and where a proxy is between the server and us, that it may be the one who refuses."""
        if self._proxy is None:
            return hint
        host = urlsplit(self.base).hostname
        proxy = f"does the proxy let it through? {VARIABLES} names it; NO_PROXY={host} goes past it"
        return proxy if hint is None else f"{hint}\n  {proxy}"

    def hopeless(self, text: str) -> DragomanError:
        """What to tell the user of a server that will answer no request of this run."""
        if "402" in text[:12] or "insufficient_quota" in text:
            return DragomanError(f"answers {text}", where=self.where, hint="is there money in the account?")
        hint = f"check synthesis.base_url and model, and the key in {self.key_names}"
        return RequestError(f"answers {text}", where=self.where, hint=self._or_proxy(hint))


def _json(content: bytes) -> Any:
    """Parsed, or the beginning as text."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return content[:LOOKED_AT].decode("utf-8", "replace")


def _encodable(text: str) -> str:
    """JSON's escapes can bring in half of a surrogate pair, which no file takes."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds, from a header that holds a number or a date."""
    if (milliseconds := response.headers.get("retry-after-ms", "")).replace(".", "", 1).isdecimal():
        return float(milliseconds) / 1000
    text = response.headers.get("retry-after", "").strip()
    if text.replace(".", "", 1).isdecimal():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _words(error: Exception) -> str:
    """What a transport error says; some say nothing but their name."""
    return str(error) or ("no answer in time" if "Timeout" in type(error).__name__ else type(error).__name__)
