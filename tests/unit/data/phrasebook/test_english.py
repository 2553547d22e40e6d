"""English forms against a hand-made table."""

import pytest

from dragoman.data.phrasebook import verbs as v
from dragoman.data.phrasebook.adjectives import ADJECTIVES, superlative
from dragoman.data.phrasebook.english import article, comparative, conjugate, plural, possessive


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("apple", "an"),
        ("exam", "an"),
        ("orange", "an"),
        ("umbrella", "an"),
        ("book", "a"),
        ("university", "a"),
        ("European", "a"),
        ("hour", "an"),
        ("house", "a"),
    ],
)
def test_article_follows_the_sound(word, expected):
    assert article(word) == expected


@pytest.mark.parametrize(
    ("verb", "third", "past", "participle", "ing"),
    [
        (v.READ, "reads", "read", "read", "reading"),
        (v.WATCH, "watches", "watched", "watched", "watching"),
        (v.GO, "goes", "went", "gone", "going"),
        (v.FLY, "flies", "flew", "flown", "flying"),
        (v.PLAY, "plays", "played", "played", "playing"),
        (v.TIDY, "tidies", "tidied", "tidied", "tidying"),
        (v.SWIM, "swims", "swam", "swum", "swimming"),
        (v.GET_UP, "gets", "got", "got", "getting"),
        (v.DANCE, "dances", "danced", "danced", "dancing"),
        (v.HAVE_, "has", "had", "had", "having"),
        (v.PLAN, "plans", "planned", "planned", "planning"),
        (v.VISIT, "visits", "visited", "visited", "visiting"),
    ],
)
def test_verb_forms(verb, third, past, participle, ing):
    english = verb.english
    assert conjugate(english, "present", 3, False) == third
    assert conjugate(english, "present", 3, True) == english.base
    assert (english.past, english.participle, english.ing) == (past, participle, ing)


def test_to_be():
    be = v.BE_.english
    assert [conjugate(be, "present", person, False) for person in (1, 2, 3)] == ["am", "are", "is"]
    assert [conjugate(be, "past", person, False) for person in (1, 2, 3)] == ["was", "were", "was"]
    assert conjugate(be, "unreal", 1, False) == "were"


def test_nouns():
    assert [plural(noun) for noun in ("book", "watch", "city", "day", "bus")] == [
        "books",
        "watches",
        "cities",
        "days",
        "buses",
    ]
    assert possessive(["the", "teacher"], False) == ["the", "teacher's"]
    assert possessive(["the", "teachers"], True) == ["the", "teachers'"]
    assert possessive(["Lukas"], False) == ["Lukas's"]


def test_comparison():
    expected = {"big": "bigger", "happy": "happier", "quiet": "quieter", "young": "younger", "simple": "simpler"}
    assert {word: " ".join(comparative(word)) for word in expected} == expected
    assert comparative("expensive") == ("more", "expensive")
    assert comparative("boring") == ("more", "boring")
    assert superlative(ADJECTIVES["schön"]).english == "most beautiful"
    assert superlative(ADJECTIVES["gut"]).english == "best"
    assert superlative(ADJECTIVES["groß"]).english == "biggest"
