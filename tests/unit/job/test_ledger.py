from collections.abc import Callable
from pathlib import Path

import pytest

from dragoman.base.errors import RequestError
from dragoman.base.files import read_json
from dragoman.job.ledger import Ledger, Stage, changed, flatten


def stage(folder: Path, value: object, work: Callable[[], None] | None = None, **more: object) -> Stage:
    """A stage that writes its value into out/file."""

    def write() -> None:
        (folder / "out").mkdir(exist_ok=True)
        (folder / "out/file").write_text(str(value))

    return Stage("encode", 1, {"data.rows": value}, ["out"], work or write, **more)  # type: ignore[arg-type]


def test_a_stage_is_done_once(tmp_path):
    assert Ledger(tmp_path).run(stage(tmp_path, 1))
    assert not Ledger(tmp_path).run(stage(tmp_path, 1))
    record = read_json(tmp_path / "stages.json")["stages"][0]
    assert record["done"]
    assert record["files"] == {"out/file": 1}


def test_a_changed_stage_is_done_again_and_the_old_output_kept(tmp_path, capsys):
    Ledger(tmp_path).run(stage(tmp_path, 1))
    Ledger(tmp_path).run(stage(tmp_path, 2))
    Ledger(tmp_path).run(stage(tmp_path, 3))
    assert (tmp_path / "out/file").read_text() == "3"
    assert [(tmp_path / f"previous/{n}/out/file").read_text() for n in (1, 2)] == ["1", "2"]
    assert "encode: data.rows (1 to 2) changed; what was there is now in" in capsys.readouterr().err


def test_a_version_is_part_of_the_key(tmp_path):
    one = stage(tmp_path, 1)
    Ledger(tmp_path).run(one)
    assert Ledger(tmp_path).run(Stage(one.name, 2, one.depends, one.outputs, one.work))


def test_what_fails_is_not_done(tmp_path):
    def fail() -> None:
        (tmp_path / "out").mkdir()
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        Ledger(tmp_path).run(stage(tmp_path, 1, fail))
    assert Ledger(tmp_path).run(stage(tmp_path, 1))


def test_output_that_was_touched_is_made_again(tmp_path):
    Ledger(tmp_path).run(stage(tmp_path, 1))
    (tmp_path / "out/file").write_text("longer")
    assert Ledger(tmp_path).run(stage(tmp_path, 1))
    assert (tmp_path / "out/file").read_text() == "1"
    (tmp_path / "out/of your own").write_text("more files are no damage")
    assert not Ledger(tmp_path).run(stage(tmp_path, 1))


def test_spare_output_may_be_deleted(tmp_path):
    done = stage(tmp_path, 1, spare=["out"])
    Ledger(tmp_path).run(done)
    (tmp_path / "out/file").unlink()
    assert not Ledger(tmp_path).run(done)


def test_what_later_stages_write_anew_only_has_to_be_there(tmp_path):
    done = stage(tmp_path, 1, rewritten=["out/file"])
    Ledger(tmp_path).run(done)
    (tmp_path / "out/file").write_text("by a later stage")
    assert not Ledger(tmp_path).run(done)
    (tmp_path / "out/file").unlink()
    assert Ledger(tmp_path).run(done)


def test_a_half_done_stage_is_not_wasted(tmp_path):
    def half() -> None:
        (tmp_path / "out").mkdir()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Ledger(tmp_path).run(stage(tmp_path, 1, half, resumable=True))
    ledger = Ledger(tmp_path)
    ledger.refuse_waste(stage(tmp_path, 1, resumable=True))
    ledger.refuse_waste(stage(tmp_path, 2))  # nothing to go on with
    with pytest.raises(RequestError, match=r"half done, and data.rows \(1 to 2\) changed\n.*--restart"):
        ledger.refuse_waste(stage(tmp_path, 2, resumable=True))
    assert (tmp_path / "out").is_dir()


def test_the_time_of_a_resumed_stage_adds_up(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.run(stage(tmp_path, 1, resumable=True))
    ledger.records[0] |= {"seconds": 100.0, "done": False}
    ledger.run(stage(tmp_path, 1, resumable=True))
    assert 100 <= ledger.seconds([stage(tmp_path, 1)])["encode"] < 110


def test_times_are_those_of_the_stages_asked_for_in_their_order(tmp_path):
    ledger = Ledger(tmp_path)
    one, two = (Stage(name, 1, {}, [], lambda: None) for name in ("one", "two"))
    for done in (one, two, Stage("one", 2, {}, [], lambda: None)):
        ledger.run(done)
    assert list(ledger.seconds([two])) == ["two"]
    assert [record["stage"] for record in ledger.records] == ["one", "two"]


def test_what_was_made_from_an_earlier_training_is_made_again(tmp_path):
    train = Stage("train", 1, {}, ["model"], (tmp_path / "model").touch, resumable=True)
    scores = Stage("evaluate", 1, {"the model": train.key}, ["scores"], (tmp_path / "scores").touch)
    ledger = Ledger(tmp_path)
    assert [ledger.run(one) for one in (train, scores, train, scores)] == [True, True, False, False]
    ledger.run(train, restart=True)
    assert Ledger(tmp_path).run(scores)
    assert (tmp_path / "previous/1/scores").is_file()


def test_output_without_a_record_is_set_aside(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("x")
    Ledger(tmp_path).run(stage(tmp_path, 1))
    assert (tmp_path / "previous/1/out/mine").read_text() == "x"


@pytest.mark.parametrize("text", ["", "[]", "3", '{"stages": [3]}', '{"stages": [{}]}'])
def test_a_damaged_file_is_refused(tmp_path, text):
    (tmp_path / "stages.json").write_text(text)
    with pytest.raises(RequestError, match="is damaged"):
        Ledger(tmp_path)


def test_changes_in_words():
    assert changed({"a": 1}, {"a": 1}) == "this version of dragoman does it differently"
    assert changed({"a": 1}, {"a": "x" * 30}) == "a changed"
    assert changed({}, dict.fromkeys("abcde", 1)).endswith("c (None to 1) and 2 more changed")


def test_flatten():
    assert flatten("a", {"b": {"c": 1}, "d": [2], "e": {}}) == {"a.b.c": 1, "a.d": [2], "a.e": {}}
