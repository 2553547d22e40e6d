"""Peak memory and time of the output layer with its loss, forward and backward: ours in chunks against the plain one.

Each contestant in a fresh process: the peak of its resident memory in the first call, over what it held before (its
inputs, and what a tiny call loads); then the time of a second call.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.process import measure
from benchmarks.tables import middle, ratio, table
from dragoman.base.device import choose_precision, tune_allocator
from dragoman.base.progress import say
from dragoman.models.face import Head
from dragoman.objectives.loss import cross_entropy

D, SMOOTHING = 512, 0.1
SIZES = [(8_000, 2048), (32_000, 2048), (250_000, 1024)]  # vocabulary, labelled positions
QUICK_SIZES = [(2_000, 256)]
CONTESTANTS = ("plain", "chunked")


def run(quick: bool) -> dict[str, Any]:
    """Every size with a frozen and a trainable head, round by round."""
    rounds = 1 if quick else 3
    cases = [(V, N, trainable) for V, N in (QUICK_SIZES if quick else SIZES) for trainable in (False, True)]
    results: list[dict[str, Any]] = [
        {"V": V, "N": N, "trainable": trainable, **{name: [] for name in CONTESTANTS}} for V, N, trainable in cases
    ]
    for r in range(rounds):
        for case in results:
            for name in CONTESTANTS:
                arguments = {key: case[key] for key in ("V", "N", "trainable")}
                case[name].append(measure("benchmarks.loss:contestant", name=name, **arguments))
            check(case)
        say(f"loss, round {r + 1} of {rounds}: done")
    return {"rounds": rounds, "results": results}


def check(case: dict[str, Any]) -> None:
    """Raises RuntimeError where the two do not compute the same."""
    plain, chunked = (case[name][-1] for name in CONTESTANTS)
    for key in ("loss", "gradient"):
        if abs(plain[key] - chunked[key]) > 0.02 * abs(plain[key]):
            raise RuntimeError(f"{case['V']} pieces: the {key} is {plain[key]} plain and {chunked[key]} in chunks")


def report(found: dict[str, Any]) -> str:
    """Medians over the rounds."""
    rows = []
    for case in found["results"]:
        memory = {name: [r["peak"] / 2**20 for r in case[name]] for name in CONTESTANTS}
        seconds = {name: [r["seconds"] for r in case[name]] for name in CONTESTANTS}
        rows.append([
            f"{case['V']:,}", f"{case['N']:,}", "trainable" if case["trainable"] else "frozen",
            *(f"{median(memory[name]):,.0f} MiB" for name in CONTESTANTS), ratio(memory["plain"], memory["chunked"]),
            *(f"{middle(seconds[name], '.2f')} s" for name in CONTESTANTS), ratio(seconds["plain"], seconds["chunked"]),
        ])  # fmt: skip
    first = found["results"][0]["plain"][0]
    head = ["vocabulary", "labels", "head", "plain", "ours", "less memory", "plain", "ours", "faster"]
    return "\n".join([
        f"Output layer and cross-entropy, forward and backward, width {D}, label smoothing {SMOOTHING}, "
        f"{first['precision']}, {first['threads']} threads: growth of resident memory at its peak, the gradients "
        f"themselves included, and time; median of {found['rounds']} rounds (lowest-highest).",
        "",
        table(head, rows),
    ])  # fmt: skip


def contestant(name: str, V: int, N: int, trainable: bool) -> dict[str, Any]:
    """Peak growth of memory in bytes in a first call, seconds of a second, the loss and the length of its gradient."""
    tune_allocator()
    torch.manual_seed(0)
    precision = choose_precision("auto", torch.device("cpu"))
    hidden = torch.randn(N, D, requires_grad=True)
    weight = (torch.randn(V, D) * D**-0.5).requires_grad_(trainable)
    labels = torch.randint(V, (N,))

    def call(hidden: Tensor, weight: Tensor, labels: Tensor) -> float:
        with precision.autocast(hidden.device):
            if name == "plain":
                loss = F.cross_entropy(F.linear(hidden, weight), labels, label_smoothing=SMOOTHING)
            else:
                loss = cross_entropy(hidden, Head(weight), labels, float(len(labels)), smoothing=SMOOTHING)
        loss.backward()
        return loss.item()

    call(hidden[:8].detach().requires_grad_(), weight[:100].detach().requires_grad_(trainable), labels[:8] % 100)
    before = resident("VmRSS")
    forget_peak()
    value = call(hidden, weight, labels)
    peak = resident("VmHWM") - before
    gradient = sum(float(x.grad.norm()) for x in (hidden, weight) if x.grad is not None)
    hidden.grad = weight.grad = None
    began = time.perf_counter()
    call(hidden, weight, labels)
    seconds = time.perf_counter() - began
    return {
        "peak": peak, "seconds": seconds, "loss": value, "gradient": gradient, "precision": precision.name,
        "threads": torch.get_num_threads(),
    }  # fmt: skip


def resident(field: str) -> int:
    """Resident memory of this process in bytes, now (VmRSS) or at its peak (VmHWM)."""
    found = re.search(rf"^{field}:\s*(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    if found is None:
        raise RuntimeError("this measurement needs Linux")
    return int(found[1]) * 1024


def forget_peak() -> None:
    """Let the peak begin anew at what is resident now (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")
