"""Texts, lines and rows, as inputs of a model: one each, in order."""

import io
import sys
from pathlib import Path

import pytest

from dragoman.base.errors import RequestError
from dragoman.data.rows import Message
from dragoman.data.templates import Template
from dragoman.generation.inputs import parse_fields, read_inputs
from dragoman.recipe import schema

ONE = Template(schema.Template(source="Q {style}: {de} (formal)", target="{en}", defaults={"style": "plain"}))
TWO = Template(schema.Template(source="Q {id}: {t.de}", target="{en}"))


def inputs(template, *texts, path=None):
    return list(read_inputs(template, texts or None, path))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_text_fills_the_one_column_without_a_default():
    assert inputs(ONE, "Ja {x}", "", " ", "a\0b") == ["Q plain: Ja {x} (formal)", "", "", "Q plain: ab (formal)"]


def test_an_only_column_is_filled_though_it_has_a_default():
    template = Template(schema.Template(source="<{de}>", target="{en}", defaults={"de": "nichts"}))
    assert inputs(template, "etwas", "") == ["<etwas>", "<nichts>"]


def test_texts_for_several_columns_are_refused():
    with pytest.raises(RequestError, match=r"are made of the columns 'id' and 't\.de'") as error:
        read_inputs(TWO, ["Ja"], None)
    assert '{"id": "...", "t.de": "..."}' in error.value.hint
    everything = {"style": "plain", "de": "nichts"}
    with pytest.raises(RequestError, match="'style' and 'de'"):
        read_inputs(Template(schema.Template(source="{style} {de}", target="{en}", defaults=everything)), ["Ja"], None)


def test_lines_of_a_file_and_of_standard_input(tmp_path, monkeypatch):
    file = write(tmp_path / "in.txt", "\ufeffJa\r\n\nNein\u2028x")
    expected = ["Q plain: Ja (formal)", "", "Q plain: Nein\u2028x (formal)"]
    assert inputs(ONE, path=file) == expected
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))
    assert inputs(ONE) == expected


def test_rows_of_a_table_stay_in_their_places(tmp_path):
    lines = '{"id": 1, "t": {"de": "Ja"}}\n{"id": 2, "t": {"de": ""}}\n{"id": 3, "t.de": "Nein", "more": []}\n'
    assert inputs(TWO, path=write(tmp_path / "in.jsonl", lines)) == ["Q 1: Ja", "", "Q 3: Nein"]
    assert inputs(TWO, path=write(tmp_path / "in.csv", 'id,t.de\n1,"Ja, ja"\n2,\n')) == ["Q 1: Ja, ja", ""]
    assert inputs(ONE, path=write(tmp_path / "in.tsv", "de\tstyle\nJa\trude\nNein\t\n")) == [
        "Q rude: Ja (formal)",
        "Q plain: Nein (formal)",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": 3}', "column 't.de' is missing"), ("{", "broken JSON"), ("[1]", "not a JSON object"),
        ('{"id": 3, "t": {"de": [1]}}', "column 't.de' holds a list, not text"),
    ],
)  # fmt: skip
def test_a_row_that_is_no_input_is_named(tmp_path, line, reason):
    file = write(tmp_path / "in.jsonl", '{"id": 1, "t": {"de": "Ja"}}\n' + line + "\n")
    read = read_inputs(TWO, None, file)
    assert next(read) == "Q 1: Ja"
    with pytest.raises(RequestError, match="correct the row, or take it out") as error:
        next(read)
    assert error.value.message.startswith(reason)
    assert error.value.where == f"{file}:2"


def test_what_is_no_file_is_refused_at_once(tmp_path):
    with pytest.raises(RequestError, match="no such file"):
        read_inputs(ONE, None, tmp_path / "none.txt")
    with pytest.raises(RequestError, match="is a folder"):
        read_inputs(ONE, None, tmp_path)


def test_a_terminal_is_told_how_to_end(monkeypatch, capsys):
    stdin = io.TextIOWrapper(io.BytesIO(b"Ja\n"))
    stdin.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", stdin)
    assert len(inputs(ONE)) == 1
    assert capsys.readouterr().err == "reading lines; end with Ctrl-D\n"


def given(template, fields, *texts, path=None):
    return list(read_inputs(template, texts or None, path, fields))


def test_a_field_has_the_same_value_for_every_text():
    assert given(TWO, {"id": "7"}, "Ja", "", "Nein") == ["Q 7: Ja", "", "Q 7: Nein"]
    assert given(ONE, {"style": "rude"}, "Ja") == ["Q rude: Ja (formal)"]
    assert given(ONE, {"style": ""}, "Ja") == ["Q plain: Ja (formal)"], "an empty one is a missing one"


def test_a_field_stands_in_every_row_of_a_table(tmp_path):
    rows = write(tmp_path / "in.jsonl", '{"t": {"de": "Ja"}}\n{"id": 2, "t": {"de": "Nein"}}\n')
    assert given(TWO, {"id": "7"}, path=rows) == ["Q 7: Ja", "Q 7: Nein"]
    lines = write(tmp_path / "in.txt", "Ja\n\nNein\n")
    assert given(TWO, {"id": "7"}, path=lines) == ["Q 7: Ja", "", "Q 7: Nein"]


def test_the_text_fills_the_column_that_no_field_does():
    assert given(TWO, {"t.de": "Ja"}, "7") == ["Q 7: Ja"]
    with pytest.raises(RequestError, match="a text alone is not enough") as error:
        given(TWO, {"id": "7", "t.de": "Ja"}, "Nein")
    assert "--field" in error.value.hint


def test_a_field_that_no_template_names_is_refused():
    with pytest.raises(RequestError, match="no column 'styl'") as error:
        given(ONE, {"styl": "rude"}, "Ja")
    assert error.value.hint == "did you mean 'style'?"
    with pytest.raises(RequestError, match="no column 'zzz'") as error:
        given(ONE, {"zzz": "rude"}, "Ja")
    assert error.value.hint == "its columns: style, de"


def test_fields_are_names_and_values():
    assert parse_fields([]) == {}
    assert parse_fields(["a=b", " c.d =e=f ", "g="]) == {"a": "b", "c.d": "e=f ", "g": ""}
    for wrong in ("a", "=b", " =b", ""):
        with pytest.raises(RequestError, match="is no NAME=VALUE"):
            parse_fields([wrong])


CHAT = Template(schema.Template(messages="turns", system="Kurz."), "chat")


def test_a_text_is_the_first_question_of_a_conversation():
    asked = (Message("system", "Kurz."), Message("user", "Ja?"))
    assert inputs(CHAT, "Ja?", "") == [asked, ""]
    made = Template(schema.Template(source="Q: {de}", target="{en}"), "chat")
    assert inputs(made, "Ja?", "") == [(Message("user", "Q: Ja?"),), ""]


def test_conversations_of_a_table_end_before_the_answer(tmp_path):
    turns = '[{"role": "user", "content": "Ja?"}, {"role": "assistant", "content": "Nein."}]'
    asked = (Message("system", "Kurz."), Message("user", "Ja?"))
    open_turns = turns.partition(', {"role": "assistant"')[0] + "]"
    rows = write(tmp_path / "in.jsonl", f'{{"turns": {turns}}}\n{{"turns": {open_turns}}}\n')
    assert inputs(CHAT, path=rows) == [asked, asked]


ENTITIES = Template(schema.Template(source="ner: {tokens}", target="{entities}"), "entities")


def test_words_of_a_table_are_a_text_under_whatever_name_they_had_in_training(tmp_path):
    named = '{"a": {"words": ["Anna", "lebt", "."]}, "tokens": 7}\n{"a": {"words": []}}\n{"a": {"words": "Ja ."}}\n'
    rows = write(tmp_path / "in.jsonl", named + '{"tokens": ["Nein", "."]}\n{"tokens": "Nein ."}\n')
    found = list(read_inputs(ENTITIES, None, rows, words="a.words"))
    assert found == ["ner: Anna lebt .", "", "ner: Ja .", "ner: Nein .", "ner: Nein ."]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{"word": ["Anna"]}', "column 'words' is missing"),
        ('{"words": [1, 2]}', "column 'words' holds a list, not a list of words"),
        ('{"tokens": {"a": 1}}', "column 'tokens' holds an object, not a list of words"),
    ],
)
def test_rows_without_words_are_named_as_the_recipe_calls_them(tmp_path, row, reason):
    file = write(tmp_path / "in.jsonl", row + "\n")
    with pytest.raises(RequestError, match=reason):
        list(read_inputs(ENTITIES, None, file, words="words"))
