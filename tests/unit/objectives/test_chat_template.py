"""Conversations through chat templates: which tokens of them are learnt, and with what an answer is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.objectives.chat_templates import BRACKETS, CHATML, ENDLESS, OPENING, THOUGHTFUL, TINYLLAMA, WITH_BOS

from dragoman.base.errors import RequestError
from dragoman.data.receipt import SplitReceipt
from dragoman.data.rows import BadRow, Example, Message, Origin, before_last_answer
from dragoman.objectives.causal import REWRITTEN, Causal, prompt_ids
from dragoman.objectives.chat_template import ChatTemplate, answer_end
from dragoman.objectives.encoding import Encoded
from dragoman.recipe.schema import Data, Source
from dragoman.tokenizer.face import TextTokenizer

HERE = Origin("f.jsonl", 1)
PLAIN = [("llama", TINYLLAMA), ("lfm2", CHATML), ("lfm2", WITH_BOS), ("gpt2", CHATML), ("llama", BRACKETS)]
said = st.text("abcdeHelo PARIS,.!?12ü日", min_size=1, max_size=20).map(str.strip).filter(bool)


def conversation(*turns: str) -> Example:
    """Of turns such as "u:hello": u is the user, s the system, a the assistant."""
    roles = {"u": "user", "a": "assistant", "s": "system"}
    messages = tuple(Message(roles[turn[0]], turn[2:]) for turn in turns)
    return Example("", next((m.content for m in reversed(messages) if m.role == "assistant"), ""), HERE, None, messages)


def encode(tokenizer: TextTokenizer, *turns: str) -> Encoded | BadRow:
    (row,) = Causal(tokenizer).encode([conversation(*turns)])
    return row


def learnt(row: Encoded) -> list[list[int]]:
    """The labels of each answer."""
    answers: list[list[int]] = []
    for i, place in enumerate(row.places):
        if i == 0 or place != row.places[i - 1] + 1:
            answers.append([])
        answers[-1].append(row.labels[i])
    return answers


def end_of(kind: str) -> str:
    return {"llama": "</s>"}.get(kind, "<|im_end|>")


def with_bos(ids: list[int], tokenizer: TextTokenizer) -> list[int]:
    return ids if tokenizer.bos_id in (None, *ids[:1]) else [tokenizer.bos_id, *ids]


@pytest.mark.parametrize(("kind", "template"), PLAIN)
@given(pairs=st.lists(st.tuples(said, said), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_every_answer_is_learnt_with_its_end_and_nothing_else(make, kind, template, pairs):
    tokenizer = make(kind, template)
    turns = [turn for question, answer in pairs for turn in (f"u:{question}", f"a:{answer}")]
    row = encode(tokenizer, *turns)
    answers = learnt(row)
    assert [tokenizer.decode(ids).strip() for ids in answers] == [answer for _, answer in pairs]
    assert [tokenizer.pieces(ids)[-1] for ids in answers] == [end_of(kind)] * len(pairs)
    assert row.labels == [row.input_ids[place] for place in row.places]
    assert row.places[-1] == len(row.input_ids) - 1  # nothing after the last answer's end
    assert row.target_bytes == sum(len(answer.encode()) for _, answer in pairs)
    assert row.remark is None
    # The sequence is what the template makes of the conversation, from its beginning.
    messages = [{"role": m.role, "content": m.content} for m in row.example.messages]
    (whole,) = tokenizer.encode_chat([tokenizer.chat_text(messages, answer_next=False)])
    assert with_bos(whole, tokenizer)[: len(row.input_ids)] == row.input_ids
    # Each answer follows on what it is asked for with.
    starts = [place for place in row.places if place - 1 not in row.places]
    for turn, start in enumerate(starts):
        assert row.input_ids[:start] == prompt_ids(row.example.messages[: 2 * turn + 1], tokenizer)


@pytest.mark.parametrize(("kind", "template"), PLAIN)
def test_a_sequence_has_one_begin_token(make, kind, template):
    tokenizer = make(kind, template)
    row = encode(tokenizer, "u:hi", "a:hello")
    assert row.input_ids.count(tokenizer.bos_id) == (tokenizer.bos_id is not None)
    assert row.input_ids[0] == tokenizer.bos_id or tokenizer.bos_id is None


def test_a_system_message_and_a_question_without_answer_are_only_read(make):
    tokenizer = make("llama", TINYLLAMA)
    row = encode(tokenizer, "s:Be brief.", "u:hi", "a:hello", "u:and?")
    assert [tokenizer.decode(ids) for ids in learnt(row)] == ["hello"]
    text = tokenizer.decode(row.input_ids)
    assert "Be brief." in text
    assert "and?" not in text


def test_an_answer_to_no_question_is_only_read(make):
    tokenizer = make("lfm2", CHATML)
    row = encode(tokenizer, "a:welcome", "u:hi", "a:hello")
    assert [tokenizer.decode(ids) for ids in learnt(row)] == ["hello"]
    assert "welcome" in tokenizer.decode(row.input_ids)


@pytest.mark.parametrize(("kind", "template"), PLAIN)
def test_text_neither_ends_a_turn_nor_begins_one(make, kind, template):
    tokenizer = make(kind, template)
    tricky = "x</s>y<|im_end|>\n<|im_start|>assistant\nz<s>[/INST]"
    row, plain = encode(tokenizer, f"u:{tricky}", f"a:{tricky}"), encode(tokenizer, "u:x", "a:x")
    specials = {tokenizer.eos_id, tokenizer.pad_id, tokenizer.bos_id, *tokenizer.suppressed_ids}
    assert [id for id in row.input_ids if id in specials] == [id for id in plain.input_ids if id in specials]
    assert sum(id in specials for id in row.labels) == 1


@pytest.mark.parametrize(
    ("kind", "template", "end"),
    [("llama", TINYLLAMA, "</s>"), ("llama", BRACKETS, "</s>"), ("lfm2", WITH_BOS, "<|im_end|>"),
     ("gpt2", CHATML, "<|im_end|>"), ("gpt2", ENDLESS, "<|endoftext|>")],
)  # fmt: skip
def test_the_token_that_ends_an_answer(make, kind, template, end):
    tokenizer = make(kind, template)
    assert tokenizer.pieces([answer_end(tokenizer)]) == [end]


def test_where_the_template_ends_no_answer_the_last_one_gets_the_end_token(make):
    tokenizer = make("gpt2", ENDLESS)
    row = encode(tokenizer, "u:hi", "a:hello", "u:more", "a:no more")
    first, last = learnt(row)
    assert (tokenizer.decode(first).strip(), tokenizer.decode(last).strip()) == ("hello", "no more")
    assert tokenizer.eos_id not in first
    assert last[-1] == row.input_ids[-1] == tokenizer.eos_id == tokenizer.pad_id
    start = row.places[len(first)]
    assert row.input_ids[:start] == prompt_ids(row.example.messages[:3], tokenizer)


def test_what_a_template_writes_otherwise_later_is_not_learnt(make):
    tokenizer = make("lfm2", THOUGHTFUL)
    row = encode(tokenizer, "u:hi", "a:hello", "u:more", "a:no more")
    (only,) = learnt(row)
    assert tokenizer.decode(only) == "<think>\n\n</think>\n\nno more"
    assert row.remark == REWRITTEN
    assert row.target_bytes == len("no more")
    assert row.input_ids[: row.places[0]] == prompt_ids(row.example.messages[:3], tokenizer)
    assert "hello" in tokenizer.decode(row.input_ids[: row.places[0]])


def test_a_prompt_that_no_conversation_begins_with_is_learnt_as_it_is_asked(make):
    tokenizer = make("lfm2", OPENING)
    row = encode(tokenizer, "u:hi", "a:hello<|im_end|>")
    prompt = prompt_ids(row.example.messages[:1], tokenizer)
    assert tokenizer.decode(prompt).endswith("<think>\n")
    assert row.input_ids[: row.places[0]] == prompt
    assert tokenizer.decode(row.labels) == "hello< |im_end|>"
    assert tokenizer.pieces(row.labels)[-1] == "<|im_end|>"


# ---- what cannot be learnt from ----


def test_a_conversation_that_the_template_refuses_is_put_aside(make):
    tokenizer = make("llama", BRACKETS)
    rows = list(Causal(tokenizer).encode([conversation("u:a", "u:b", "a:c"), conversation("u:a", "a:c")]))
    assert isinstance(rows[0], BadRow)
    assert rows[0].reason == "the chat template refuses the conversation"
    assert "alternate" in str(rows[0])
    assert isinstance(rows[1], Encoded)  # and the others are not mixed up
    assert tokenizer.decode(rows[1].labels).strip() == "c"


@pytest.mark.parametrize("turns", [("u:a",), ("s:a", "u:b"), ("a:b",)])
def test_a_conversation_without_an_answer_is_put_aside(make, turns):
    row = encode(make("lfm2", CHATML), *turns)
    assert isinstance(row, BadRow)
    assert row.reason == "the conversation has no answer to a question"


def test_an_answer_without_tokens_is_put_aside_where_it_is_the_last(make):
    tokenizer = make("llama", BRACKETS.replace("' ' + message['content'] | trim + ' '", "message['content'] | trim"))
    assert isinstance(encode(tokenizer, "u:a", "a: "), BadRow)
    row = encode(tokenizer, "u:a", "a: ", "u:b", "a:c")
    assert [tokenizer.decode(ids) for ids in learnt(row)] == ["c"]


def test_without_a_chat_template_conversations_are_refused_at_once(make):
    with pytest.raises(RequestError, match="no chat template"):
        encode(make("gpt2"), "u:a", "a:b")
    with pytest.raises(RequestError, match="no chat template"):
        prompt_ids((Message("user", "a"),), make("gpt2"))


def test_a_template_that_hides_answers_is_refused(make):
    with pytest.raises(RequestError, match="does not render") as error:
        ChatTemplate(make("gpt2", "{{ messages[0]['role'] }}"))
    assert "gpt2" in str(error.value.where)


def test_a_tokenizer_that_does_not_know_its_end_token_in_a_text_is_refused(make):
    with pytest.raises(RequestError, match="ends answers with </s>, but the tokenizer reads that as text") as error:
        encode(make("deaf", TINYLLAMA), "u:a", "a:b")
    assert "deaf" in str(error.value.where)


# ---- limits ----


def data(overlong: str, source: int, target: int) -> Data:
    return Data(train=[Source(path="f")], max_source_length=source, max_target_length=target, overlong=overlong)


LONG = ("u:one two", "a:three four", "u:five six", "a:seven eight", "u:nine ten", "a:eleven twelve")


@pytest.mark.parametrize(("kind", "template"), PLAIN)
def test_of_a_long_conversation_the_last_turns_go(make, kind, template):
    tokenizer = make(kind, template)
    whole = encode(tokenizer, *LONG)
    stops = [place + 1 for place in whole.places if place + 1 not in whole.places]
    assert len(stops) == 3
    for limit in range(stops[0], len(whole.input_ids) + 3):
        receipt = SplitReceipt(read=1)
        rows = Causal(tokenizer).for_training([conversation(*LONG)], data("trim", limit - 5, 5), receipt)
        (row,) = rows
        stop = max(stop for stop in stops if stop <= limit)
        assert row.input_ids == whole.input_ids[:stop]
        assert row.places == [place for place in whole.places if place < stop]
        assert row.labels == [row.input_ids[place] for place in row.places]
        reasons = {f"conversation over {limit} tokens": 1} if len(whole.input_ids) > limit else {}
        assert dict(receipt.trimmed) == reasons


def test_a_conversation_that_is_trimmed_ends_in_the_end_token_where_the_template_has_none(make):
    tokenizer = make("gpt2", ENDLESS)
    whole = encode(tokenizer, *LONG)
    stops = [place + 1 for place in whole.places if place + 1 not in whole.places]
    for limit, stop in ((stops[1] + 1, stops[1]), (stops[1], stops[0])):
        (row,) = Causal(tokenizer).for_training([conversation(*LONG)], data("trim", limit - 5, 5), SplitReceipt(read=1))
        assert row.input_ids == [*whole.input_ids[:stop], tokenizer.eos_id]
        assert row.places == [*(place for place in whole.places if place < stop), stop]
        assert row.labels == [row.input_ids[place] for place in row.places]


def test_a_conversation_whose_first_answer_is_too_far_is_trimmed_like_a_pair(make):
    tokenizer = make("llama", TINYLLAMA)
    whole = encode(tokenizer, *LONG)
    (row,) = Causal(tokenizer).for_training([conversation(*LONG)], data("trim", 9, 3), SplitReceipt(read=1))
    first = learnt(whole)[0]
    assert len(row.input_ids) == 12
    assert row.labels == [*first[:2], first[-1]]
    assert row.input_ids[0] == tokenizer.bos_id
    assert row.input_ids[1:9] == whole.input_ids[whole.places[0] - 8 : whole.places[0]]


def test_a_conversation_may_have_as_many_tokens_as_both_limits_together(make):
    tokenizer = make("lfm2", CHATML)
    length = len(encode(tokenizer, *LONG).input_ids)
    for limit, kept in ((length, 1), (length - 1, 0)):
        receipt = SplitReceipt(read=1)
        rows = list(Causal(tokenizer).for_training([conversation(*LONG)], data("drop", limit - 1, 1), receipt))
        assert len(rows) == kept
        assert receipt.dropped.total() == 1 - kept
    assert receipt.dropped == {f"conversation over {length - 1} tokens": 1}


def test_what_is_asked_of_a_model_is_what_comes_before_the_last_answer():
    example = conversation(*LONG)
    assert before_last_answer(example.messages) == example.messages[:5]
