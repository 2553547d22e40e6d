from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import DragomanError
from dragoman.data import encoded
from dragoman.data.encoded import EncodedRow, EncodedSet, write_encoded
from dragoman.data.rows import Origin

Row = tuple[list[int], list[int], Origin]


def write(path: Path, rows: list[Row], vocabulary_size: int = 100) -> EncodedSet:
    with write_encoded(path, vocabulary_size) as writer:
        for row in rows:
            writer.append(*row)
        assert writer.rows == len(rows)
    return EncodedSet(path)


def check(found: EncodedSet, rows: list[Row]) -> None:
    assert len(found) == len(rows)
    assert found.input_lengths.tolist() == [len(inputs) for inputs, _, _ in rows]
    assert found.label_counts.tolist() == [len(labels) for _, labels, _ in rows]
    for i, (inputs, labels, origin) in enumerate(rows):
        assert (found[i].input_ids.tolist(), found[i].labels.tolist()) == (inputs, labels)
        assert found[i].places is None
        assert found.origin(i) == origin


def row_of(vocabulary_size: int) -> st.SearchStrategy[Row]:
    ids = st.lists(st.integers(0, vocabulary_size - 1), max_size=5)
    return st.tuples(
        ids, ids, st.builds(Origin, st.sampled_from(["a.tsv", "b.tsv", "ü \n.csv"]), st.integers(1, 2**40))
    )


@given(st.data(), st.sampled_from([1000, 2**16, 2**16 + 1, 10**6]), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_what_goes_in_comes_out(data, vocabulary_size, rows_per_block):
    """In blocks of few rows, so that there are many, naming files that the first block did not know."""
    rows = data.draw(st.lists(row_of(vocabulary_size), max_size=9))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoded, "ROWS_PER_BLOCK", rows_per_block)
        check(write(Path(folder) / "x.arrow", rows, vocabulary_size), rows)


sequences = st.lists(st.integers(0, 2**16), min_size=2, max_size=9).flatmap(
    lambda ids: st.tuples(st.just(ids), st.sets(st.integers(1, len(ids) - 1), min_size=1).map(sorted))
)


@given(st.lists(sequences, max_size=9), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_causal_rows_know_where_their_labels_stand(rows, rows_per_block):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoded, "ROWS_PER_BLOCK", rows_per_block)
        with write_encoded(Path(folder) / "x.arrow", 2**16 + 1, causal=True) as writer:
            for i, (ids, places) in enumerate(rows):
                writer.append(ids, [ids[place] for place in places], Origin("a", i + 1), places)
        found = EncodedSet(Path(folder) / "x.arrow")
        assert found.causal
        assert found.input_lengths.tolist() == [len(ids) for ids, _ in rows]
        assert found.label_counts.tolist() == [len(places) for _, places in rows]
        for i, (ids, places) in enumerate(rows):
            row = found[i]
            assert isinstance(row, EncodedRow)
            assert (row.input_ids.tolist(), row.places.tolist()) == (ids, places)
            assert row.labels.tolist() == row.input_ids[row.places].tolist()
            assert row.places.dtype == np.int32
            assert found.origin(i) == Origin("a", i + 1)


@pytest.mark.parametrize(("causal", "places"), [(True, None), (True, [1]), (False, [1, 2])])
def test_rows_of_the_wrong_kind_are_refused(tmp_path, causal, places):
    with (
        pytest.raises(ValueError, match="each label of a causal row has a place"),
        write_encoded(tmp_path / "x.arrow", 10, causal=causal) as writer,
    ):
        writer.append([1, 2, 3], [2, 3], Origin("a", 1), places)


def test_an_encoder_decoders_set_is_not_causal(tmp_path):
    assert not write(tmp_path / "x.arrow", []).causal


def test_more_rows_than_a_block(tmp_path):
    rows = [([i % 90, 1], [1] * (i % 3 + 1), Origin(f"{i // 5000}.tsv", i + 1)) for i in range(10_001)]
    found = write(tmp_path / "x.arrow", rows)
    assert len(found.blocks) == 3
    check(found, rows)


@pytest.mark.parametrize(("vocabulary_size", "type"), [(2**16, np.uint16), (2**16 + 1, np.int32)])
def test_ids_take_as_little_room_as_they_can(tmp_path, vocabulary_size, type):
    found = write(tmp_path / "x.arrow", [([vocabulary_size - 1], [0], Origin("a", 1))], vocabulary_size)
    assert found[0][0].dtype == type


@pytest.mark.parametrize("index", [-1, 2, 10**9])
def test_there_is_no_row_before_the_first_or_after_the_last(tmp_path, index):
    found = write(tmp_path / "x.arrow", [([1], [1], Origin("a", 1))] * 2)
    with pytest.raises(IndexError):
        found[index]


def test_an_empty_set(tmp_path):
    assert len(write(tmp_path / "x.arrow", [])) == 0


def test_a_failure_leaves_no_file(tmp_path):
    def fail() -> None:
        with write_encoded(tmp_path / "x.arrow", 10) as writer:
            writer.append([1], [1], Origin("a", 1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["missing", "empty", "text", "half", "no end", "folder"])
def test_a_damaged_file_is_said(tmp_path, damage):
    path = tmp_path / "x.arrow"
    write(path, [([i % 90, 1], [1], Origin("a", i + 1)) for i in range(5000)])
    content = path.read_bytes()
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage != "missing":
        damaged = {"empty": b"", "text": b"source\ttarget\n" * 99, "half": content[: len(content) // 2]}
        path.write_bytes(damaged.get(damage, content[:-20]))
    with pytest.raises(DragomanError, match="cannot be read") as error:
        EncodedSet(path)
    assert error.value.where == str(path)


def test_offsets_that_point_anywhere_are_found(tmp_path):
    path = tmp_path / "x.arrow"
    write(path, [([7] * 5, [8] * 3, Origin("a", i + 1)) for i in range(100)])
    content = bytearray(path.read_bytes())
    offsets = np.arange(0, 505, 5, dtype=np.int32).tobytes()
    at = content.find(offsets)
    assert at > 0
    content[at + 40 : at + 44] = np.int32(2**30).tobytes()
    path.write_bytes(content)
    with pytest.raises(DragomanError, match="cannot be read"):
        EncodedSet(path)


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="Linux says what a process holds")
def test_rows_stay_on_disk(tmp_path):
    """What a set keeps in memory is a few bytes a row, however long the rows are."""
    path = tmp_path / "x.arrow"
    with write_encoded(path, 1000) as writer:
        for i in range(20_000):
            writer.append([i % 1000] * 500, [1] * 500, Origin("a", i + 1))
    assert path.stat().st_size > 40e6
    found = EncodedSet(path)
    assert not found.ids[0][0][1].flags.owndata  # what a row is copied from
    assert not found.ids[0][0][1].flags.writeable
    assert found[19_999][0][0] == 999
    before = private_kilobytes()
    sets = [EncodedSet(path) for _ in range(10)]
    assert private_kilobytes() - before < 20_000  # for all ten, not 400,000
    assert len(sets) == 10


def private_kilobytes() -> int:
    """What this process holds in memory that no file backs."""
    lines = Path("/proc/self/smaps_rollup").read_text().split("\n")
    return next(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty"))
