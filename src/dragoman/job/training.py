"""The stage that trains one method and saves its model."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

import torch

import dragoman
from dragoman.adapters.four_bit import parameter_count
from dragoman.base.device import Precision, choose_precision, describe_machine, pick_device
from dragoman.base.files import write_json, write_text
from dragoman.base.progress import say
from dragoman.data.dataset import VALIDATION
from dragoman.data.encoded import Rows
from dragoman.data.plan import batch_plan
from dragoman.evaluation.loss import note_losses, row_losses
from dragoman.evaluation.scores import score_set
from dragoman.generation.prompts import question_of
from dragoman.generation.saved import Base, Card, save_model
from dragoman.job.folder import RunFolder
from dragoman.job.models import end_of_answers, generation_settings, make_generator, make_model
from dragoman.models.face import TextModel
from dragoman.models.hub import Snapshot
from dragoman.models.nmt.model import NmtModel
from dragoman.objectives.sets import TRAIN
from dragoman.planning.bases import overflows
from dragoman.planning.description import MethodPlan, plan_methods
from dragoman.planning.warnings import length_warnings
from dragoman.recipe.merging import PRETRAINING, best_metric_of, training_of
from dragoman.recipe.schema import LossMetric, Recipe, Training
from dragoman.report.architecture import architecture_svg
from dragoman.tokenizer.face import TextTokenizer
from dragoman.tokenizer.loading import load_tokenizer
from dragoman.training.checkpoints import State
from dragoman.training.loop import Job, Loop
from dragoman.training.optimizers import available_optimizer
from dragoman.training.trackers import Tracking


@dataclass(frozen=True)
class Bench:
    """Where one method of a recipe is trained: on what, and how that was planned."""

    recipe: Recipe
    method: str
    tokenizer: TextTokenizer
    training: Training
    device: torch.device
    precision: Precision
    planned: MethodPlan

    @classmethod
    def prepare(cls, recipe: Recipe, method: str, run: RunFolder, base: Snapshot | None) -> Bench:
        """Choose device and precision, and say so."""
        training, tokenizer = training_of(recipe, method), load_tokenizer(run.tokenizer)
        device = pick_device()
        precision = choose_precision(training.precision, device, overflows=overflows(recipe, base))
        machine = {**describe_machine(), "precision": precision.name, "precision_reason": precision.reason}
        write_json(run.machine, machine)
        say(f"{method}: computing in {precision.name}, because {precision.reason}")
        if (kind := available_optimizer(training.optimizer, device)) != training.optimizer:
            say(f"{method}: {kind} instead of {training.optimizer}, which needs a GPU", "yellow")
        [planned] = plan_methods(recipe, base, tokenizer.vocabulary_size, [method])
        return cls(recipe, method, tokenizer, training, device, precision, planned)

    def train(
        self, model: TextModel, rows: Rows, validate: Callable[[TextModel], dict[str, float]], folder: Path
    ) -> State:
        """Train, or go on training. Leaves the best weights in the model."""
        recipe, method, training = self.recipe, self.method, self.training
        plan = batch_plan(rows, training, recipe.seed, self.planned.micro_batch)
        total_steps = plan.total_steps(training)
        for warning in length_warnings(training, total_steps):
            say(f"warning: {method}: {warning}", "yellow")
        job = Job(
            model=model, encoded=rows, plan=plan,
            total_steps=total_steps,
            settings=training, best_metric=best_metric_of(recipe, method),
            precision=self.precision, device=self.device, seed=recipe.seed, pad_id=self.tokenizer.pad_id,
            start_id=model.start_id, validate=validate, folder=folder,
            title=method if method == PRETRAINING else f"training {method}",
            tracking=Tracking(recipe.trackers, recipe.name, method, self._for_the_record()),
        )  # fmt: skip
        return Loop(job).run()

    def _for_the_record(self) -> dict[str, Any]:
        """What the training is made with, but for the data: a tracker may be somewhere else."""
        told = {"seed", "task", "tokenizer", "model", "generation"}
        return {
            **self.recipe.model_dump(mode="json", include=told, exclude_none=True),
            **self.recipe.methods[self.method].model_dump(mode="json", include={"tuning", "adapter"}),
            "training": self.training.model_dump(mode="json", exclude_none=True),
            "precision": self.precision.name,
        }


def train_method(recipe: Recipe, method: str, run: RunFolder, base: Snapshot | None) -> None:
    """Train, or go on training, and save the best weights as `model/`."""
    bench = Bench.prepare(recipe, method, run, base)
    tokenizer, precision = bench.tokenizer, bench.precision
    model = make_model(recipe, method, tokenizer, base, run.pretrained, precision.compute, bench.device)
    write_text(run.picture(method), architecture_svg(bench.planned.architecture))
    validate = Validation(recipe, best_metric_of(recipe, method), run, tokenizer, precision)
    state = bench.train(model, run.sets.ids(TRAIN), validate, run.method(method))
    card = _card(recipe, model, tokenizer, method, state.best_step, base, precision)
    save_model(run.model(method), model, tokenizer, card)


class Validation:
    """The scores of a model on the validation rows: the loss, and answers where the best weights are picked by them."""

    def __init__(self, recipe: Recipe, best: str, run: RunFolder, tokenizer: TextTokenizer, precision: Precision):
        self.recipe, self.tokenizer, self.precision = recipe, tokenizer, precision
        self.encoded, self.rows = run.sets.ids(VALIDATION), run.sets.texts(VALIDATION)
        losses = set(get_args(LossMetric))
        # answers take far longer than losses, and TER is slow besides
        answers = [
            name for name in recipe.evaluation.metrics if name not in losses and (name != "ter" or best == "ter")
        ]
        self.metrics = ["loss", *(name for name in recipe.evaluation.metrics if name in losses - {"loss"})]
        self.answers = [] if best in losses else answers

    def __call__(self, model: TextModel) -> dict[str, float]:
        rows = [dict(row) for row in self.rows]
        found = row_losses(model, self.encoded, self.precision, self.tokenizer.pad_id, model.start_id)
        note_losses(rows, found, self.encoded)
        if self.answers:
            generator = make_generator(self.recipe, model, self.tokenizer, self.precision)
            answers = generator.answer([question_of(row) for row in rows], title=None)
            for row, answer in zip(rows, answers, strict=True):
                row["output"] = answer.text
        scores = score_set(rows, [*self.metrics, *self.answers]).scores
        return {name: value.value for name, value in scores.items()}


def _card(
    recipe: Recipe, model: TextModel, tokenizer: TextTokenizer, method: str, step: int | None, base: Snapshot | None,
    precision: Precision,
) -> Card:  # fmt: skip
    how = recipe.methods[method]
    made_by: dict[str, Any] = {"run": recipe.name, "method": method, "step": step, "dragoman": dragoman.__version__}
    made_by |= {name: importlib.metadata.version(name) for name in ("torch", "tokenizers", "transformers")}
    adapted = base is not None and how.tuning != "full"
    return Card(
        task=recipe.task,
        languages=recipe.data.languages.model_dump(),
        template=recipe.data.template.model_dump(),
        max_source_length=recipe.data.max_source_length,
        generation=asdict(generation_settings(recipe)),
        special_ids={"pad": tokenizer.pad_id, "eos": end_of_answers(recipe, tokenizer), "unk": tokenizer.unk_id},
        parameters=parameter_count(model),
        kind="nmt" if isinstance(model, NmtModel) else "pretrained",
        causal=model.causal,
        precision="float32" if isinstance(model, NmtModel) else precision.name,
        tuning=how.tuning,
        adapter=how.adapter.model_dump() if adapted else None,
        base=_base(base) if adapted and base is not None else None,
        entities=recipe.data.entities.model_dump(),
        made_by=made_by,
    )


def _base(base: Snapshot) -> Base:
    """As others find it: by its name on the hub, or by its folder."""
    return Base(str(base.folder) if base.commit is None else base.name, base.commit, base.digest)
