"""What the model reads: as in training, never over its limit, and put together again the whole text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.generation.conftest import EOS, Characters

from dragoman.data.rows import Message
from dragoman.generation.prompts import (
    CausalPrompter,
    SentencePrompter,
    WholePrompter,
    make_prompter,
    prompt_room,
    question_of,
)
from dragoman.objectives.causal import prompt_ids
from dragoman.tokenizer.cleaning import clean

BEGIN = 3
TEXTS = st.text(st.sampled_from("abcÄ .,!?;\t\n"), max_size=80)


class Chatting(Characters):
    """The tokenizer of characters with a begin token and a chat template."""

    bos_id = BEGIN

    def encode_chat(self, texts: Sequence[str]) -> list[list[int]]:
        return [[ord(character) + 5 for character in text] for text in texts]

    def chat_text(self, messages: Sequence[Mapping[str, str]], *, answer_next: bool) -> str:
        turns = "".join(f"[{message['role'][0]}]{message['content']};" for message in messages)
        return turns + "[a]" * answer_next


def test_a_row_asks_its_messages_or_else_its_source():
    assert question_of({"source": "Ja?", "messages": None}) == question_of({"source": "Ja?"}) == "Ja?"
    row = {"source": "Nein?", "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "Nein?"}]}
    assert question_of(row) == (Message("system", "s"), Message("user", "Nein?"))


@pytest.mark.parametrize("tokenizer", [Characters(), Chatting()])
@given(text=TEXTS, limit=st.integers(3, 40))
def test_pieces_fit_and_together_are_the_text(tokenizer, text, limit):
    [pieces] = SentencePrompter(tokenizer, limit).pieces([text])
    frame = 1 + (tokenizer.bos_id is not None)
    assert all(frame < len(piece.ids) <= limit and piece.ids[-1] == EOS for piece in pieces)
    assert tokenizer.bos_id is None or all(piece.ids[0] == BEGIN for piece in pieces)
    said = "".join(tokenizer.decode([id for id in piece.ids if id > 4]) + " " * piece.spaced for piece in pieces)
    assert clean(said) == clean(text)
    assert (len(pieces) <= 1) == (len(clean(text)) + frame <= limit), "only what does not fit is cut"


def test_each_question_has_its_own_pieces():
    texts = ["Ja.", "", "Ja. Nein. Gut.", " \n"]
    assert [len(pieces) for pieces in SentencePrompter(Characters(), 6).pieces(texts)] == [1, 0, 3, 0]


def test_an_input_of_more_than_a_text_is_never_cut():
    tokenizer = Characters()
    empty, long = WholePrompter(tokenizer).pieces(["", "Ja. Nein. " * 20])
    assert empty == []
    assert [piece.ids for piece in long] == [[*tokenizer.encode("Ja. Nein. " * 20), EOS]]


def test_a_causal_model_reads_the_prompt_of_its_training():
    tokenizer = Chatting()
    conversation = (Message("system", "s"), Message("user", "Ja?"))
    text, nothing, chat = CausalPrompter(tokenizer).pieces(["Frage: Ja?", "", conversation])
    assert [piece.ids for piece in text] == [prompt_ids("Frage: Ja?", tokenizer)]
    assert nothing == []
    assert [piece.ids for piece in chat] == [prompt_ids(conversation, tokenizer)]
    assert text[0].ids[0] == BEGIN
    assert EOS not in text[0].ids
    assert "".join(chr(id - 5) for id in chat[0].ids[1:]) == "[s]s;[u]Ja?;[a]"


def turns(count: int) -> tuple[Message, ...]:
    """A system's word, and so many questions, all but the last one answered."""
    made = [Message("user" if i % 2 == 0 else "assistant", f"text {i // 2}") for i in range(2 * count - 1)]
    return (Message("system", "short"), *made)


@pytest.mark.parametrize("room", [200, 80, 60, 50])
def test_a_conversation_that_outgrows_the_context_loses_its_oldest_turns(room):
    tokenizer, whole = Chatting(), turns(6)
    [[piece]] = CausalPrompter(tokenizer, room).pieces([whole])
    kept = [rest for n in range(6) if len(prompt_ids(rest := (whole[0], *whole[1 + 2 * n :]), tokenizer)) <= room]
    assert piece.ids == prompt_ids(kept[0], tokenizer)
    assert piece.trimmed == (kept[0] != whole)


def test_what_has_no_turns_to_lose_loses_its_beginning():
    tokenizer = Chatting()
    questions = ["Frage: " + "Ja? " * 20, (Message("system", "s"), Message("user", "Ja? " * 20))]
    for question, [piece] in zip(questions, CausalPrompter(tokenizer, 20).pieces(questions), strict=True):
        whole = prompt_ids(question, tokenizer)
        assert piece.ids == [BEGIN, *whole[len(whole) - 19 :]]
        assert piece.trimmed
    [[piece]] = WholePrompter(tokenizer, 9).pieces(["Ja. Nein. " * 20])
    assert piece.ids == [BEGIN, *tokenizer.encode("Ja. Nei"), EOS]
    assert piece.trimmed


def test_without_a_limit_nothing_is_left_out():
    [[chat]] = CausalPrompter(Chatting()).pieces([turns(40)])
    assert chat.ids == prompt_ids(turns(40), Chatting())
    assert not chat.trimmed
    assert prompt_room(None, True, 256) is None
    assert prompt_room(1024, False, 256) == 1024
    assert prompt_room(2048, True, 256) == 2048 - 128
    assert prompt_room(2048, True, 20) == 2048 - 20


@pytest.mark.parametrize(
    ("template", "kind"),
    [
        ("{source}", SentencePrompter), ("{translation.de}", SentencePrompter), ("{ Frage }", SentencePrompter),
        ("translate: {source}", WholePrompter), ("{source} ", WholePrompter), ("{a}{b}", WholePrompter),
        ("{{source}}{a}", WholePrompter),
    ],
)  # fmt: skip
def test_only_a_column_alone_may_be_cut(template, kind):
    tokenizer = Characters()
    assert type(make_prompter(tokenizer, causal=False, source_template=template, limit=9)) is kind
    assert type(make_prompter(tokenizer, causal=True, source_template=template, limit=9)) is CausalPrompter
