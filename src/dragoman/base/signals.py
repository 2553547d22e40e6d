"""SIGINT and SIGTERM: which of them this process heeds."""

from __future__ import annotations

import signal


def heeded_signals() -> list[signal.Signals]:
    """Those that whoever started this process lets it heed: a job in the background may have to ignore them."""
    return [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) is not signal.SIG_IGN]
