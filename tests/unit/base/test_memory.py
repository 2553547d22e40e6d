from __future__ import annotations

import torch

from dragoman.base import memory

CPU = torch.device("cpu")


def test_the_peak_of_memory_can_be_watched_anew():
    memory.reset_peak_memory(CPU)
    before = memory.peak_memory(CPU)
    block = torch.ones(2**26)  # 256 MiB
    high = memory.peak_memory(CPU)
    assert high >= before + 200 * 2**20
    del block
    memory.reset_peak_memory(CPU)
    assert memory.peak_memory(CPU) < high - 100 * 2**20
