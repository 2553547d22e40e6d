"""The stage that trains one method and saves its model."""

from __future__ import annotations

import importlib.metadata
from dataclasses import asdict
from typing import Any

import torch

import dragoman
from dragoman.base.device import choose_precision, describe_machine, pick_device
from dragoman.base.files import write_json
from dragoman.base.progress import say
from dragoman.base.seeds import derive, seeded
from dragoman.data.dataset import VALIDATION
from dragoman.data.plan import batch_plan
from dragoman.evaluation.loss import mean_loss
from dragoman.evaluation.scores import score
from dragoman.generation.saved import Card, save_model
from dragoman.generation.settings import Settings
from dragoman.generation.texts import TextGenerator
from dragoman.job.folder import RunFolder
from dragoman.models.face import TextModel
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.objectives.sets import TRAIN
from dragoman.planning.memory import micro_batch_tokens
from dragoman.planning.warnings import length_warnings
from dragoman.recipe.merging import best_metric_of, training_of
from dragoman.recipe.schema import Recipe
from dragoman.tokenizer.tokenizer import Tokenizer
from dragoman.training.loop import Job, Loop


def generation_settings(recipe: Recipe) -> Settings:
    """The recipe's, complete."""
    return Settings(**recipe.generation.model_dump())


def train_method(recipe: Recipe, method: str, run: RunFolder) -> None:
    """Train, or go on training, and save the best weights as `model/`."""
    training = training_of(recipe, method)
    tokenizer = Tokenizer.load(run.tokenizer)
    config = NmtConfig.from_recipe(recipe.model.nmt, tokenizer.vocabulary_size)
    device = pick_device()
    precision = choose_precision(training.precision, device)
    write_json(run.machine, {**describe_machine(), "precision": precision.name, "precision_reason": precision.reason})
    say(f"{method}: computing in {precision.name}, because {precision.reason}")
    with seeded(derive(recipe.seed, "weights")):
        model = NmtModel(config)

    encoded, validation = run.sets.ids(TRAIN), run.sets.ids(VALIDATION)
    plan = batch_plan(encoded, training, recipe.seed, micro_batch_tokens(training, config, device, precision.compute))
    total_steps = plan.total_steps(training)
    for warning in length_warnings(training, total_steps):
        say(f"warning: {method}: {warning}", "yellow")
    rows = run.sets.texts(VALIDATION)
    best = best_metric_of(recipe, method)
    metrics = [name for name in recipe.evaluation.metrics if name != "ter" or best == "ter"]  # ter is slow

    def validate(model: TextModel) -> dict[str, float]:
        loss = mean_loss(model, validation, precision, tokenizer.pad_id)
        generator = TextGenerator(model, tokenizer, generation_settings(recipe), recipe.data.max_source_length)
        outputs = [answer.text for answer in generator.answer([row["source"] for row in rows], title=None)]
        scores = score(outputs, [row["target"] for row in rows], metrics)
        return {"loss": loss, **{name: value.value for name, value in scores.items()}}

    job = Job(
        model=model, encoded=encoded, plan=plan,
        total_steps=total_steps,
        settings=training, best_metric=best,
        precision=precision, device=device, seed=recipe.seed, pad_id=tokenizer.pad_id,
        validate=validate, folder=run.method(method), title=f"training {method}",
    )  # fmt: skip
    state = Loop(job).run()
    save_model(run.model(method), model, tokenizer, _card(recipe, model, tokenizer, method, state.best_step))


def _card(recipe: Recipe, model: torch.nn.Module, tokenizer: Tokenizer, method: str, step: int | None) -> Card:
    made_by: dict[str, Any] = {"run": recipe.name, "method": method, "step": step, "dragoman": dragoman.__version__}
    made_by |= {name: importlib.metadata.version(name) for name in ("torch", "tokenizers")}
    return Card(
        task=recipe.task,
        languages=recipe.data.languages.model_dump(),
        template=recipe.data.template.model_dump(),
        max_source_length=recipe.data.max_source_length,
        generation=asdict(generation_settings(recipe)),
        special_ids={"pad": tokenizer.pad_id, "eos": tokenizer.eos_id, "unk": tokenizer.unk_id},
        parameters=sum(p.numel() for p in model.parameters()),
        made_by=made_by,
    )
