"""Timing a training, whoever does it: an excerpt of its epoch, and a watch on the steps after the warm-up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import torch

from dragoman.base.progress import Bar
from dragoman.data.plan import BatchPlan, Step
from dragoman.training.loop import Job, Loop


def excerpt(batches: list[Any], start: float, steps: int, warm: int) -> list[Any]:
    """`steps` batches from all over an epoch, after `warm` others. start: in [0, 1), how far into the first stride."""
    stride = len(batches) / (steps + warm)
    if stride < 1:
        raise ValueError(f"{len(batches)} batches are too few for {steps + warm} steps")
    chosen = [batches[int((i + start) * stride)] for i in range(steps + warm)]
    half = len(chosen) // 2  # a grouped epoch begins with its longest rows: neither they nor the shortest warm up
    return chosen[half : half + warm] + chosen[:half] + chosen[half + warm :]


class Stopwatch:
    """From the end of the warm-up to the end of the last step; tokens and positions of the steps in between.

    first_step: from when the watch was made to the end of the first step of all.
    """

    def __init__(self, warm: int):
        self.warm, self.steps, self.tokens, self.positions = warm, 0, 0, 0
        self.made = self.first = self.began = self.ended = time.perf_counter()

    def step(self, tokens: int, positions: int) -> None:
        """One step is done."""
        self.steps += 1
        self.ended = time.perf_counter()
        if self.steps == 1:
            self.first = self.ended
        if self.steps == self.warm:
            self.began = self.ended
        if self.steps > self.warm:
            self.tokens, self.positions = self.tokens + tokens, self.positions + positions

    def read(self, model: torch.nn.Module, precision: str) -> dict[str, Any]:
        return {
            "seconds": self.ended - self.began,
            "first_step": self.first - self.made,
            "tokens": self.tokens,
            "positions": self.positions,
            "steps": self.steps - self.warm,
            "parameters": sum(p.numel() for p in model.parameters()),
            "threads": torch.get_num_threads(),
            "precision": precision,
        }


@dataclass(frozen=True)
class Excerpt(BatchPlan):
    """A plan whose epoch is made of given steps."""

    chosen: tuple[Step, ...] = ()

    @classmethod
    def of(cls, plan: BatchPlan, chosen: list[Step]) -> Excerpt:
        return cls(**{field.name: getattr(plan, field.name) for field in fields(BatchPlan)}, chosen=tuple(chosen))

    @property
    def steps_per_epoch(self) -> int:
        return len(self.chosen)

    def epoch(self, epoch: int) -> list[Step]:
        return list(self.chosen)


class TimedLoop(Loop):
    """Our loop. losses: one for each step, where it is one micro-batch."""

    def __init__(self, job: Job, watch: Stopwatch):
        super().__init__(job)
        self.watch = watch
        self.losses: list[float] = []
        self.step_module.register_forward_hook(lambda module, given, loss: self.losses.append(loss.item()))

    def _step(self, step: Step, began: float, bar: Bar) -> None:
        super()._step(step, began, bar)
        inputs, outputs = self.job.plan.input_lengths, self.job.plan.output_lengths
        positions = sum(len(rows) * int(inputs[rows].max() + outputs[rows].max()) for rows in step)
        self.watch.step(self.job.plan.token_count(step), positions)


def timed_trainer(trainer: type, watch: Stopwatch, rows: int, pick: Callable[[list[Any]], list[Any]]) -> type:
    """A Trainer class that trains on some of the batches that its sampler makes, and counts their tokens.

    rows: of a batch. pick: which of an epoch's batches, each a list of row numbers.
    """
    from transformers import TrainerCallback

    class Watch(TrainerCallback):
        def __init__(self, owner: Any):
            self.owner = owner

        def on_step_end(self, *arguments: Any, **more: Any) -> None:
            watch.step(self.owner.tokens, self.owner.positions)

    class TimedTrainer(trainer):
        def __init__(self, *arguments: Any, **more: Any):
            super().__init__(*arguments, **more)
            self.losses: list[float] = []
            self.add_callback(Watch(self))

        def _get_train_sampler(self, train_dataset: Any = None) -> list[int]:
            order = list(super()._get_train_sampler(train_dataset))
            whole = len(order) // rows * rows
            batches = [order[i : i + rows] for i in range(0, whole, rows)]
            return [row for batch in pick(batches) for row in batch]

        def training_step(self, model: Any, inputs: Any, *rest: Any, **more: Any) -> Any:
            ids, mask, labels = inputs["input_ids"], inputs["attention_mask"], inputs["labels"]
            apart = model.config.is_encoder_decoder  # else the labels stand in the input
            self.tokens = int(mask.sum() + (labels != -100).sum() * apart)
            self.positions = ids.numel() + labels.numel() * apart
            loss = super().training_step(model, inputs, *rest, **more)
            self.losses.append(loss.item())
            return loss

    return TimedTrainer
