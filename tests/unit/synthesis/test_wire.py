import json

import pytest

from dragoman.synthesis.asks import Ask, Parameters, request_id
from dragoman.synthesis.wire.face import UnreadableError, error_text, merged
from dragoman.synthesis.wire.gemini import Gemini
from dragoman.synthesis.wire.openai import OpenAI

ASK = Ask("generate-1", "You write.", "Write 1 pair.", {"type": "object"}, 7)
PARAMETERS = Parameters("small-1", 0.5, 100, {})


def test_gemini_is_asked_as_its_protocol_has_it():
    wire = Gemini()
    assert wire.url("https://x", "small-1") == "https://x/v1beta/models/small-1:generateContent"
    assert wire.url("https://x", "models/small-1") == wire.url("https://x", "small-1")
    assert wire.headers("k") == {"x-goog-api-key": "k"}
    assert wire.body(ASK, PARAMETERS) == {
        "contents": [{"role": "user", "parts": [{"text": "Write 1 pair."}]}],
        "systemInstruction": {"parts": [{"text": "You write."}]},
        "generationConfig": {
            "temperature": 0.5, "seed": 7, "maxOutputTokens": 100,
            "responseMimeType": "application/json", "responseJsonSchema": {"type": "object"},
        },
    }  # fmt: skip


def test_openai_is_asked_as_its_protocol_has_it():
    wire = OpenAI()
    assert wire.url("http://x/v1", "small-1") == "http://x/v1/chat/completions"
    assert wire.headers("k") == {"Authorization": "Bearer k"}
    assert wire.headers(None) == {}
    assert wire.body(ASK, PARAMETERS) == {
        "model": "small-1", "temperature": 0.5, "seed": 7, "max_tokens": 100,
        "messages": [{"role": "system", "content": "You write."}, {"role": "user", "content": "Write 1 pair."}],
        "response_format": {
            "type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": {"type": "object"}}
        },
    }  # fmt: skip
    newer = OpenAI("max_completion_tokens").body(ASK, Parameters("small-1", None, 100, {}))
    assert newer["max_completion_tokens"] == 100
    assert not newer.keys() & {"max_tokens", "temperature"}


def test_options_are_laid_over_the_body():
    options = {"generationConfig": {"thinkingConfig": {"thinkingBudget": 0}}, "safetySettings": []}
    body = Gemini().body(ASK, Parameters("small-1", None, 100, options))
    assert body["generationConfig"]["thinkingConfig"] == {"thinkingBudget": 0}
    assert body["generationConfig"]["maxOutputTokens"] == 100
    assert body["safetySettings"] == []
    assert merged({"a": {"b": 1}}, {"a": 2}) == {"a": 2}


def test_gemini_s_answers():
    wire = Gemini()
    usage = {"promptTokenCount": 11, "candidatesTokenCount": 20, "thoughtsTokenCount": 30}
    parts = [{"text": "thinking", "thought": True}, {"text": '{"pa'}, {"text": 'irs": []}'}]
    answer = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}], "usageMetadata": usage}
    reply = wire.reply(answer)
    assert (reply.text, reply.finish, reply.input_tokens, reply.output_tokens) == ('{"pairs": []}', "stop", 11, 50)
    for word, finish in [("MAX_TOKENS", "length"), ("SAFETY", "refusal"), ("OTHER", "other"), ("NEW_ONE", "other")]:
        cut = wire.reply({"candidates": [{"finishReason": word}], "usageMetadata": {"promptTokenCount": 3}})
        assert (cut.text, cut.finish, cut.word) == ("", finish, word)
        assert (cut.input_tokens, cut.output_tokens) == (3, 0)
    blocked = wire.reply({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})
    assert (blocked.finish, blocked.word) == ("refusal", "PROHIBITED_CONTENT")
    assert (blocked.input_tokens, blocked.output_tokens) == (None, None)  # nobody knows what it cost
    for strange in ({}, [], "text", None, {"choices": []}):
        with pytest.raises(UnreadableError):
            wire.reply(strange)


def test_openai_s_answers():
    wire = OpenAI()
    message = {"role": "assistant", "content": "{}"}
    usage = {"prompt_tokens": 5, "completion_tokens": 6}
    reply = wire.reply({"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage})
    assert (reply.text, reply.finish, reply.input_tokens, reply.output_tokens) == ("{}", "stop", 5, 6)
    for word, finish in [("length", "length"), ("content_filter", "refusal"), ("tool_calls", "other"), (None, "other")]:
        other = wire.reply({"choices": [{"message": {"content": None}, "finish_reason": word}]})
        assert (other.text, other.finish, other.input_tokens, other.output_tokens) == ("", finish, None, None)
    refused = wire.reply({"choices": [{"message": {"content": None, "refusal": "No."}, "finish_reason": "stop"}]})
    assert (refused.finish, refused.text) == ("refusal", "No.")
    hidden = {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 31}  # thinking is only in the sum
    reply = wire.reply({"choices": [{"message": message, "finish_reason": "stop"}], "usage": hidden})
    assert (reply.input_tokens, reply.output_tokens) == (5, 26)
    for strange in ({}, [], {"choices": []}, {"choices": ["x"]}, None):
        with pytest.raises(UnreadableError):
            wire.reply(strange)


def test_what_errors_say():
    details = [{"@type": "type.googleapis.com/google.rpc.QuotaFailure"}, {"retryDelay": "34.5s"}]
    assert Gemini().delay({"error": {"code": 429, "details": details}}) == 34.5
    for none in ({}, {"error": "text"}, {"error": {"details": "x"}}, {"error": {"details": [{"retryDelay": "soon"}]}}):
        assert Gemini().delay(none) is None
    assert OpenAI().used_up({"error": {"code": "insufficient_quota"}})
    assert not OpenAI().used_up({"error": {"code": "rate_limit_exceeded"}})
    assert error_text({"error": {"message": "no\n  such model"}}) == "no such model"
    assert error_text({"detail": "Not Found"}) == "Not Found"
    assert error_text("<html>") == "<html>"
    assert error_text({}) == ""


def test_models_that_a_server_has():
    wire = OpenAI()
    listed = {"data": [{"id": "qwen"}, {"id": "llama3:latest"}]}
    assert wire.others(listed, "qwen") is None
    assert wire.others(listed, "llama3") is None
    assert wire.others(listed, "mistral") == ["qwen", "llama3:latest"]
    for nothing in ({}, {"data": 5}, [], "text"):
        assert wire.others(nothing, "mistral") is None  # it does not say


def test_a_request_is_named_by_all_that_it_asks_and_nothing_else():
    changed = [
        (Ask(**{**_fields(ASK), name: value}), PARAMETERS)
        for name, value in [("version", "2"), ("system", "x"), ("user", "x"), ("schema", {}), ("seed", 8)]
    ] + [
        (ASK, Parameters("other", 0.5, 100, {})), (ASK, Parameters("small-1", None, 100, {})),
        (ASK, Parameters("small-1", 0.5, 101, {})), (ASK, Parameters("small-1", 0.5, 100, {"top_p": 0.9})),
    ]  # fmt: skip
    names = [request_id(ASK, PARAMETERS), *(request_id(*one) for one in changed)]
    assert len(set(names)) == len(names)
    assert request_id(ASK, PARAMETERS) == request_id(Ask(**_fields(ASK)), Parameters("small-1", 0.5, 100))
    assert len(bytes.fromhex(names[0])) == 16
    assert json.dumps(names)


def _fields(ask):
    return {name: getattr(ask, name) for name in ask.__slots__}
