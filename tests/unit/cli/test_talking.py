from __future__ import annotations

import io
import re
from types import SimpleNamespace

import pytest

from dragoman.cli.talking import bare, coloured_entities, converse
from dragoman.data.rows import Message
from dragoman.data.templates import Template
from dragoman.recipe import schema

TEMPLATE = Template(schema.Template(source="{q}", target="{a}", system="Be brief."), "chat")


class Listening:
    """Answers with the number of the question, and remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[Message, ...]] = []

    def answer(self, texts, title):
        (said,) = texts
        self.shown.append(said)
        candidates = [SimpleNamespace(finished=True)]
        yield SimpleNamespace(text=f"answer {len(self.shown)}", candidates=candidates, trimmed=False)


def test_a_conversation_is_remembered_until_an_empty_line(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("one\r\ntwo\n\nthree\n"))
    model = Listening()
    converse(model, TEMPLATE.ask)  # type: ignore[arg-type]
    first, second, third = ([(turn.role, turn.content) for turn in said] for said in model.shown)
    assert first == [("system", "Be brief."), ("user", "one")]
    assert second == [*first, ("assistant", "answer 1"), ("user", "two")]
    assert third == [("system", "Be brief."), ("user", "three")]
    printed = capsys.readouterr()
    assert printed.out == "answer 1\nanswer 2\nanswer 3\n"
    assert "a new conversation" in printed.err


@pytest.fixture
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_entities_stand_in_colour_in_their_text(colours: None, capsys) -> None:
    coloured_entities("Al met Ada in Oslo. Also Al Gore.", "Al: PER | Ada: PER | Oslo: LOC | Rome: LOC", "None")
    shown, elsewhere = capsys.readouterr().out.removesuffix("\n").split("\n")
    marked = re.findall(r"\x1b\[1;3(\d)m([^\x1b]*)\x1b\[0m", shown)
    *found, location, person = marked  # and the legend
    assert {text for _, text in found} == {"Al", "Ada", "Oslo"}
    assert [text for _, text in found].count("Al") == 2  # and none in Also
    assert (location[1], person[1]) == ("LOC", "PER")
    assert {colour for colour, text in found if text == "Oslo"} == {location[0]}
    assert {colour for colour, text in found if text != "Oslo"} == {person[0]} != {location[0]}
    assert "not in the text: Rome: LOC" in elsewhere


def test_a_text_without_entities_is_the_text(colours: None, capsys) -> None:
    coloured_entities("Nothing [b]here[/b].", "None", "None")
    assert capsys.readouterr().out == "Nothing [b]here[/b].\n"


@pytest.mark.parametrize(
    ("template", "text", "shown"),
    [
        ("ner: {tokens}", "ner: Al met ner: Ada", "Al met ner: Ada"),
        ("<{tokens}>", "<Al>", "Al"),
        ("{tokens}", "Al", "Al"),
        ("{a}: {b}", "x: y", "x: y"),
        ("ner: {tokens}", "", ""),
    ],
)
def test_what_a_template_puts_around_a_text_is_not_shown(template: str, text: str, shown: str) -> None:
    assert bare(text, template) == shown
