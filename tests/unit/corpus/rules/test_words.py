from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from rule_oracles import any_texts, lines, paragraphs

from dragoman.corpus.rules import Words
from dragoman.corpus.rules.characters import KINDS, UPPER, code_points, lead_lengths


def pieces(batch: Words, starts: np.ndarray, stops: np.ndarray, bounds: np.ndarray) -> list[list[str]]:
    texts = [batch.data[i:j].tobytes().decode() for i, j in zip(starts, stops, strict=True)]
    return [texts[i:j] for i, j in pairwise(bounds)]


@settings(deadline=None, max_examples=300)
@given(any_texts)
def test_words_lines_and_paragraphs_are_those_of_python(texts):
    batch = Words(pa.array(texts, pa.large_string()))
    assert pieces(batch, batch.starts, batch.stops, batch.bounds) == [text.split() for text in texts]
    assert pieces(batch, batch.lines.starts, batch.lines.stops, batch.lines.bounds) == [lines(text) for text in texts]
    found = batch.paragraphs
    assert pieces(batch, found.starts, found.stops, found.bounds) == [paragraphs(text) for text in texts]
    assert batch.line_column.to_pylist() == [line for text in texts for line in lines(text)]
    assert batch.word_lengths.tolist() == [len(word) for text in texts for word in text.split()]
    assert batch.characters.tolist() == [len(text) for text in texts]
    assert [batch.text(i) for i in range(len(texts))] == texts
    rows = [row for text in texts for row, line in enumerate(text.split("\n")) if line.strip()]
    before = np.repeat(np.cumsum([0, *(text.count("\n") for text in texts)])[: len(texts)], batch.lines.counts)
    assert (batch.rows - before).tolist() == rows


def test_every_character_has_its_own_place_in_the_table():
    points = np.array([0x41, 0x7FF, 0x800, 0x928, 0xFFFD, 0x10000, 0x1D400, 0x10FFFF], np.int32)
    data = np.frombuffer("".join(map(chr, points)).encode(), np.uint8)
    leads = np.flatnonzero(data >= 0xC0)
    lengths = lead_lengths(data[leads])
    assert lengths.tolist() == [2, 3, 3, 3, 4, 4, 4]
    assert code_points(data, leads, lengths).tolist() == points[1:].tolist()
    for table in (KINDS, UPPER):
        assert table.of(points).tolist() == [table.value_of(chr(point)) for point in points]


def test_a_slice_of_a_column_and_its_chunks_are_texts_like_any():
    texts = ["zero", "one two", "", "drei vier\nfünf"]
    whole = pa.array(texts)
    for column in (whole.slice(1), pa.chunked_array([whole.slice(1, 1), whole.slice(2)])):
        batch = Words(column)
        assert batch.counts.tolist() == [2, 0, 3]
        assert batch.lines.counts.tolist() == [1, 0, 2]
        assert batch.hashes.tolist() == Words(whole).hashes[1:].tolist()


def test_languages_belong_to_documents():
    with pytest.raises(ValueError, match="2 documents with 1 languages"):
        Words(pa.array(["a", "b"]), ["de"])
