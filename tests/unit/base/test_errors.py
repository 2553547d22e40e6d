import errno

import pytest

from dragoman.base.errors import CheckError, DragomanError, Interrupted, RequestError, did_you_mean, explained


def test_an_error_says_where_what_and_what_to_do():
    assert str(DragomanError("is empty", where="a.csv:3", hint="fill it")) == "a.csv:3: is empty\n  fill it"
    assert str(DragomanError("is empty")) == "is empty"


@pytest.mark.parametrize(
    ("error", "code"),
    [(CheckError("x"), 1), (RequestError("x"), 2), (DragomanError("x"), 3), (Interrupted("x", signal=15), 143)],
)
def test_exit_codes(error, code):
    assert error.exit_code == code


def test_suggestions():
    assert did_you_mean("epoch", ["epochs", "batch"]) == "did you mean 'epochs'?"
    assert did_you_mean("zzz", ["epochs", "batch"]) is None


def test_what_the_machine_refused_is_said_with_what_was_being_done():
    full = OSError(errno.ENOSPC, "No space left on device", "/data/x")
    assert str(explained(full)).startswith("/data/x: the disk is full\n")
    assert str(explained(full, "encode")).startswith("/data/x: encode: the disk is full\n")
    assert isinstance(explained(OSError(errno.EACCES, "Permission denied"), "encode"), RequestError)
