from __future__ import annotations

from dragoman.base.files import read_json_lines
from dragoman.training.metrics import MetricsLog


def test_records_are_lines(tmp_path):
    log = MetricsLog(tmp_path / "new" / "m.jsonl", 0)
    log.write("step", loss=1.5, note="ü")
    assert read_json_lines(tmp_path / "new" / "m.jsonl") == [{"event": "step", "loss": 1.5, "note": "ü"}]  # at once
    log.close()


def test_what_belongs_to_no_checkpoint_is_cut_off(tmp_path):
    path = tmp_path / "m.jsonl"
    log = MetricsLog(path, 0)
    log.write("step", step=1)
    kept = log.bytes_written()
    assert kept == path.stat().st_size
    log.write("step", step=2)
    log.close()
    log = MetricsLog(path, kept)
    log.write("step", step=2, again=True)
    log.close()
    assert read_json_lines(path) == [{"event": "step", "step": 1}, {"event": "step", "step": 2, "again": True}]


def test_a_fresh_start_begins_anew(tmp_path):
    path = tmp_path / "m.jsonl"
    path.write_text("old\n")
    MetricsLog(path, 0).close()
    assert path.read_text() == ""


def test_a_lost_file_is_not_filled_with_nothing(tmp_path):
    log = MetricsLog(tmp_path / "m.jsonl", 1000)
    log.write("step", step=7)
    log.close()
    assert read_json_lines(tmp_path / "m.jsonl") == [{"event": "step", "step": 7}]
