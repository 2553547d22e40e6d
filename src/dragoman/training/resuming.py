"""What is checked, and said, when a training goes on from a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from dragoman.base.progress import say
from dragoman.training.checkpoints import Checkpoints, State


def resume(
    state: State, newest: int, checkpoints: Checkpoints, scaler: torch.amp.GradScaler, machine: dict[str, Any]
) -> None:
    """Take over what a checkpoint's state holds besides weights. machine: as it is now."""
    if state.scaler:  # of a checkpoint that was written on another machine, perhaps in another precision
        scaler.load_state_dict(state.scaler)
    say_differences(state.machine, machine)
    state.machine = machine
    replace_best(state, checkpoints, newest)


def say_differences(before: Mapping[str, object], now: Mapping[str, object]) -> None:
    """Say what is not as it was when the checkpoint was written: the run goes on, but not bit for bit."""
    changed = [f"{name} {value} is now {now.get(name)}" for name, value in before.items() if now.get(name) != value]
    if changed:
        say(f"not the same machine: {'; '.join(changed)}; results may differ in the last digits", "yellow")


def replace_best(state: State, checkpoints: Checkpoints, newest: int) -> None:
    """Where the best checkpoint is damaged or gone, the newest is the best of a training that has ended; in one that
    goes on, the best of what is still to come."""
    if state.best_step is None or checkpoints.is_whole(state.best_step):
        return
    instead = newest if state.ended is not None else None
    say(
        f"{checkpoints.path(state.best_step)}, the best so far, is damaged or gone: "
        + (f"using step {newest} instead" if instead else "the best of the steps to come takes its place"),
        "yellow",
    )
    state.best_step, state.best_score, state.since_best = instead, None, 0
