import os

import pytest

from dragoman.base.errors import RequestError
from dragoman.base.files import read_json_lines
from dragoman.data.quarantine import Quarantine
from dragoman.data.rows import BadRow, Origin, excerpt

BAD = BadRow(Origin("a.csv", 17), "not UTF-8", excerpt(b"Gr\xfcn"), "byte 0xfc at offset 3")
LINE = {
    "split": "train", "file": "a.csv", "row": 17, "reason": "not UTF-8 (byte 0xfc at offset 3)", "content": "Gr\\xfcn",
}  # fmt: skip


def test_bad_rows_can_be_looked_up(tmp_path):
    path = tmp_path / "run" / "quarantine.jsonl"
    with Quarantine(path, strict=False) as quarantine:
        quarantine.add("train", BAD)
        quarantine.add("test:one", BadRow(Origin("b.csv", 1), "blank line", excerpt("half \ud800 a pair\u2028")))
    lines = read_json_lines(path)
    assert lines[0] == LINE
    assert (lines[1]["split"], lines[1]["content"]) == ("test:one", "half \\ud800 a pair\u2028")


def test_reading_again_writes_the_same_file(tmp_path):
    path = tmp_path / "quarantine.jsonl"
    for _ in range(2):
        with Quarantine(path, strict=False) as quarantine:
            quarantine.add("train", BAD)
        assert read_json_lines(path) == [LINE]
    with Quarantine(path, strict=False):
        pass
    assert read_json_lines(path) == []
    assert os.listdir(tmp_path) == ["quarantine.jsonl"]


def test_strict_stops_at_the_first_bad_row_and_keeps_it(tmp_path):
    path = tmp_path / "quarantine.jsonl"
    with (
        pytest.raises(RequestError, match=r"^a\.csv:17: not UTF-8 \(byte 0xfc at offset 3\)"),
        Quarantine(path, True) as strict,
    ):
        strict.add("train", BAD)
    assert read_json_lines(path) == [LINE]


def test_a_fault_of_ours_leaves_the_old_file(tmp_path):
    path = tmp_path / "quarantine.jsonl"
    path.write_text("old")
    with pytest.raises(AttributeError), Quarantine(path, strict=False) as quarantine:
        quarantine.add("train", None)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["quarantine.jsonl"]


def test_without_a_path_nothing_is_written():
    with Quarantine(None, strict=False) as quarantine:
        quarantine.add("train", BAD)
    with pytest.raises(RequestError), Quarantine(None, strict=True) as quarantine:
        quarantine.add("train", BAD)
