"""Words and tags to text and back: what is learnt, and what a model's answer means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.data import entities as module
from dragoman.data.entities import check_none, entity_rows, format_entities, parse_entities
from dragoman.data.rows import BadRow, Origin, Row
from dragoman.recipe import schema


def derive(words, tags, settings=schema.Entities(), more=()):  # noqa: B008
    rows = [Row({settings.tokens: words, settings.tags: tags}, Origin("a.conll", 3)), *more]
    return next(iter(entity_rows(iter(rows), settings)))


def said(words, tags, **keys):
    row = derive(words, tags, schema.Entities(**keys))
    assert isinstance(row, Row)
    return row.columns["tokens"], row.columns["entities"]


class TestText:
    def test_entities_are_listed_with_their_types(self):
        assert format_entities([("Peter Blackburn", "PER"), ("EU", "ORG")]) == "Peter Blackburn: PER | EU: ORG"
        assert format_entities([]) == "None"
        assert format_entities([], none="nothing") == "nothing"

    def test_parsing_is_lenient_with_spaces(self):
        assert parse_entities(" Peter :  PER|EU: ORG ").entities == [("Peter", "PER"), ("EU", "ORG")]
        assert parse_entities("  None ") == ([], 0)

    @pytest.mark.parametrize(
        ("text", "found", "malformed"),
        [
            ("", [], 1),
            ("Peter", [], 1),
            ("Peter: ", [], 1),
            (": PER", [], 1),
            ("Peter:PER", [], 1),
            ("Peter: PER | ", [("Peter", "PER")], 1),
            ("None | EU: ORG", [("EU", "ORG")], 1),
            ("none", [], 1),
            ("a | | b", [], 3),
            ("a: b: PER", [("a: b", "PER")], 0),
        ],
    )
    def test_parts_that_are_no_entity_are_counted(self, text, found, malformed):
        assert parse_entities(text) == (found, malformed)

    def test_bars_and_colons_of_an_entity_survive(self):
        tricky = [("a | b", "X"), ("|", "X"), ("||", "|"), (":", "X"), (": a:", "X:Y"), ("b |", "X|"), ("None", "X")]
        assert format_entities(tricky[:1]) == "a || b: X"
        assert parse_entities(format_entities(tricky)) == (tricky, 0)


texts = st.text(st.sampled_from("ab|: \u00a0\t"), min_size=1, max_size=8) | st.text(min_size=1, max_size=8)
names = texts.filter(str.strip)
kinds = texts.filter(lambda kind: kind.strip() and ": " not in " ".join(kind.split()))


@settings(max_examples=300)
@given(st.lists(st.tuples(names, kinds), max_size=5), st.sampled_from(["None", "-", "no entities", "a|b", "a:"]))
def test_every_list_of_entities_comes_back(listed, none):
    squashed = [(" ".join(text.split()), " ".join(kind.split())) for text, kind in listed]
    check_none(none)
    assert parse_entities(format_entities(listed, none), none) == (squashed, 0)


@pytest.mark.parametrize("none", ["", " ", "no: ENTITY", "a: b | c"])
def test_a_word_for_none_that_would_mislead_is_refused(none):
    with pytest.raises(RequestError) as error:
        check_none(none)
    assert error.value.where == "data.entities.none"
    with pytest.raises(RequestError):
        derive(["a"], ["O"], schema.Entities(none=none))


class TestRows:
    def test_words_and_tags_become_two_columns(self):
        words = ["EU", "rejects", "New", "York", "Times"]
        assert said(words, ["I-ORG", "O", "I-LOC", "I-LOC", "B-LOC"]) == (
            "EU rejects New York Times",
            "EU: ORG | New York: LOC | Times: LOC",
        )
        assert said(["It", "rains"], ["O", "O"]) == ("It rains", "None")

    def test_columns_have_names_of_their_own_and_others_stay(self):
        settings = schema.Entities(tokens="words", tags="labels.ner", none="nothing")
        row = Row({"words": ["Rome"], "labels": {"ner": ["B-LOC"]}, "id": "7"}, Origin("a", 1))
        (found,) = entity_rows(iter([row]), settings)
        assert found.columns == {**row.columns, "tokens": "Rome", "entities": "Rome: LOC"}
        assert found.origin == row.origin

    @pytest.mark.parametrize(
        ("words", "tags", "reason"),
        [
            (["a", "b"], ["O"], "different numbers of words and tags (2 and 1)"),
            ("a b", ["O"], "column 'tokens' holds text, not a list"),
            (["a"], None, "column 'ner_tags' is empty"),
            (["a", 3], ["O", "O"], "column 'tokens' holds a list with something that is no text (3 in place 2)"),
            (["a"], [7], "column 'ner_tags' holds a list with something that is no text (7 in place 1)"),
            (["a", None], ["O", "O"], "column 'tokens' holds a list with something that is no text (None in place 2)"),
            (["a"], ["PER"], "a tag is neither O nor a mark with a type, such as B-PER ('PER' of word 1)"),
            ([" "], ["B-PER"], "an entity has no text (PER)"),
            (["a"], ["B-x: y"], "an entity's type holds a colon and a space (x: y)"),
        ],
    )
    def test_what_cannot_be_used_is_a_bad_row(self, words, tags, reason):
        row = derive(words, tags)
        assert isinstance(row, BadRow)
        assert (str(row), row.origin) == (reason, Origin("a.conll", 3))

    def test_a_missing_column(self):
        (row,) = entity_rows(iter([Row({"tokens": ["a"]}, Origin("a", 1))]), schema.Entities())
        assert row.reason == "column 'ner_tags' is missing"

    def test_bad_rows_pass(self):
        bad = BadRow(Origin("a", 1), "not UTF-8")
        assert list(entity_rows(iter([bad]), schema.Entities())) == [bad]


class TestScheme:
    def test_it_is_told_from_later_rows_too(self):
        later = Row({"tokens": ["a"], "ner_tags": ["S-PER"]}, Origin("a", 9))
        row = derive(["a", "b"], ["B-PER", "E-PER"], more=[later])
        assert row.columns["entities"] == "a b: PER"

    def test_only_the_first_rows_are_held(self, monkeypatch):
        monkeypatch.setattr(module, "FIRST_ROWS", 3)
        taken = []

        def rows():
            for number in range(10):
                taken.append(number)
                yield Row({"tokens": ["a"], "ner_tags": ["O"]}, Origin("a", number))

        found = entity_rows(rows(), schema.Entities())
        next(found)
        assert taken == [0, 1, 2]
        assert len(list(found)) == 9

    def test_a_stated_one_is_held_to(self):
        assert derive(["a"], ["I-PER"]).columns["entities"] == "a: PER"
        bad = derive(["a"], ["I-PER"], schema.Entities(scheme="iob2"))
        assert str(bad) == "the tags break the scheme iob2 (I-PER of word 1 begins an entity)"
