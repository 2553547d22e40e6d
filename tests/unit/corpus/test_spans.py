import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpus.spans import BLOCK, LONG, as_bytes, as_column, as_texts, hash_spans, word_spans

TRICKY = st.sampled_from(
    ["", " ", "\n", "a", "ß", "é", "_", "-", "«", "“", "…", "、", "漢字", "かな", "한글", "हिन्दी", "😀", "1"]
)
TEXTS = st.lists(st.lists(TRICKY | st.text(max_size=8), max_size=8).map("".join), max_size=8)


def large(texts: list[str]) -> pa.Array:
    return pa.array(texts, pa.large_string())


def words_of(text: str) -> list[str]:
    """The same by another way, character by character."""
    words, word = [], ""
    for character in text:
        point = ord(character)
        wide = 0x3040 <= point <= 0x9FFF
        mark = 0x80 <= point <= 0xBF or 0x2000 <= point <= 0x207F or 0x3000 <= point <= 0x303F
        inside = character.isalnum() if point < 0x80 else not mark
        if wide or not inside:
            words += [word, character if wide else ""]
            word = ""
        else:
            word += character
    return [word for word in [*words, word] if word]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TEXTS)
def test_words(texts):
    data, offsets = as_bytes(large(texts))
    starts, stops, bounds = word_spans(data, offsets)
    found = [data[a:b].tobytes().decode() for a, b in zip(starts, stops, strict=True)]
    assert [found[a:b] for a, b in itertools.pairwise(bounds)] == [words_of(text) for text in texts]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(TEXTS, st.integers(0, 3), st.integers(0, 3))
def test_a_column_and_its_bytes(texts, skip, cut):
    column = large(texts)[skip : max(skip, len(texts) - cut)]
    assert as_texts(*as_bytes(column)).equals(column)
    assert as_column(pa.chunked_array([pa.array(texts[:2], pa.string()), pa.array(texts[2:], pa.string())])) == large(
        texts
    )


def test_a_null_is_refused():
    with pytest.raises(ValueError, match="null"):
        as_column(pa.array(["a", None]))


def test_equal_bytes_have_equal_hashes_and_others_do_not():
    """Wherever they stand: within a block, across its end, as long as a block and longer."""
    rng = np.random.default_rng(5)
    pieces = [
        rng.integers(97, 123, length, dtype=np.uint8) for length in (1, 2, 7, 40, LONG, LONG + 1, BLOCK, 3 * BLOCK)
    ]
    order = [*range(len(pieces)), *reversed(range(len(pieces))), *[3] * 3000, *range(len(pieces))]
    data = np.concatenate([pieces[i] for i in order])
    stops = np.cumsum([len(pieces[i]) for i in order])
    starts = stops - [len(pieces[i]) for i in order]
    hashes = hash_spans(data, starts, stops)
    by_piece = [{int(h) for h, j in zip(hashes, order, strict=True) if j == i} for i in range(len(pieces))]
    assert [len(found) for found in by_piece] == [1] * len(pieces)
    assert len(set.union(*by_piece)) == len(pieces)


def test_hashes_spread_over_all_bits():
    texts = [f"{i:05d}" for i in range(20_000)]
    data, offsets = as_bytes(large(texts))
    hashes = hash_spans(data, offsets[:-1], offsets[1:])
    assert len(set(hashes.tolist())) == len(texts)
    ones = [(hashes >> np.uint64(bit) & np.uint64(1)).mean() for bit in range(64)]
    assert min(ones) > 0.48
    assert max(ones) < 0.52


def test_hashes_are_the_same_on_every_machine():
    data, offsets = as_bytes(large(["", "Haus", "x" * (LONG + 1)]))
    assert hash_spans(data, offsets[:-1], offsets[1:]).tolist() == [0, 11525234892500556652, 2391934043534077412]
