"""How this process's threads wait for each other. Imported before torch, whose thread library reads it once."""

from __future__ import annotations

import os
import time
from pathlib import Path

BUSY = 0.5  # cores at work for others
LOOK = 0.1  # seconds


def share_the_machine() -> None:
    """Let threads sleep while they wait, where the machine is busy; the user's own setting goes before.

    OpenMP's threads spin by default. On two idle cores that is a sixth faster; with one other busy process a step
    takes three to seven times as long, because the thread that is waited for has no core to run on. The results are
    the same bits either way.
    """
    if "OMP_WAIT_POLICY" not in os.environ and busy_cores() > BUSY:
        os.environ["OMP_WAIT_POLICY"] = "passive"


def busy_cores() -> float:
    """How many cores are at work now, about.

    The load average still counts what has ended within the last minutes: where it is high, the kernel's own counters
    are read twice (Linux: proc_stat(5)).
    """
    load = os.getloadavg()[0]
    counters = Path("/proc/stat")
    if load <= BUSY or not counters.exists():
        return load
    before = busy_ticks(counters.read_text())
    time.sleep(LOOK)
    return (busy_ticks(counters.read_text()) - before) / (LOOK * os.sysconf("SC_CLK_TCK"))


def busy_ticks(counters: str) -> int:
    """The first line of /proc/stat without what was idle, waiting for a disk or a guest's (counted as user's too)."""
    user, nice, system, _idle, _waiting, irq, softirq, steal, *_ = map(int, counters.splitlines()[0].split()[1:])
    return user + nice + system + irq + softirq + steal
