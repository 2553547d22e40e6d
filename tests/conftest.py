"""Before torch is loaded: tests run on machines that do other things too."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
