from __future__ import annotations

import os
import subprocess
import sys

import pytest

from dragoman.base.threads import share_the_machine


@pytest.mark.parametrize(
    ("load", "before", "after"), [(0.1, None, None), (1.5, None, "passive"), (1.5, "active", "active")]
)
def test_threads_sleep_on_a_busy_machine_alone(monkeypatch, load, before, after):
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    if before:
        monkeypatch.setenv("OMP_WAIT_POLICY", before)
    share_the_machine()
    assert os.environ.get("OMP_WAIT_POLICY") == after


def test_the_command_line_loads_torch_after_the_setting():
    code = "import sys; import dragoman.cli.main; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
