import math

import pytest

from dragoman.planning.sizes import SIZES, batch_tokens, choose_limit, choose_size, choose_vocabulary, choose_warmup
from dragoman.recipe import schema


@pytest.mark.parametrize("size", SIZES)
def test_every_size_is_a_model(size):
    schema.Nmt(
        d_model=size.d_model, n_heads=size.n_heads, n_kv_heads=2,
        encoder_layers=size.layers, decoder_layers=size.layers, d_ff=size.d_ff, dropout=size.dropout,
    )  # fmt: skip


def test_more_rows_never_get_a_smaller_model():
    chosen = [choose_size(10**n) for n in range(9)]
    assert [SIZES.index(size) for size in chosen] == sorted(SIZES.index(size) for size in chosen)
    assert choose_size(29_000).d_model == 256
    assert SIZES[-1].up_to == math.inf


def test_few_words_make_a_small_vocabulary_and_many_characters_a_large_one():
    tier = choose_size(100_000)
    assert choose_vocabulary(["a b c"] * 10, 5, 5, tier) == 365  # 359, four characters, 0.4 x 3
    words = [f"word{i}" for i in range(1000)]
    assert choose_vocabulary([" ".join(words)], 1000, 1000, tier) == 800  # 359 + 0.4 x 1000, rounded up
    assert choose_vocabulary([" ".join(words)], 1000, 4000, tier) == 1200  # four times the rows, twice the words
    assert choose_vocabulary([" ".join(words)], 1000, 10**9, tier) == tier.vocabulary
    assert choose_vocabulary(["".join(map(chr, range(0x4E00, 0x4E00 + 3000)))], 1, 1, choose_size(10)) >= 359 + 3000


def test_limits_are_round_and_bounded():
    assert choose_limit(0, 3.0) == 32
    assert choose_limit(120, 3.0) == 64
    assert choose_limit(10**6, 3.0) == 512


@pytest.mark.parametrize("rows", [2, 100, 5_000, 10**7])
def test_there_are_more_steps_than_warm_up(rows):
    size = choose_size(rows)
    steps = rows * 30 * size.epochs / batch_tokens(rows, 30, size)
    assert 0 < choose_warmup(rows, 30, size) <= max(10, steps / 10)
