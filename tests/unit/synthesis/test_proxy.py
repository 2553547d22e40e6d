"""Servers behind a proxy, which the environment names: one that refuses is named as who does."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from llm.asking import checked

from dragoman.base.errors import RequestError, UnreachableError
from dragoman.synthesis.connection import proxy_for, shown


class Refusing(BaseHTTPRequestHandler):
    """Answers all with one status, and keeps what it was asked."""

    status, seen = 403, []

    def do_GET(self):
        self.seen.append((self.command, self.path))
        self.send_error(self.status)

    do_CONNECT = do_POST = do_GET  # noqa: N815 (names that the library looks for)

    def log_message(self, *_):
        pass


@pytest.fixture
def proxy(monkeypatch):
    """Its address, with a user and a password; the environment names it for every address."""
    Refusing.seen = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://me:hunter22@127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def environment(server, monkeypatch):
    """No proxy until a test names one; after what `server` sets."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize("status", [403, 407])
@pytest.mark.parametrize("url", ["http://llm.invalid/v1", "https://llm.invalid/v1"])
def test_a_proxy_that_refuses_is_named_without_its_password(load, proxy, monkeypatch, url, status):
    monkeypatch.setattr(Refusing, "status", status)
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(RequestError) as refused:
        checked(load(base_url=url))
    said = str(refused.value)
    assert str(status) in said
    assert f"through the proxy {shown(proxy)}" in said
    assert "NO_PROXY=llm.invalid goes past it" in said
    assert "hunter22" not in said
    assert [method for method, _ in Refusing.seen] == ["CONNECT" if url.startswith("https") else "GET"]


def test_a_proxy_that_is_not_there(load, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "127.0.0.1:9")
    with pytest.raises(UnreachableError, match=r"through the proxy http://127\.0\.0\.1:9") as refused:
        checked(load(base_url="http://llm.invalid/v1"))
    assert "does the proxy let it through?" in str(refused.value)


@pytest.mark.parametrize("proxy", ["gopher://me:hunter22@host:70", "http://me:hunter22@host:port"])
def test_an_address_that_is_no_proxy_s(load, monkeypatch, proxy):
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(RequestError, match="is no address of one") as refused:
        checked(load(base_url="http://llm.invalid/v1"))
    assert "hunter22" not in str(refused.value)


def test_what_no_proxy_names_is_asked_directly(load, server, proxy, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", proxy)
    for past in ("127.0.0.1", f"127.0.0.1:{server.port}", "example.org, 127.0.0.1", "*"):
        monkeypatch.setenv("NO_PROXY", past)
        checked(load())
    assert Refusing.seen == []
    assert proxy_for("https://example.org/v1") is None
    monkeypatch.setenv("NO_PROXY", "example.org")
    assert proxy_for(server.url) == proxy
