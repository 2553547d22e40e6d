"""Before torch is loaded: tests run on machines that do other things too, and side by side."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
if "PYTEST_XDIST_WORKER" in os.environ:  # one worker a core
    os.environ.setdefault("OMP_NUM_THREADS", "1")
