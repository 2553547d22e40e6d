"""The most memory that a part of a run holds: of the process, or of the GPU."""

from __future__ import annotations

import ctypes
import gc
import platform
import resource
from contextlib import suppress
from pathlib import Path

import torch

PROCESS = Path("/proc/self")


def reset_peak_memory(device: torch.device) -> None:
    """Begin to watch for the most memory anew; freed memory goes back to the kernel first.

    Linux: proc_pid_clear_refs(5). Where that cannot be done, the peak is that of the whole process.
    """
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
        return
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        (PROCESS / "clear_refs").write_text("5")


def peak_memory(device: torch.device) -> int:
    """The most memory held since `reset_peak_memory`, in bytes: of the GPU where there is one, else of the process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    with suppress(OSError):
        for line in (PROCESS / "status").read_text().split("\n"):
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if platform.system() == "Darwin" else 1024)
