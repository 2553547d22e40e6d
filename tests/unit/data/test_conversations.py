"""Conversations in the two notations of data sets, and one question with its answer, as a chat model learns them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.data.rows import BadRow, Message, Origin, Row
from dragoman.data.templates import Template
from dragoman.recipe import schema

ORIGIN = Origin("chat.jsonl", 5)


def turns(*pairs):
    return [{"role": role, "content": content} for role, content in pairs]


def messages(*pairs):
    return tuple(Message(role, content) for role, content in pairs)


def template(**keys):
    return Template(schema.Template(**{"messages": "messages", **keys}), "chat")


def render(value, **keys):
    return template(**keys).render(Row({"messages": value}, ORIGIN))


def reason(value):
    bad = render(value)
    assert isinstance(bad, BadRow)
    assert bad.origin == ORIGIN
    return str(bad)


HELLO = (("user", "Namaste"), ("assistant", "Haan, boliye"), ("user", "chai kahan hai"), ("assistant", "kitchen mein"))


class TestWholeConversations:
    def test_the_last_answer_and_the_question_before_it_stand_for_it(self):
        example = render(turns(*HELLO))
        assert example.messages == messages(*HELLO)
        assert (example.source, example.target, example.origin) == ("chai kahan hai", "kitchen mein", ORIGIN)
        assert example.context == "user: Namaste\nassistant: Haan, boliye\nuser: chai kahan hai"

    def test_the_notation_of_sharegpt(self):
        roles = {"user": "human", "assistant": "gpt"}
        value = [{"from": roles[role], "value": content} for role, content in HELLO]
        assert render([{"from": "system", "value": "Kind."}, *value]).messages == messages(("system", "Kind."), *HELLO)

    def test_keys_that_other_rows_have_may_be_empty(self):
        value = [{"role": None, "from": "human", "content": None, "value": "a"}, {"role": "assistant", "content": "b"}]
        assert render(value).messages == messages(("user", "a"), ("assistant", "b"))

    def test_the_assistant_may_begin_and_go_on(self):
        pairs = (("assistant", "Hello"), ("assistant", "?"), ("user", "hi"), ("user", "you"), ("assistant", "Yes"))
        example = render(turns(*pairs))
        assert (example.messages, example.source, example.target) == (messages(*pairs), "you", "Yes")
        alone = render(turns(("assistant", "Hello")))
        assert (alone.source, alone.target, alone.context) == ("", "Hello", "")

    def test_what_comes_after_the_last_answer_stays(self):
        example = render(turns(*HELLO, ("user", "thanks")))
        assert (example.source, example.target) == ("chai kahan hai", "kitchen mein")
        assert example.messages[-1] == Message("user", "thanks")

    def test_a_column_may_be_nested_and_text_is_kept_as_it_is(self):
        found = Template(schema.Template(messages="chat.turns", level="n"), "chat")
        example = found.render(Row({"chat": {"turns": turns(("assistant", " a\n"))}, "n": 3}, ORIGIN))
        assert (example.target, example.level, found.columns) == (" a\n", "3", {"chat.turns"})

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            (turns(("user", "hi")), "a conversation without an answer of the assistant"),
            (turns(("tool", "x"), ("assistant", "y")), "a turn has no role that is known (turn 1: 'tool')"),
            ([{"content": "x"}], "a turn has no role that is known (turn 1: None)"),
            (turns(("user", "a"), ("system", "b"), ("assistant", "c")), "a system turn after the first turn (turn 2)"),
            (turns(("user", ["a"]), ("assistant", "b")), "a turn holds no text (turn 1)"),
            (turns(("user", "a"), ("assistant", None)), "a turn holds no text (turn 2)"),
            (turns(("user", "a"), ("assistant", 3)), "a turn holds no text (turn 2)"),
            (turns(("user", "a"), ("assistant", " \u200b")), "a turn is empty (turn 2)"),
            (turns(("user", "a\0"), ("assistant", "b")), "a turn holds a NUL character (turn 1)"),
            (["hi"], "a turn is no object with a role and a content (turn 1)"),
            ([], "column 'messages' is empty"),
            (None, "column 'messages' is empty"),
            ("hi", "column 'messages' holds text, not a list of turns"),
            ({"role": ["user"]}, "column 'messages' holds an object, not a list of turns"),
        ],
    )
    def test_what_cannot_be_used_says_why(self, value, said):
        assert reason(value) == said

    def test_a_missing_column(self):
        assert template().render(Row({"text": "a"}, ORIGIN)).reason == "column 'messages' is missing"


class TestSystem:
    def test_it_comes_before_every_conversation(self):
        assert render(turns(*HELLO), system="Be kind.").messages == messages(("system", "Be kind."), *HELLO)

    def test_a_conversations_own_follows_in_the_same_turn(self):
        example = render(turns(("system", "A shop."), *HELLO), system="Be kind.")
        assert example.messages == messages(("system", "Be kind.\n\nA shop."), *HELLO)

    def test_an_empty_one_is_none(self):
        assert render(turns(*HELLO), system=" ").messages == messages(*HELLO)


class TestQuestionAndAnswer:
    def test_a_source_and_a_target_are_a_conversation(self):
        found = Template(schema.Template(source="Q: {q}", target="{a}", system="Be kind."), "chat")
        example = found.render(Row({"q": "why", "a": "so"}, ORIGIN))
        assert example.messages == messages(("system", "Be kind."), ("user", "Q: why"), ("assistant", "so"))
        assert (example.source, example.target) == ("Q: why", "so")

    def test_bad_cells_are_bad_rows(self):
        found = Template(schema.Template(source="{q}", target="{a}"), "chat")
        assert found.render(Row({"q": "why", "a": ""}, ORIGIN)).reason == "column 'a' is empty"

    def test_other_tasks_have_no_messages(self):
        found = Template(schema.Template(source="{q}", target="{a}"), "text-to-text")
        assert found.render(Row({"q": "why", "a": "so"}, ORIGIN)).messages is None

    @pytest.mark.parametrize("keys", [{"messages": "m"}, {"system": "Be kind."}])
    def test_keys_of_chat_need_the_task(self, keys):
        with pytest.raises(RequestError, match="goes with task: chat") as error:
            Template(schema.Template(**keys), "translation")
        assert error.value.where == f"data.template.{next(iter(keys))}"

    def test_defaults_are_of_no_use_for_whole_conversations(self):
        with pytest.raises(RequestError, match="which no template names"):
            template(defaults={"messages": "x"})


class TestQuestions:
    def test_a_row_without_an_answer_asks(self):
        row = Row({"messages": turns(*HELLO[:3]), "q": "why"}, ORIGIN)
        assert template(system="S").render_question(row) == messages(("system", "S"), *HELLO[:3])
        pair = Template(schema.Template(source="{q}?", target="{a}"), "chat")
        assert pair.render_question(row) == messages(("user", "why?"))
        plain = Template(schema.Template(source="{q}?", target="{a}"))
        assert plain.render_question(row) == "why?"

    def test_the_answer_of_a_row_with_one_is_left_out(self):
        row = Row({"messages": turns(*HELLO)}, ORIGIN)
        assert template().render_question(row) == messages(*HELLO[:3])

    def test_a_bad_row_stays_one(self):
        assert isinstance(template().render_question(Row({"messages": [3]}, ORIGIN)), BadRow)


roles = st.sampled_from(["user", "assistant"])
said_texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=8).map("x".__add__)


@settings(max_examples=100)
@given(st.lists(st.tuples(roles, said_texts), min_size=1, max_size=6), st.booleans(), st.none() | said_texts)
def test_no_turn_is_lost(pairs, sharegpt, system):
    names = {"user": "human", "assistant": "gpt"}
    value = [{"from": names[role], "value": text} for role, text in pairs] if sharegpt else turns(*pairs)
    example = render(value, system=system)
    answers = [text for role, text in pairs if role == "assistant"]
    if not answers:
        assert isinstance(example, BadRow)
        return
    before = () if system is None else (("system", system),)
    assert example.messages == messages(*before, *pairs)
    assert example.target == answers[-1]
