import datetime
import decimal
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.data.rows import BadRow, Example, Origin, Row
from dragoman.data.templates import Template
from dragoman.recipe import schema

ORIGIN = Origin("a.jsonl", 7)


def render(columns, **settings):
    return Template(schema.Template(**settings)).render(Row(columns, ORIGIN))


def reason(columns, **settings):
    bad = render(columns, **settings)
    assert isinstance(bad, BadRow)
    assert bad.origin == ORIGIN
    return bad.reason


def test_columns_are_put_into_the_text():
    row = {"en": "Hello", "hi": "नमस्ते"}
    found = render(row, source="translate English to Hindi: {en}", target="{hi}")
    assert found == Example("translate English to Hindi: Hello", "नमस्ते", ORIGIN)


def test_names_may_have_spaces_and_nest():
    row = {"English Text": "Hello", "translation": {"ar": {"saudi": "هلا"}}}
    assert render(row, source="{English Text}", target="{translation.ar.saudi}").target == "هلا"


def test_a_plain_name_with_a_dot_comes_before_nesting():
    assert render({"a.b": "plain", "a": {"b": "nested"}}, source="{a.b}", target="{a.b}").source == "plain"


@settings(max_examples=40)
@given(st.text(max_size=20), st.text(st.characters(exclude_characters="\0"), min_size=1).filter(str.strip))
def test_any_text_can_stand_around_any_cell(around, cell):
    escaped = around.replace("{", "{{").replace("}", "}}")
    shown = render({"en": "x" + cell}, source=escaped + "{en}" + escaped, target="{en}")
    assert shown.source == around + "x" + cell + around  # braces inside a cell mean nothing


@pytest.mark.parametrize("template", ["{en", "en}", "{}", "{ }", "{e{n}", "}{", "plain", "{{en}}", ""])
def test_a_template_that_cannot_be_read_is_refused_by_its_key(template):
    with pytest.raises(RequestError) as error:
        Template(schema.Template(source=template))
    assert error.value.where == "data.template.source"


class TestFaults:
    def test_a_nul_character_is_no_text(self):
        assert reason({"source": "a\0b", "target": "b"}) == "column 'source' holds a NUL character"

    def test_missing_empty_and_wrong_are_told_apart(self):
        settings = {"source": "{en}", "target": "{x.hi}"}
        assert reason({"x": {"hi": "a"}}, **settings) == "column 'en' is missing"
        assert reason({"en": "a", "x": "text"}, **settings) == "column 'x.hi' is missing"
        assert reason({"en": "a", "x": {"hi": ["b"]}}, **settings) == "column 'x.hi' holds a list, not text"
        assert reason({"en": {"a": 1}, "x": {"hi": "b"}}, **settings) == "column 'en' holds an object, not text"
        assert reason({"en": b"a", "x": {"hi": "b"}}, **settings) == "column 'en' holds bytes, not text"

    @pytest.mark.parametrize("nothing", [None, "", " \t\n", "\u00a0\u2003", "\u200b", " \u200b \ufeff ", math.nan])
    def test_what_leaves_nothing_to_read_is_empty(self, nothing):
        assert reason({"source": nothing, "target": "b"}) == "column 'source' is empty"

    def test_the_row_is_shown(self):
        assert '"target": "b"' in render({"source": "", "target": "b"}).content


class TestDefaults:
    def test_they_stand_in_for_missing_and_empty_cells(self):
        settings = {"source": "{en} ({context})", "target": "{hi}", "defaults": {"context": "none"}}
        for context in ({}, {"context": None}, {"context": " "}):
            assert render({"en": "a", "hi": "b", **context}, **settings).source == "a (none)"
        assert render({"en": "a", "hi": "b", "context": "game"}, **settings).source == "a (game)"

    def test_they_do_not_hide_a_wrong_type(self):
        assert (
            reason({"source": [], "target": "b"}, defaults={"source": "x"}) == "column 'source' holds a list, not text"
        )

    @pytest.mark.parametrize(("target", "defaults"), [("{hi}", {"hi": ""}), (" {hi} {more}", {"hi": "", "more": " "})])
    def test_empty_ones_may_not_leave_a_side_empty(self, target, defaults):
        with pytest.raises(RequestError, match="would make an empty target") as error:
            Template(schema.Template(source="{en}", target=target, defaults=defaults))
        assert error.value.where == "data.template.defaults"

    def test_an_empty_default_is_a_value(self):
        assert render({"en": "a", "hi": "b"}, source="{en}{more}", target="{hi}", defaults={"more": ""}).source == "a"

    def test_one_for_a_column_that_no_template_names_is_refused(self):
        with pytest.raises(RequestError, match="'contxt'") as error:
            Template(schema.Template(source="{en} {context}", target="{hi}", defaults={"contxt": ""}))
        assert error.value.hint == "did you mean 'context'?"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3, "3"), (2.5, "2.5"), (0, "0"), (True, "true"), (False, "false"), (decimal.Decimal("1.50"), "1.50"),
        (datetime.date(2024, 2, 1), "2024-02-01"), (" kept as it is ", " kept as it is "),
    ],
)  # fmt: skip
def test_scalars_become_text(value, shown):
    assert render({"source": value, "target": "b"}).source == shown


def test_a_level_is_taken_where_there_is_one():
    row = {"source": "a", "target": "b"}
    assert render({**row, "level": "B1"}, level="level").level == "B1"
    assert render({**row, "grade": {"cefr": 3}}, level="grade.cefr").level == "3"
    assert render(row, level="level").level is None
    assert render({**row, "level": ""}, level="level").level is None
    assert render({**row, "level": "B1"}).level is None


def test_what_a_template_needs_is_known():
    template = Template(schema.Template(source="{b}: {a} {a}", target="{c.d}", level="level"))
    assert template.source_columns == ["b", "a"]
    assert template.columns == {"a", "b", "c.d"}
    assert template.render_source(Row({"a": "1", "b": "2"}, ORIGIN)) == "2: 1 1"
