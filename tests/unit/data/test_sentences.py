import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.data.sentences import characters, clauses, sentences, split, words

TEXT = st.text(st.sampled_from("abzAÄß 019.,;:!?…-–\"'„“»«()。！、\u0301\u200d字 \u00a0."), max_size=120) | st.text(
    max_size=60
)


@pytest.mark.parametrize(
    "expected",
    [
        ["Ein Hund läuft. ", "Eine Katze schläft! ", "Warum? ", "Darum."],
        ["Er sagte: „Komm!“ ", "Dann ging er."],
        ["„Halt!“ rief sie laut."],
        ['"Stop." ', '"Why?" she asked.'],
        ["Das kostet 3.5 Euro. ", "Oder 1.000.000 Dollar."],
        ["Am 3. Oktober feiern wir. ", "Es war 1990. ", "Alle waren da."],
        ["Dr. Müller und Prof. Schmidt kamen z.B. gestern, d. h. am Montag. ", "Schön."],
        ["Obst, z. B. Äpfel usw. Mehl nicht."],
        ["Mr. Smith met Mrs. Jones, e.g. in the U.S. Army. ", "They left."],
        ["J. S. Bach wrote it (cf. Fig. 3). ", "See www.example.com for more."],
        ["Well... ", "I do not know… ", "Maybe."],
        ["He left ... and came back."],
        ["Really?! ", "(Yes.) ", "[No.] ", "– Good. ", "¿Qué? ", "¡Hola!"],
        ["你好。", "再见！", "“好吗？”", "好"],
        ["यह एक है। ", "दो।"],
        ["no mark at all"],
        ["end."],
        ["Approx. 5 min. later it ended."],
    ],
)
def test_sentence_ends(expected):
    assert sentences("".join(expected)) == expected


def test_nothing_makes_no_sentence():
    assert sentences("") == []


def test_other_ways():
    assert clauses("Ja, nein; 3,5 – gut: so") == ["Ja, ", "nein; ", "3,5 – ", "gut: ", "so"]
    assert words("a bc  d") == ["a ", "bc  ", "d"]
    assert characters("ae\u0301e") == ["a", "e\u0301", "e"]


@given(TEXT)
def test_every_way_keeps_everything(text):
    for way in (sentences, clauses, words, characters):
        assert "".join(way(text)) == text
        assert all(way(text))


@given(TEXT, st.integers(1, 30))
def test_pieces_are_the_text_and_fit(text, limit):
    pieces = split(text, lambda piece: len(piece.strip()) <= limit)
    assert "".join(pieces) == text
    assert all(len(piece.strip()) <= limit or len(characters(piece)) == 1 for piece in pieces)


@given(TEXT)
def test_without_a_limit_only_sentences_are_cut(text):
    assert split(text, lambda piece: True) == sentences(text)


@given(st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=30), st.integers(6, 30))
def test_words_are_packed_and_never_cut_where_they_fit(parts, limit):
    text = " ".join(parts)
    pieces = split(text, lambda piece: len(piece.strip()) <= limit)
    assert [word for piece in pieces for word in piece.split()] == parts
    for piece, following in pairwise(pieces):
        assert len(piece) + len(following.split()[0]) > limit, "as few pieces as fit"


def test_commas_are_tried_before_spaces_and_spaces_before_letters():
    fits = lambda piece: len(piece.strip()) <= 12  # noqa: E731
    assert split("Kurz. Eins zwei, drei vier fuenf sechs, sieben. Donaudampfschiff", fits) == [
        "Kurz. ", "Eins zwei, ", "drei vier ", "fuenf sechs, ", "sieben. ", "Donaudampfsc", "hiff",
    ]  # fmt: skip


def test_a_mark_stays_with_its_letter():
    text = unicodedata.normalize("NFD", "é" * 20)
    assert all(not unicodedata.combining(piece[0]) for piece in split(text, lambda piece: len(piece) <= 3))


@pytest.mark.parametrize("unit", ["x", "x ", "x, ", "x. ", ".", "„", "- "])
def test_the_time_for_a_huge_line_grows_with_its_length(unit):
    start = time.process_time()
    text, tried = unit * 100_000, []
    pieces = split(text, lambda piece: tried.append(len(piece)) or len(piece) <= 100)
    assert "".join(pieces) == text
    assert time.process_time() - start < 5, "and not minutes"
    assert sum(tried) < 5 * len(text), "each piece is tried a few times, and the whole not again and again"


def test_pieces_of_very_different_sizes_are_as_few_as_fit():
    parts = ["x, " * 400, "y" * 990 + ", ", "z, " * 400]
    pieces = split("".join(parts), lambda piece: len(piece) <= 1000)
    assert [len(piece) for piece in pieces] == [999, 201, 998, 999, 195]
