"""One connection over HTTP, kept open from request to request; the proxy comes from the environment.

httpx's transports without its client, which would look for cookies, redirects and logins in every answer. Each slot has
a transport of its own: a pool for all would look through all connections each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from dragoman.base.errors import RequestError

if TYPE_CHECKING:
    import httpx

CONNECT = 15.0  # seconds
VARIABLES = "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY in the environment"


class Connection:
    """headers: of every request. timeout: seconds without a byte."""

    def __init__(self, transport: httpx.AsyncHTTPTransport, headers: Mapping[str, str], timeout: float):
        self._transport, self._headers = transport, dict(headers)
        self._extensions = {"timeout": {"connect": CONNECT, "read": timeout, "write": timeout, "pool": timeout}}

    async def ask(self, method: str, url: httpx.URL, content: bytes = b"") -> tuple[httpx.Response, bytes]:
        """The answer, and all of its content. Raises what httpx raises for what goes wrong on the way."""
        import httpx

        request = httpx.Request(method, url, headers=self._headers, content=content, extensions=self._extensions)
        response = await self._transport.handle_async_request(request)
        return response, await response.aread()

    async def close(self) -> None:
        await self._transport.aclose()


def connections(count: int, url: str, headers: Mapping[str, str], timeout: float) -> list[Connection]:
    """So many, none of them open yet. Raises RequestError for a proxy that cannot be used."""
    import httpx

    context = httpx.create_ssl_context()
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=5.0)
    sent = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", **headers}
    proxy = proxy_for(url)
    try:
        return [
            Connection(httpx.AsyncHTTPTransport(verify=context, limits=limits, proxy=proxy), sent, timeout)
            for _ in range(count)
        ]
    except ImportError:
        wrong, advice = "needs a library that is not here", "pip install socksio"
    except (ValueError, httpx.InvalidURL):
        wrong, advice = "is no address of one", f"correct {VARIABLES}"
    hint = f"{advice}; or put the host into NO_PROXY to go past it"
    raise RequestError(f"the proxy {wrong}", where=shown(proxy or ""), hint=hint)


def proxy_for(url: str) -> str | None:
    """What the environment says: HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, unless NO_PROXY names the host."""
    parts, proxies = urlsplit(url), getproxies()
    if proxy_bypass(parts.netloc):  # which may name a port too
        return None
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def shown(proxy: str) -> str:
    """A proxy's address without the user and password that may stand in it."""
    scheme, _, rest = proxy.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
