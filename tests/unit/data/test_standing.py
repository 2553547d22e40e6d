from __future__ import annotations

import os

import pytest

from dragoman.base.errors import ChangedError
from dragoman.data.encoded import EncodedSet, write_encoded
from dragoman.data.rows import Origin
from dragoman.data.standing import Standing


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "data.bin"
    path.write_bytes(b"x" * 5000)
    os.utime(path, ns=(0, 0))
    return path


def cut(path):
    os.truncate(path, 10)


def overwrite(path):
    with open(path, "r+b") as opened:
        opened.write(b"yy")


def grow(path):
    with open(path, "ab") as opened:
        opened.write(b"y")


@pytest.mark.parametrize("change", [cut, overwrite, grow])
def test_a_change_is_found_out(file, change):
    standing = Standing(file, "copy it again")
    standing.check()
    change(file)
    with pytest.raises(ChangedError, match="was cut or overwritten while it was in use") as error:
        standing.check()
    assert error.value.where == str(file)
    assert error.value.hint == "copy it again"
    assert error.value.exit_code == 3


@pytest.mark.parametrize("leave", [os.unlink, lambda path: os.rename(path, f"{path}.old")])
def test_what_is_only_gone_can_still_be_read(file, leave):
    standing = Standing(file, "")
    leave(file)
    standing.check()
    file.write_bytes(b"another one")
    standing.check()


def test_the_file_is_closed_with_its_owner(file):
    standing = Standing(file, "")
    handle = standing.handle
    os.fstat(handle)
    del standing
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(handle)


def test_an_encoded_set_that_is_cut_kills_nobody(tmp_path):
    """A mapped page beyond the end of a file is a SIGBUS: rows that were read are copies, others are refused."""
    path = tmp_path / "train.arrow"
    with write_encoded(path, 70_000) as writer:
        for i in range(9000):
            writer.append([i] * 20, [i, i + 1], Origin("a.tsv", i + 1))
    encoded = EncodedSet(path)
    first, last = encoded[0], encoded[8999]
    os.truncate(path, 4096)
    assert first.input_ids.tolist() == [0] * 20
    assert last.labels.tolist() == [8999, 9000]
    with pytest.raises(ChangedError, match=r"train\.arrow: was cut or overwritten"):
        encoded[8999]
    with pytest.raises(ChangedError):
        encoded.origin(0)


def test_a_missing_encoded_set_is_made_anew(tmp_path):
    with pytest.raises(Exception, match="give the same command again: it is made anew"):
        EncodedSet(tmp_path / "none.arrow")
