from __future__ import annotations

import os
import signal

import pytest

from dragoman.base.errors import Stop
from dragoman.training.interruption import interruptible


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_noted(number, capfd):
    before = signal.getsignal(number)
    with interruptible() as asked:
        assert asked.signal is None
        signal.raise_signal(number)
        assert asked.signal == number
    assert signal.getsignal(number) is before
    assert "once more to leave at once" in capfd.readouterr().err


def test_the_second_one_leaves_at_once(monkeypatch):
    left = []
    monkeypatch.setattr(os, "_exit", left.append)
    with interruptible():
        signal.raise_signal(signal.SIGTERM)
        assert left == []
        signal.raise_signal(signal.SIGINT)
    assert left == [130]


def test_handlers_come_back_after_an_error():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ZeroDivisionError), interruptible():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_block_that_can_be_done_again_is_cut_short(capfd):
    with interruptible() as asked:
        with pytest.raises(Stop), asked.cuts_short():
            signal.raise_signal(signal.SIGTERM)
        assert asked.signal == signal.SIGTERM


def test_a_job_in_the_background_ignores_what_it_was_told_to(capfd):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interruptible() as asked:
            signal.raise_signal(signal.SIGINT)
            assert asked.signal is None
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
