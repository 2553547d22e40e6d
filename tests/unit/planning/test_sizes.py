import math

import pytest

from dragoman.planning.sizes import SIZES, batch_tokens, choose_limit, choose_size, choose_warmup
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


def test_limits_are_round_and_bounded():
    assert choose_limit(0, 3.0) == 32
    assert choose_limit(120, 3.0) == 64
    assert choose_limit(10**6, 3.0) == 512


@pytest.mark.parametrize("rows", [2, 100, 5_000, 10**7])
def test_there_are_more_steps_than_warm_up(rows):
    size = choose_size(rows)
    steps = rows * 30 * size.epochs / batch_tokens(rows, 30, size)
    assert 0 < choose_warmup(rows, 30, size) <= max(10, steps / 10)
