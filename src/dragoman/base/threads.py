"""How this process's threads wait for each other. Imported before torch, whose thread library reads it once."""

from __future__ import annotations

import os

BUSY = 0.5  # other processes' share of a core, about, over the last minute


def share_the_machine() -> None:
    """Let threads sleep while they wait, where the machine is busy; the user's own setting goes before.

    OpenMP's threads spin by default. On two idle cores that is a sixth faster; with one other busy process a step
    takes three to seven times as long, because the thread that is waited for has no core to run on. The results are
    the same bits either way.
    """
    if "OMP_WAIT_POLICY" not in os.environ and os.getloadavg()[0] > BUSY:
        os.environ["OMP_WAIT_POLICY"] = "passive"
