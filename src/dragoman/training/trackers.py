"""Programs that draw metrics while a training runs, fed with the events of metrics.jsonl.

A tracker is a guest. One that cannot be opened, or fails, is said once and left out from there on; the training goes
on, and metrics.jsonl has everything. After a training was killed, the steps since its last checkpoint come again, with
the same numbers: TensorBoard is told to forget them, and to Weights & Biases they are the same run at the same steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dragoman.base.progress import say
from dragoman.recipe import schema

TRACKED = ("tensorboard", "wandb", "wandb.json")  # what they leave in a method's folder
GROUPS = {"step": "training"}  # what an event's numbers are filed under, where that is not its own name


class Tracker(Protocol):
    """Raises whatever its library raises."""

    def write(self, step: int, numbers: Mapping[str, float]) -> None:
        """Numbers of one event, named such as "training/loss"."""

    def close(self, finished: bool) -> None:
        """finished: the training has come to its end; else it was interrupted, or has failed."""


@dataclass(frozen=True)
class Tracking:
    """Who is told of a training, and what it is. settings: the whole of what it was made with, for the record."""

    trackers: schema.Trackers
    run: str
    method: str
    settings: Mapping[str, Any]


class Trackers:
    """The trackers that work."""

    def __init__(self, makers: Mapping[str, Callable[[], Tracker]]):
        """makers: by the name that a failure is said with."""
        self.working: dict[str, Tracker] = {}
        self.finished = False
        for name, make in makers.items():
            with self._as_guest(name):
                self.working[name] = make()

    def write(self, event: str, values: Mapping[str, Any]) -> None:
        """An event of metrics.jsonl. Only its numbers are passed on."""
        self.finished = self.finished or event == "end"
        group = GROUPS.get(event, event)
        numbers = {f"{group}/{name}": value for name, value in values.items() if name != "step" and _is_number(value)}
        for name, tracker in list(self.working.items()):
            with self._as_guest(name):
                if numbers:
                    tracker.write(values["step"], numbers)

    def close(self) -> None:
        for name, tracker in list(self.working.items()):
            with self._as_guest(name):
                tracker.close(self.finished)

    @contextmanager
    def _as_guest(self, name: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # whatever their libraries raise
            self.working.pop(name, None)
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            say(f"{name} failed and is left out: {reason}; metrics.jsonl has everything", "yellow")


def open_trackers(tracking: Tracking | None, folder: Path, resumed: int | None) -> Trackers:
    """The trackers that a recipe names. folder: of the method. resumed: the step after which it goes on, if it does."""
    makers: dict[str, Callable[[], Tracker]] = {}
    if tracking is None:
        return Trackers(makers)
    wandb = tracking.trackers.wandb
    if tracking.trackers.tensorboard:
        from dragoman.training.event_files import EventFiles

        makers["TensorBoard"] = lambda: EventFiles(folder / "tensorboard", tracking, resumed)
    if wandb is not None:
        from dragoman.training.wandb_run import WandbRun

        makers["Weights & Biases"] = lambda: WandbRun(wandb, folder, tracking, resumed)
    return Trackers(makers)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
