from __future__ import annotations

import os
import subprocess
import sys

import pytest

from dragoman.base import threads
from dragoman.base.threads import busy_cores, busy_ticks, share_the_machine


@pytest.mark.parametrize(
    ("cores", "before", "after"), [(0.1, None, None), (1.5, None, "passive"), (1.5, "active", "active")]
)
def test_threads_sleep_on_a_busy_machine_alone(monkeypatch, cores, before, after):
    monkeypatch.setattr(threads, "busy_cores", lambda: cores)
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    if before:
        monkeypatch.setenv("OMP_WAIT_POLICY", before)
    share_the_machine()
    assert os.environ.get("OMP_WAIT_POLICY") == after


def test_a_low_load_average_is_believed(monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (0.2, 0.0, 0.0))
    assert busy_cores() == 0.2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc/stat")
def test_a_high_load_average_is_looked_into(monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (1000.0, 0.0, 0.0))
    assert 0 <= busy_cores() < 1000


def test_idle_time_is_not_work():
    assert busy_ticks("cpu  10 2 3 10000 500 4 5 6 10 2\ncpu0 5 1 1 5000 250 2 2 3 0 0\n") == 30


def test_the_command_line_loads_torch_after_the_setting():
    code = "import sys; import dragoman.cli.main; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
