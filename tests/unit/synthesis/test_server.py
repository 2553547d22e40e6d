import asyncio
import email.utils
import json
import time

import httpx
import pytest
from llm.asking import checked
from llm.server import KEY, Manner

from dragoman.base.errors import DragomanError, RequestError, UnreachableError
from dragoman.synthesis.asks import Parameters
from dragoman.synthesis.generating import Generating
from dragoman.synthesis.problems import settings_of
from dragoman.synthesis.server import Server, Trouble, _retry_after
from dragoman.synthesis.server import _json as parsed
from dragoman.synthesis.waves import to_bytes
from dragoman.synthesis.wire.face import Reply


def asked(loaded, times=1, **manner):
    """What the same request comes to, sent once or several times."""

    async def run():
        own = Server(settings_of(loaded))
        await own.open(1)
        work = Generating(settings_of(loaded), 1)
        ask = work.ask(next(work.first()))
        body = to_bytes(own.wire.body(ask, Parameters.of(settings_of(loaded))))
        try:
            return [await own.post(0, body) for _ in range(times)]
        finally:
            await own.close()

    found = asyncio.run(run())
    return found[0] if times == 1 else found


@pytest.fixture(params=["openai", "gemini"])
def either(request, load):
    return load(provider=request.param)


def test_an_answer(either, server):
    reply = asked(either)
    assert isinstance(reply, Reply)
    assert reply.finish == "stop"
    assert (reply.input_tokens, reply.output_tokens) == server.served[0].tokens
    checked(either)


@pytest.mark.parametrize(
    ("fault", "text", "free"),
    [
        ("429", "status 429: too much", True), ("500", "status 500: something broke", True),
        ("503", "status 503", True), ("cut", "connection broke", False), ("drop", "connection broke", False),
        ("garbage", "not", False),
    ],
)  # fmt: skip
def test_troubles_that_are_worth_another_try(either, server, fault, text, free):
    server.manner = Manner(faults={fault: 1.0}, wait=12.5)
    trouble, second = asked(either, times=2)
    assert isinstance(trouble, Trouble)
    assert (trouble.kind, trouble.free) == ("again", free)
    assert text in trouble.text
    assert trouble.delay == (12.5 if fault == "429" else None)
    assert isinstance(second, Reply)


def test_an_answer_that_takes_too_long_may_have_cost_something(load, server):
    server.manner = Manner(delay=0.5)
    trouble = asked(load(sending={"timeout": 0.1}))
    assert (trouble.kind, trouble.free, trouble.text) == ("again", False, "no answer in 0.1 s")


def test_nobody_there_costs_nothing(load):
    trouble = asked(load(base_url="http://127.0.0.1:9/v1"))
    assert (trouble.kind, trouble.free) == ("again", True)


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "declined"), (401, "hopeless"), (402, "hopeless"), (403, "hopeless"), (404, "hopeless")]
)
def test_refusals(either, server, status, kind):
    server.manner = Manner(status=status)
    trouble = asked(either)
    assert (trouble.kind, trouble.free) == (kind, True)
    assert "told so by the test" in trouble.text


def test_an_empty_account(load, server):
    trouble = Server(settings_of(load()))._trouble(httpx.Response(429), {"error": {"code": "insufficient_quota"}})
    assert trouble.kind == "hopeless"


def test_a_key_that_a_server_repeats_is_taken_out(either, server):
    server.manner = Manner(status=500, echo=True)
    trouble = asked(either)
    assert KEY not in trouble.text
    assert "[key]" in trouble.text


def test_a_key_is_taken_out_however_it_is_repeated(load, monkeypatch):
    key = "sk-proj/0123+4567/89ab=="
    monkeypatch.setenv("OPENAI_API_KEY", key)
    own = Server(settings_of(load()))
    escaped = key.replace("/", "\\/")
    for content in (f'{{"error": {{"message": "no {escaped}"}}}}', f"<html>{key}</html>", f'{{"detail": "{key}"}}'):
        trouble = own._trouble(httpx.Response(500), parsed(content.encode()))
        assert "[key]" in trouble.text
        assert key[:8] not in trouble.text
    at_the_end = own._trouble(httpx.Response(500), {"error": {"message": "x" * 290 + key}})
    assert "sk-" not in at_the_end.text  # it was cut in two, and a half of it is too much
    assert own._told(f'{{"pairs": "{key}"}}') == '{"pairs": "[key]"}'


@pytest.mark.parametrize("key", ["EMPTY", "a", "Freund"])
def test_a_key_that_is_no_secret_changes_no_answer(load, server, monkeypatch, key):
    """Servers of one's own are often given a word in the place of a key, which may well stand in a sentence."""
    reply = asked(load())
    monkeypatch.setenv("OPENAI_API_KEY", key)
    server.manner = Manner(key=key)
    assert asked(load()) == reply


def test_white_space_is_no_key(load, server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", " \n")
    with pytest.raises(RequestError, match="OPENAI_API_KEY is not set"):
        Server(settings_of(load(base_url=None))).refuse_unready()
    server.manner = Manner(key=None)
    assert isinstance(asked(load()), Reply)
    monkeypatch.setenv("GEMINI_API_KEY", "")
    monkeypatch.setenv("GOOGLE_API_KEY", f" {KEY}\n")
    Server(settings_of(load(provider="gemini"))).refuse_unready()


@pytest.mark.parametrize(
    "address", ["http://me:hunter22@host/v1", "http://host/v1?k=hunter22", "host:8000/hunter22", "http://host:hunter22"]
)
def test_an_address_of_the_environment_holds_no_key(load, monkeypatch, address):
    """It stands in the receipt, the report and in messages."""
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    with pytest.raises(RequestError, match="OPENAI_BASE_URL") as refused:
        Server(settings_of(load(base_url=None)))
    assert "hunter22" not in str(refused.value)


@pytest.mark.parametrize(
    "strange",
    [
        {"candidates": {"a": 1}}, {"candidates": [3]}, {"candidates": [{"content": {"parts": [1]}}]}, [], 7, None,
        {"candidates": [{"content": {"parts": [{"text": "half a \ud83d"}]}, "finishReason": "\ud83d"}]},
        {"candidates": [], "usageMetadata": {"promptTokenCount": 10**30}},
    ],
)  # fmt: skip
def test_answers_of_no_protocol_are_no_crash(load, strange):
    async def run():
        own = Server(settings_of(load(provider="gemini")))
        await own.open(1)

        async def ask(*_):
            return httpx.Response(200), json.dumps(strange).encode()

        own._connections[0].ask = ask
        return await own.post(0, b"{}")

    found = asyncio.run(run())
    if isinstance(found, Reply):
        assert (found.text + found.word).encode()  # the ledger can hold it
        assert (found.input_tokens, found.output_tokens) == (None, None)
    else:
        assert (found.kind, found.free) == ("again", False)


def test_a_wrong_key_a_wrong_model_and_a_wrong_address_are_told_at_once(load, server, monkeypatch):
    with pytest.raises(RequestError, match="has no model 'small-2'") as refused:
        checked(load(model="small-2"))
    assert "small-1" in str(refused.value)
    with pytest.raises(UnreachableError, match="cannot be reached"):
        checked(load(base_url="http://127.0.0.1:9/v1"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong")
    server.manner = Manner(echo=True)
    with pytest.raises(RequestError, match="answers 401") as refused:
        checked(load())
    assert "sk-wrong" not in str(refused.value)
    assert "OPENAI_API_KEY" in str(refused.value)
    monkeypatch.setenv("GEMINI_API_KEY", "wrong")
    with pytest.raises(RequestError, match="answers 400: API key not valid"):
        checked(load(provider="gemini"))
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    with pytest.raises(RequestError, match="answers 404"):
        checked(load(provider="gemini", model="small-2"))
    assert server.served == []  # nothing that costs


def test_no_key_is_told_before_anything_is_asked(load, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("GEMINI_API_KEY")
    with pytest.raises(RequestError, match="OPENAI_API_KEY is not set"):
        Server(settings_of(load(base_url=None))).refuse_unready()
    with pytest.raises(RequestError, match="GEMINI_API_KEY or GOOGLE_API_KEY is not set"):
        Server(settings_of(load(provider="gemini"))).refuse_unready()
    with pytest.raises(RequestError, match="MY_KEY is not set"):
        Server(settings_of(load(key_variable="MY_KEY"))).refuse_unready()
    Server(settings_of(load())).refuse_unready()  # a server of one's own may want none


def test_what_costs_needs_prices(load, monkeypatch):
    with pytest.raises(RequestError, match="what does small-1 cost"):
        Server(settings_of(load(base_url=None, prices=None, budget=None))).refuse_unready()
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:8000/v1/")
    own = Server(settings_of(load(base_url=None, prices=None, budget=None)))
    own.refuse_unready()
    assert own.url == "http://localhost:8000/v1/chat/completions"


def test_how_long_to_wait():
    def said(**headers):
        pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
        return _retry_after(httpx.Response(429, headers=pairs))

    assert said(retry_after="7") == 7
    assert said(retry_after="0.5") == 0.5
    assert said(retry_after_ms="1500", retry_after="9") == 1.5
    assert said() is None
    assert said(retry_after="soon") is None
    assert said(retry_after="\N{SUPERSCRIPT TWO}") is None
    assert said(retry_after="1 Jan 99999999999999999999 00:00:00") is None
    date = email.utils.formatdate(time.time() + 90, usegmt=True)
    assert 80 < said(retry_after=date) <= 90
    assert said(retry_after=email.utils.formatdate(0, usegmt=True)) == 0


def test_hopeless_errors_say_what_to_do(load):
    own = Server(settings_of(load()))
    assert isinstance(own.hopeless("status 403: no"), RequestError)
    assert "OPENAI_API_KEY" in str(own.hopeless("status 403: no"))
    broke = own.hopeless("status 402: pay")
    assert isinstance(broke, DragomanError)
    assert "money" in str(broke)
