from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.evaluation.differences import Piece, word_differences

TEXTS = st.text(st.sampled_from("ab .,\nनि中é\u202e"), max_size=30)


def joined(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def changed(pieces: list[Piece]) -> list[str]:
    return [piece.text for piece in pieces if piece.differs]


def test_marks_what_differs_on_each_side():
    reference, output = word_differences("A man wears a red hat.", "A man wore a big red hat.")
    assert changed(reference) == ["wears"]
    assert changed(output) == ["wore", "big"]


def test_punctuation_is_compared_apart_from_its_word():
    reference, output = word_differences("Come in, please.", "Come in please!")
    assert changed(reference) == [",", "."]
    assert changed(output) == ["!"]


def test_neighbours_are_one_piece_with_the_space_between_them():
    reference, output = word_differences("one two three four", "one 2 3 four")
    assert changed(reference) == ["two three"]
    assert changed(output) == ["2 3"]


def test_devanagari_words_stay_whole():
    reference, output = word_differences("मैं हिन्दी सीखता हूँ।", "मैं हिन्दी सीखती हूँ।")
    assert changed(reference) == ["सीखता"]
    assert changed(output) == ["सीखती"]


def test_chinese_is_compared_by_character():
    assert changed(word_differences("我爱北京", "我爱上海")[1]) == ["上海"]


def test_empty_output():
    assert word_differences("All of it", "") == ([Piece("All of it", True)], [])


@settings(max_examples=200, derandomize=True, deadline=None)
@given(TEXTS, TEXTS)
def test_pieces_keep_the_texts_and_what_is_equal_is_equal(one, other):
    reference, output = word_differences(one, other)
    assert joined(reference) == one
    assert joined(output) == other
    kept = ["".join(p.text for p in side if not p.differs) for side in (reference, output)]
    assert "".join(kept[0].split()) == "".join(kept[1].split())


@settings(max_examples=50, derandomize=True, deadline=None)
@given(TEXTS)
def test_equal_texts_do_not_differ(text):
    assert not changed(word_differences(text, text)[0])
