"""Before torch is loaded: tests run on machines that do other things too, and side by side."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

pytest_plugins = ["hub.fixtures"]

settings.register_profile("shared machine", deadline=None)  # how long an example takes says nothing there
settings.load_profile("shared machine")

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
if "PYTEST_XDIST_WORKER" in os.environ:  # one worker a core
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# Whoever starts the tests in the background may have them ignore Ctrl-C; some of them are about it.
signal.signal(signal.SIGINT, signal.default_int_handler)
