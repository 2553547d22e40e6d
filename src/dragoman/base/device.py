"""Which device computes, in which precision and why, and what the process needs for it to be fast."""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import platform
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from dragoman.base.errors import RequestError

PrecisionName = Literal["auto", "float32", "bfloat16", "float16"]


def pick_device() -> torch.device:
    """The first GPU where there is one, else the CPU."""
    return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")


HEAP = 2**31 - 2**22  # bytes of the heap that get large pages: as many as mallopt's numbers can say
LARGE_PAGE = 2**21


def tune_allocator() -> None:
    """Keep freed memory in the process instead of giving it back to the kernel after every tensor (glibc only).

    A training step frees and takes hundreds of megabytes; without this a third of it goes into page faults. The first
    gigabytes are also laid out in large pages, which saves a few per cent more; memory is only taken as it is used.
    M_MMAP_THRESHOLD (-3) above 2**28 would waste memory on large logits; M_TRIM_THRESHOLD is -1 (malloc.h).
    """
    if platform.system() != "Linux":
        return
    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
        libc.free.argtypes = [ctypes.c_void_p]
        libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        libc.mallopt(-1, 2**31 - 1)
        libc.mallopt(-3, 2**31 - 1)
        block = libc.malloc(HEAP)  # from the heap, where it stays once it is free
        if block:
            start = -(-block // LARGE_PAGE) * LARGE_PAGE
            libc.madvise(start, HEAP - LARGE_PAGE, 14)  # MADV_HUGEPAGE (madvise(2))
            libc.free(block)
        libc.mallopt(-3, 2**28)
    except (OSError, AttributeError):  # another C library: slower, not wrong
        pass


MULTIPLE = 64


def filler(count: int, device: torch.device, dtype: torch.dtype) -> int:
    """How many rows to add to a matrix of so many, so that its products are fast.

    oneDNN, which multiplies bfloat16 matrices on a CPU, compiles a program for every shape that it meets, and forgets
    the oldest of a thousand. In a training on ragged batches each step would compile most of its products anew: a third
    of its time. With a multiple of 64 rows a few shapes come again and again.
    """
    return -count % MULTIPLE if device.type == "cpu" and dtype == torch.bfloat16 else 0


def filled(x: torch.Tensor) -> torch.Tensor:
    """Rows (N, D) and their filler of zeros: (M, D)."""
    return extended(x, len(x) + filler(len(x), x.device, x.dtype))


def extended(x: torch.Tensor, rows: int) -> torch.Tensor:
    """Rows (N, D) and zeros below them: (rows, D)."""
    if rows == len(x):
        return x
    if not torch.compiler.is_compiling():
        return torch.nn.functional.pad(x, (0, 0, 0, rows - len(x)))
    whole = x.new_zeros(rows, x.shape[1])  # the same, without a case of its own for one row and for some
    whole[: len(x)] = x
    return whole


@dataclass(frozen=True)
class Precision:
    """What a model computes in. Parameters that train are always stored in float32."""

    compute: torch.dtype
    reason: str

    @classmethod
    def stored(cls, dtype: torch.dtype) -> Precision:
        """To compute in what weights are stored in."""
        return cls(dtype, "the weights are stored in it")

    @property
    def name(self) -> str:
        return str(self.compute).removeprefix("torch.")

    def autocast(self, device: torch.device) -> AbstractContextManager[Any]:
        """The context in which the forward pass runs."""
        return nullcontext() if self.compute == torch.float32 else torch.autocast(device.type, self.compute)


def _cpu(*names: str) -> str:
    """The first processor's value of one of these fields of Linux's cpuinfo; elsewhere what Python knows."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().split("\n") if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(names)), platform.processor())


def fast_bfloat16(device: torch.device) -> str | None:
    """The feature that makes bfloat16 fast on this device, or None."""
    if device.type == "cuda":
        major, minor = torch.cuda.get_device_capability(device)
        return f"compute capability {major}.{minor}" if major >= 8 else None
    flags = _cpu("flags", "Features").split()  # as x86 and ARM call them
    return next((flag for flag in ("amx_bf16", "avx512_bf16", "bf16") if flag in flags), None)


OVERFLOWS = "T5 models overflow in float16: their loss becomes NaN"


def choose_precision(wanted: PrecisionName, device: torch.device, *, overflows: bool = False) -> Precision:
    """Turn a recipe's `precision` into a dtype and the sentence that explains it.

    overflows: the model cannot be computed in float16 (the T5 family). Raises RequestError for what the device or the
    model cannot do.
    """
    feature = fast_bfloat16(device)
    if wanted == "float32":
        return Precision(torch.float32, "the recipe asks for it")
    if wanted == "bfloat16":
        if device.type == "cuda" and feature is None:
            raise RequestError(
                "this GPU has no bfloat16", where="training.precision", hint="set training.precision to auto or float32"
            )
        slow = "" if feature else ", though this processor is not fast at it"
        return Precision(torch.bfloat16, f"the recipe asks for it{slow}")
    if wanted == "float16":
        if overflows or device.type != "cuda":
            why = OVERFLOWS if overflows else "float16 is for GPUs: this processor is slow and inexact in it"
            raise RequestError(
                why, where="training.precision", hint="set training.precision to auto, bfloat16 or float32"
            )
        return Precision(torch.float16, "the recipe asks for it; the loss is scaled so that small gradients survive")
    if feature is not None:
        return Precision(torch.bfloat16, f"the {device.type} is fast at it ({feature}); what trains is kept in float32")
    if device.type == "cuda" and torch.cuda.get_device_capability(device)[0] >= 7 and not overflows:
        return Precision(torch.float16, "this GPU is fast at it and has no bfloat16; the loss is scaled")
    return Precision(torch.float32, f"the {device.type} has no fast bfloat16" + (f", and {OVERFLOWS}" * overflows))


CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # version 2, version 1


def device_memory(device: torch.device) -> int:
    """The memory that a process may have on this device, in bytes: in a container, the container's limit."""
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in map(Path, CGROUP_LIMITS):
        if path.is_file() and (text := path.read_text().strip()).isdigit():  # else "max"
            limits.append(int(text))
    return min(limits)


LIBRARIES = ("transformers", "peft", "bitsandbytes")


def version_of(package: str) -> str | None:
    """Of an installed package; None where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def describe_machine() -> dict[str, Any]:
    """What a bit-exact repetition needs to be the same: stored with every checkpoint."""
    device = pick_device()
    return {
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else _cpu("model name"),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        **{name: version for name in LIBRARIES if (version := version_of(name)) is not None},
    }
