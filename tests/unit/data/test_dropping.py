import datetime

import pytest

from dragoman.base.errors import RequestError
from dragoman.data.dropping import DropRules
from dragoman.data.rows import Origin, Row


def reason(columns, **rules):
    return DropRules(rules).reason(Row(columns, Origin("a", 1)))


@pytest.mark.parametrize(
    ("value", "regex", "dropped"),
    [
        ("ERROR: no answer", "^ERROR:", True),
        ("An ERROR: inside", "^ERROR:", False),
        ("the rate limit was hit", "rate limit", True),
        ("Rate Limit", "(?i)rate limit", True),
        (None, "None|nan", False),
        (float("nan"), "nan", False),
        (None, "^$", True),
        ("  ", "^$", False),
        (404, r"\b404\b", True),
        (True, "true", True),
        (datetime.date(2024, 2, 1), "^2024", True),
        (["fine", "ERROR: x"], "ERROR:", True),
        ([{"role": "user", "content": "grün"}], "grün", True),
        ({"a": {"b": ["x"]}}, '"x"', True),
    ],
)
def test_a_column_is_searched_as_text(value, regex, dropped):
    assert reason({"response": value}, response=regex) == (f"response matches '{regex}'" if dropped else None)


def test_columns_nest_and_may_be_missing():
    assert DropRules({"a.b": "x"}).reason(Row({"a": {"b": "xyz"}}, Origin("a", 1))) == "a.b matches 'x'"
    assert reason({"other": "x"}, response="x") is None


def test_the_first_rule_that_matches_gives_the_reason():
    assert reason({"a": "x", "b": "y"}, b="y", a="x") == "b matches 'y'"
    assert DropRules({"b": "y", "a": "x"}).columns == ["b", "a"]


@pytest.mark.parametrize("regex", ["(", "*a", "[a", "a{99999999999999}", "(?P<n>a)(?P<n>b)"])
def test_what_is_no_regular_expression_is_refused_by_its_key(regex):
    with pytest.raises(RequestError, match="for the column 'response', is no regular expression") as error:
        DropRules({"response": regex})
    assert error.value.where == "data.drop_if"
