from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dragoman.objectives.batches import collate, lengths_of, pad

ids = st.lists(st.integers(0, 9), min_size=1, max_size=6)


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
