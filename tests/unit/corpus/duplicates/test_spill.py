import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpus.duplicates.spill import Spill

KEYS = st.lists(st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2**63, 2**64 - 1]), max_size=40)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(KEYS, max_size=5), st.sampled_from([64, 256, 1 << 20]))
def test_all_rows_come_back_in_order(tmp_path_factory, batches, part_bytes):
    folder = tmp_path_factory.mktemp("spill") / "parts"
    total = sum(map(len, batches))
    spill = Spill(folder, total, 2, part_bytes=part_bytes)
    place = 0
    for batch in batches:
        spill.add(np.array(batch, np.uint64), np.arange(place, place + len(batch), dtype=np.uint64))
        place += len(batch)
    parts = list(spill.parts())
    rows = [tuple(row) for part in parts for row in part.tolist()]
    assert rows == sorted(zip([key for batch in batches for key in batch], range(total), strict=True))
    assert list(folder.iterdir()) == []


def test_evenly_spread_keys_make_parts_of_the_wanted_size(tmp_path):
    keys = np.random.default_rng(1).integers(0, 2**64, 100_000, np.uint64)
    spill = Spill(tmp_path / "parts", len(keys), 1, part_bytes=50_000)
    spill.add(keys)
    parts = list(spill.parts())
    assert len(parts) == 16
    assert max(part.nbytes for part in parts) < 60_000
    assert np.array_equal(np.concatenate(parts)[:, 0], np.sort(keys))


@pytest.mark.parametrize("rows", [0, 10**12])
def test_the_number_of_files_has_a_limit(tmp_path, rows):
    assert len(Spill(tmp_path / "parts", rows, 2).files) == (256 if rows else 1)
