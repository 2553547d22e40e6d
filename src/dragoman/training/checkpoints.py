"""Checkpoints: everything that a run needs to go on bit for bit, in one folder a step, whole or not there.

A folder `step-N` holds `model.safetensors` (the weights that train, as they train; frozen ones are the base's),
`averaged.safetensors` (where weights are averaged), `optimizer.pt`, `averager.pt`, `state.json` (step, scores, lengths
of appended files, the machine) and `checksums.json`.
There are no generator states to keep: every random draw is a function of the seed and the step.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from dragoman.base.errors import DragomanError
from dragoman.base.files import atomic_folder, digest, read_json, write_json
from dragoman.base.progress import say
from dragoman.data.encoded import EncodedRow
from dragoman.training.averaging import Averager
from dragoman.training.work import TERMS, moments


@dataclass
class State:
    """Where a training stands."""

    step: int = 0  # optimizer steps done
    tokens: int = 0  # real tokens seen, both sides
    seconds: float = 0.0  # spent training, validations included
    stepping: float = 0.0  # of these, in steps
    moments: list[int] = field(default_factory=lambda: [0] * len(TERMS))  # of the rows seen: see `training.work`
    metrics_bytes: int = 0  # length of metrics.jsonl that belongs to these steps
    best_step: int | None = None
    best_score: float | None = None
    since_best: int = 0  # validations
    validation_due: bool = False  # after this step, and not done yet
    ended: str | None = None  # why, once it has
    scaler: dict[str, Any] = field(default_factory=dict)  # the loss scale of float16
    machine: dict[str, Any] = field(default_factory=dict)  # what bit-exactness depends on

    def took(self, rows: Sequence[EncodedRow], seconds: float) -> int:
        """One more step, with these rows. Returns how many tokens they have."""
        tokens = sum(row.tokens for row in rows)
        self.step, self.tokens = self.step + 1, self.tokens + tokens
        self.seconds, self.stepping = self.seconds + seconds, self.stepping + seconds
        self.moments = [before + now for before, now in zip(self.moments, moments(rows), strict=True)]
        return tokens

    def scored(self, score: float) -> bool:
        """Note a validation's score, higher ones better. Returns whether it is the best so far."""
        better = self.best_score is None or score > self.best_score
        self.since_best = 0 if better else self.since_best + 1
        if better:
            self.best_step, self.best_score = self.step, score
        return better


class Checkpoints:
    """The checkpoints of one method, under `folder`."""

    def __init__(self, folder: Path, keep: int):
        self.folder, self.keep = folder, keep

    def path(self, step: int) -> Path:
        return self.folder / f"step-{step}"

    def steps(self) -> list[int]:
        """Steps with a checkpoint, oldest first."""
        names = [p.name for p in self.folder.glob("step-*")] if self.folder.exists() else []
        return sorted(int(found[1]) for name in names if (found := re.fullmatch(r"step-(\d+)", name)))

    def save(self, state: State, model: nn.Module, optimizer: Optimizer, averager: Averager) -> None:
        with atomic_folder(self.path(state.step)) as folder:
            save_file(_contiguous(trainable(model)), folder / "model.safetensors")
            averaged = averager.averaged()
            if averaged is not None:
                save_file(_contiguous(averaged), folder / "averaged.safetensors")
            states = {"kind": type(optimizer).__name__, "states": optimizer.state_dict()}
            torch.save(states, folder / "optimizer.pt")
            torch.save(averager.state_dict(), folder / "averager.pt")
            write_json(folder / "state.json", asdict(state))
            write_json(folder / "checksums.json", {p.name: digest(p) for p in sorted(folder.iterdir())})
        self._prune()

    def _prune(self) -> None:
        """Keep the last ones, and what each of them calls the best: any of them may be gone on from."""
        last = self.steps()[-self.keep :]
        best = {self._best(step) for step in last}
        for step in self.steps():
            if step not in last and step not in best:
                shutil.rmtree(self.path(step))

    def _best(self, step: int) -> int | None:
        try:
            return State(**read_json(self.path(step) / "state.json")).best_step
        except (OSError, ValueError, TypeError):
            return None  # damaged: nobody goes on from it

    def is_whole(self, step: int) -> bool:
        """Whether every file is there with the content that was written."""
        folder = self.path(step)
        try:
            checksums = read_json(folder / "checksums.json")
            return bool(checksums) and all(digest(folder / name) == value for name, value in checksums.items())
        except (OSError, ValueError):
            return False

    def newest(self) -> int | None:
        """The newest whole checkpoint's step. Damaged ones are said and moved out of the way."""
        for step in reversed(self.steps()):
            if self.is_whole(step):
                return step
            damaged = self.folder / f"damaged-{step}"
            shutil.rmtree(damaged, ignore_errors=True)
            self.path(step).rename(damaged)
            say(f"{self.path(step)} is damaged: set aside as {damaged.name}, going back to the one before", "yellow")
        return None

    def load(self, step: int, model: nn.Module, optimizer: Optimizer, averager: Averager) -> State:
        """Raises DragomanError where another kind of optimizer, or another model, wrote it."""
        folder, device = self.path(step), next(model.parameters()).device
        saved = torch.load(folder / "optimizer.pt", map_location="cpu", weights_only=True)
        own = type(optimizer).__name__
        if (kind := saved.get("kind")) != own:
            raise DragomanError(
                f"begun with {kind or 'another optimizer'}, whose states {own} cannot go on with (8 bits need a GPU)",
                where=str(folder),
                hint="go on where it was begun, or train anew with --restart",
            )
        put(model, load_file(folder / "model.safetensors"))
        optimizer.load_state_dict(saved["states"])
        averager.load_state_dict(torch.load(folder / "averager.pt", map_location=device, weights_only=True))
        return State(**read_json(folder / "state.json"))

    def load_for_use(self, step: int, model: nn.Module) -> None:
        """The weights that were validated at this step: the averaged ones where there are any.

        Raises DragomanError where they are damaged.
        """
        folder = self.path(step)
        if not self.is_whole(step):
            raise DragomanError(
                "the best checkpoint is damaged or gone", where=str(folder), hint="train anew with --restart"
            )
        put(model, load_file(folder / "model.safetensors"))
        if (folder / "averaged.safetensors").exists():
            put(model, load_file(folder / "averaged.safetensors"))


def trainable(model: nn.Module) -> dict[str, Tensor]:
    """What trains, by name; a matrix that two layers share once."""
    return {name: parameter.detach() for name, parameter in model.named_parameters() if parameter.requires_grad}


@torch.no_grad()
def put(model: nn.Module, weights: dict[str, Tensor]) -> None:
    """Give what trains these values. Raises DragomanError where they belong to something else."""
    own = trainable(model)
    if own.keys() != weights.keys():
        odd = sorted(own.keys() ^ weights.keys())
        listed = ", ".join(odd[:3]) + (f" and {len(odd) - 3} more" if len(odd) > 3 else "")
        raise DragomanError(
            f"the checkpoint's weights are not those that train: {listed}", hint="train anew with --restart"
        )
    for name, parameter in own.items():
        parameter.copy_(weights[name])


def _contiguous(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.contiguous() for name, tensor in tensors.items()}
