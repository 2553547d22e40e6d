from __future__ import annotations

import os

import pytest

from dragoman.base.errors import ChangedError, RequestError
from dragoman.base.files import digest
from dragoman.job.inputs import Inputs


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("source\ttarget\n")
    os.utime(path, ns=(0, 0))
    return path


@pytest.fixture
def inputs(file):
    inputs = Inputs()
    assert inputs.digest(file) == digest(file)
    return inputs


def test_files_that_stay_are_not_spoken_of(inputs, file):
    done = []
    inputs.reading(lambda: done.append(file.read_text()))
    assert done == ["source\ttarget\n"]


def test_a_file_that_is_touched_alone_is_the_same(inputs, file):
    inputs.reading(file.touch)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.unlink(), "has gone while it was needed"),
        (lambda file: file.write_text("source\t"), "was changed while it was being read"),
        (lambda file: os.truncate(file, 3), "was changed while it was being read"),
    ],
)
@pytest.mark.parametrize("failing", [False, True])
def test_a_change_is_said_whatever_came_of_it(inputs, file, change, said, failing):
    def work():
        change(file)
        if failing:
            raise IndexError("somewhere deep inside")

    with pytest.raises(ChangedError, match=said) as error:
        inputs.reading(work)
    assert error.value.where == str(file)
    assert "give the same command again" in str(error.value)
    assert isinstance(error.value.__cause__, IndexError) == failing


def test_other_errors_stay_what_they_are(inputs):
    def work():
        raise RequestError("a wrong recipe")

    with pytest.raises(RequestError, match="a wrong recipe"):
        inputs.reading(work)
