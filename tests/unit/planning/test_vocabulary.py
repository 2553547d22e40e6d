import random

from dragoman.planning.sizes import choose_size
from dragoman.planning.vocabulary import choose_vocabulary

TIER = choose_size(100_000)


def test_few_words_make_a_small_vocabulary_and_many_a_large_one():
    draw = random.Random(1)
    words = ["".join(draw.choices("abcdefghijklmnopqrst", k=8)) for _ in range(1000)]
    texts = [" ".join(words[i : i + 10]) for i in range(0, 1000, 10)]
    assert choose_vocabulary(texts, 100, 100, TIER) == 800  # 359 + 0.4 x 1000 + 21, rounded up
    assert choose_vocabulary(texts, 100, 400, TIER) == 1200  # four times the rows, twice the words
    assert choose_vocabulary(texts, 100, 10**9, TIER) == TIER.vocabulary


def test_every_character_has_room():
    assert choose_vocabulary(["".join(map(chr, range(0x4E00, 0x4E00 + 3000)))], 1, 1, choose_size(10)) >= 359 + 2998


def test_a_text_that_repeats_itself_gets_little_more_than_its_characters():
    texts = [f"Das ist Satz {i}." for i in range(1000)]
    assert 359 + len(set("▁Das ist Satz.0123456789")) - 1 <= choose_vocabulary(texts, 1000, 1000, TIER) < 400
    assert choose_vocabulary(["a b c"] * 10, 5, 10**6, TIER) < 370


def test_nothing_to_go_by():
    assert choose_vocabulary([], 0, 5, TIER) == 360
