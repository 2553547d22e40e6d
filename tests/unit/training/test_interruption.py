from __future__ import annotations

import os
import signal

import pytest

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
