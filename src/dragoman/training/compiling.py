"""torch.compile for training: block by block, the same bits in every run, and never a reason to stop.

- The blocks of a stack are alike, so each kind is compiled once, whatever the number of layers.
- What a compiler makes depends on the shapes that it meets first. So all of it is made in a trial, on batches that
  belong to the training and not to the step at which a run begins: one that goes on gets the same programs. A batch
  that none of them fits runs as written.
- Embedding, masks and head stay outside: they look into a batch's numbers.
- Only training steps are compiled. Validation and search run as written, as everywhere else.
- Where the compiler fails (no C++ compiler, an operator that it cannot take), it is said, and training runs as written.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from dragoman.base.progress import say

BACKEND = "inductor"
PROGRAMS = 64  # of one function: beyond torch's own limit of 8 it would run some layers as written without a word


def blocks_of(module: nn.Module) -> Iterator[nn.Module]:
    """The layers that repeat: members of a list of modules that is itself in no such list."""
    for child in module.children():
        if isinstance(child, nn.ModuleList):
            yield from child
        else:
            yield from blocks_of(child)


@contextmanager
def compiled(model: nn.Module, trial: Callable[[], None]) -> Iterator[bool]:
    """Compile the model's blocks, for a block of code. Gives whether that worked; where not, nothing is changed.

    trial: computes parts of training steps, forward and backward, the same in every run.
    """
    import torch._dynamo
    import torch._inductor.config  # takes seconds

    shapes: Any = importlib.import_module("torch.fx.experimental._config")
    blocks = list(blocks_of(model))
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what CUDA's matrix products need to repeat
    torch._inductor.config.cpp.dynamic_threads = False
    torch._dynamo.reset()
    try:
        # Two sizes that happen to be one in the trial are not taken for the same: other batches would not fit.
        with _repeatable(), torch._dynamo.config.patch(recompile_limit=PROGRAMS), shapes.patch(use_duck_shape=False):
            for block in blocks:
                block.compile(dynamic=True, backend=BACKEND)
            works = _works(trial)
            model.zero_grad()
            if works:
                with torch.compiler.set_stance("eager_on_recompile"):
                    yield True
        if not works:
            _undo(blocks)
            yield False
    finally:
        _undo(blocks)
        torch._dynamo.reset()


@contextmanager
def as_written() -> Iterator[None]:
    """Run what is compiled as it was written, for a block of code."""
    with torch.compiler.set_stance("force_eager"), _repeatable(False):
        yield


def _works(trial: Callable[[], None]) -> bool:
    began = time.monotonic()
    say("torch.compile: compiling the model's blocks", "dim")
    try:
        trial()
    except Exception as error:  # whatever its many parts raise
        say(f"torch.compile does not work here: {_reason(error)}; training runs without it", "yellow")
        return False
    say(f"torch.compile: done in {time.monotonic() - began:.0f} s", "dim")
    return True


def _undo(blocks: list[nn.Module]) -> None:
    for block in blocks:
        block._compiled_call_impl = None


def _reason(error: Exception) -> str:
    """The first line of what it began with: torch wraps an error in several others."""
    first: BaseException = error
    while (inner := getattr(first, "inner_exception", None) or first.__cause__) is not None:
        first = inner
    return next((line.strip() for line in str(first).split("\n") if line.strip()), type(first).__name__)


@contextmanager
def _repeatable(wanted: bool = True) -> Iterator[None]:
    """Algorithms that give the same bits again, or whichever are fastest, for a block of code."""
    before = torch.are_deterministic_algorithms_enabled()
    memory: Any = torch.utils.deterministic
    filling = memory.fill_uninitialized_memory
    torch.use_deterministic_algorithms(wanted)
    memory.fill_uninitialized_memory = False  # it would cost a pass over every new tensor
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)
        memory.fill_uninitialized_memory = filling
