from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dragoman.base.errors import RequestError
from dragoman.base.files import (
    _temporary,
    atomic_file,
    atomic_folder,
    clear_temporaries,
    digest,
    lock,
    read_json,
    read_json_lines,
    write_json,
)


def test_a_file_takes_its_name_when_it_is_whole(tmp_path):
    path = tmp_path / "new" / "x.txt"
    with atomic_file(path) as file:
        file.write("ü\n")
        assert not path.exists()
    assert path.read_bytes() == "ü\n".encode()
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("old")

    def fail() -> None:
        with atomic_file(path) as file:
            file.write("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", [atomic_file, atomic_folder])
def test_a_failure_leaves_no_empty_folders(tmp_path, kind):
    (tmp_path / "there").mkdir()

    def fail(beside: str | None = None) -> None:
        with kind(tmp_path / "there/a/b/c"):
            if beside is not None:
                (tmp_path / beside).touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.rglob("*")) == [tmp_path / "there"]
    with pytest.raises(ZeroDivisionError):
        fail("there/a/mine")
    assert sorted(tmp_path.rglob("*")) == [tmp_path / name for name in ("there", "there/a", "there/a/mine")]


def test_a_link_stays_and_its_file_is_replaced(tmp_path):
    (tmp_path / "real").mkdir()
    for name in ("there", "missing"):
        (tmp_path / name).symlink_to(Path("real") / name)
    (tmp_path / "real" / "there").write_text("old")
    for name in ("there", "missing"):
        with atomic_file(tmp_path / name) as file:
            file.write("new")
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / "real" / name).read_text() == "new"
    assert sorted(path.name for path in (tmp_path / "real").iterdir()) == ["missing", "there"]


def test_a_pipe_is_written_to_and_stays(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE)
    with atomic_file(pipe) as file:
        file.write("ü\n")
    assert reader.communicate(timeout=20)[0] == "ü\n".encode()
    assert pipe.is_fifo()


def test_a_device_and_a_folder_are_not_replaced(tmp_path):
    (tmp_path / "null").symlink_to(os.devnull)
    with atomic_file(tmp_path / "null") as file:
        file.write("gone")
    assert Path(os.devnull).is_char_device()
    assert (tmp_path / "null").is_symlink()
    with pytest.raises(IsADirectoryError), atomic_file(tmp_path):
        pytest.fail("refused before anything is done")


@pytest.mark.parametrize("kind", [atomic_file, atomic_folder])
def test_an_error_tells_the_name_that_was_asked_for(tmp_path, kind):
    path = tmp_path / "asked"
    for number, told in [(errno.ENOSPC, None), (errno.EIO, str(_temporary(path)))]:
        with pytest.raises(OSError, match=re.escape(os.strerror(number))) as error, kind(path):
            raise OSError(number, os.strerror(number), told)
        assert error.value.filename == str(path)
    with pytest.raises(OSError, match="in the block") as error, kind(path):
        raise OSError(errno.EIO, "in the block", "another")
    assert error.value.filename == "another"
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"Not a directory|File exists") as error, kind(tmp_path / "file" / "x"):
        pass
    assert ".tmp-" not in error.value.filename


def test_a_folder_is_replaced_whole(tmp_path):
    path = tmp_path / "model"
    for text in ("old", "new"):
        with atomic_folder(path) as folder:
            (folder / text).write_text(text)
    assert [p.name for p in path.iterdir()] == ["new"]

    def fail() -> None:
        with atomic_folder(path) as folder:
            (folder / "half").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [p.name for p in path.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_is_cleared(tmp_path):
    (tmp_path / "a" / ".tmp-1-x").mkdir(parents=True)
    (tmp_path / "a" / ".tmp-1-x" / ".tmp-2-y").write_text("")
    (tmp_path / ".tmp-3-z").write_text("")
    (tmp_path / "a" / "kept").write_text("")
    clear_temporaries(tmp_path)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "kept"]


def test_json_goes_both_ways(tmp_path):
    write_json(tmp_path / "x.json", {"ä": [1, None]})
    assert read_json(tmp_path / "x.json") == {"ä": [1, None]}
    (tmp_path / "x.jsonl").write_text('{"a": "\u2028\x85"}\n{"a": 2}\n', encoding="utf-8")
    assert read_json_lines(tmp_path / "x.jsonl") == [{"a": "\u2028\x85"}, {"a": 2}]
    assert read_json_lines(tmp_path / "missing") == []


def test_a_digest_sees_names_and_contents(tmp_path):
    def of(**files: str) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
        return digest(folder)

    assert of(a="1", b="2") == of(b="2", a="1")
    assert len({of(a="1"), of(b="1"), of(a="2"), of(a="1", b=""), of()}) == 5


def test_a_folder_has_one_writer(tmp_path):
    code = (
        "import sys; from pathlib import Path; from dragoman.base.files import lock\n"
        "with lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(RequestError, match=f"process {other.pid}\\) is writing here"), lock(tmp_path):
        pass
    other.kill()  # and leaves nothing to clean up
    other.communicate()
    with lock(tmp_path):
        assert Path(tmp_path / ".lock").read_text() == str(os.getpid())
    with lock(tmp_path):
        pass


def test_a_folder_killed_while_it_was_replaced_comes_back(tmp_path, monkeypatch):
    with atomic_folder(tmp_path / "kept") as folder:
        (folder / "old").touch()
    rename = os.rename

    def killed_before_the_second(source, target):
        if Path(target) == tmp_path / "kept":
            raise KeyboardInterrupt
        rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", killed_before_the_second)
        with pytest.raises(KeyboardInterrupt), atomic_folder(tmp_path / "kept") as folder:
            (folder / "new").touch()
    assert not (tmp_path / "kept").exists()
    clear_temporaries(tmp_path)
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["old"]
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
