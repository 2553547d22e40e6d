from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.data.encoded import EncodedRow
from dragoman.objectives.batches import collate, lengths_of, pad

ids = st.lists(st.integers(0, 9), min_size=1, max_size=6)


@settings(deadline=None)
@given(st.lists(st.tuples(ids, ids), min_size=1, max_size=5), st.integers(0, 9))
def test_a_batch_says_what_the_rows_say(rows, pad_id):
    """Whatever the ids are, the pad id among them."""
    batch = collate(rows, pad_id)
    T = batch.decoder_input_ids.shape[1]
    at = 0
    for b, (source, labels) in enumerate(rows):
        assert batch.input_lengths[b] == len(source)
        assert batch.input_ids[b].tolist() == source + [pad_id] * (batch.input_ids.shape[1] - len(source))
        assert batch.decoder_input_ids[b, : len(labels)].tolist() == [pad_id, *labels[:-1]]
        assert batch.labels[at : at + len(labels)].tolist() == labels
        assert batch.positions[at : at + len(labels)].tolist() == [b * T + t for t in range(len(labels))]
        at += len(labels)
    assert at == len(batch.labels) == len(batch.positions)
    assert max(len(source) for source, _ in rows) == batch.input_ids.shape[1]
    assert max(len(labels) for _, labels in rows) == T


@settings(deadline=None)
@given(st.lists(st.tuples(ids, ids), min_size=1, max_size=5), st.integers(0, 9), st.integers(0, 9))
def test_a_decoder_may_start_with_another_token(rows, pad_id, start_id):
    batch = collate(rows, pad_id, start_id)
    assert batch.decoder_input_ids[:, 0].tolist() == [start_id] * len(rows)
    plain = collate(rows, pad_id)
    assert batch.decoder_input_ids[:, 1:].tolist() == plain.decoder_input_ids[:, 1:].tolist()
    assert (batch.labels.tolist(), batch.positions.tolist()) == (plain.labels.tolist(), plain.positions.tolist())


sequences = st.lists(st.integers(0, 9), min_size=2, max_size=8).flatmap(
    lambda ids: st.tuples(st.just(ids), st.sets(st.integers(1, len(ids) - 1), min_size=1).map(sorted))
)


@settings(deadline=None)
@given(st.lists(sequences, min_size=1, max_size=5), st.integers(0, 9))
def test_a_causal_batch_predicts_each_label_from_the_token_before_it(rows, pad_id):
    encoded = [
        EncodedRow(np.array(ids), np.array([ids[place] for place in places]), np.array(places, np.int32))
        for ids, places in rows
    ]
    batch = collate(encoded, pad_id)
    assert batch.decoder_input_ids is None
    S = batch.input_ids.shape[1]
    assert max(len(ids) for ids, _ in rows) == S
    assert batch.input_lengths.tolist() == [len(ids) for ids, _ in rows]
    for b, (ids, _) in enumerate(rows):
        assert batch.input_ids[b].tolist() == ids + [pad_id] * (S - len(ids))
    expected = [(b * S + place - 1, ids[place]) for b, (ids, places) in enumerate(rows) for place in places]
    assert list(zip(batch.positions.tolist(), batch.labels.tolist(), strict=True)) == expected
    assert batch.positions.dtype == torch.long


def test_encoded_rows_need_no_conversion():
    rows = [(np.array([5, 1], np.uint16), np.array([70_000, 1], np.int32)), (np.array([1], np.uint16), np.array([1]))]
    batch = collate(rows, 0)
    assert all(getattr(batch, name).dtype == torch.long for name in batch.__dataclass_fields__)
    assert batch.labels.tolist() == [70_000, 1, 1]


def test_padding_to_a_width():
    assert pad([[1, 2], [3]], 0, width=4).tolist() == [[1, 2, 0, 0], [3, 0, 0, 0]]
    assert lengths_of([[1, 2], [3]]).tolist() == [2, 1]


def test_no_rows_are_no_batch():
    with pytest.raises(ValueError, match="unpack"):
        collate([], 0)
