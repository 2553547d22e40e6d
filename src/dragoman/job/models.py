"""The model that a method starts from: our own, a known architecture with random weights, or a pretrained one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from dragoman.adapters.tuning import tune
from dragoman.base.device import Precision, choose_precision
from dragoman.base.seeds import derive, seeded
from dragoman.generation.prompts import make_prompter, prompt_room
from dragoman.generation.settings import Settings
from dragoman.generation.texts import TextGenerator
from dragoman.job.folder import RunFolder
from dragoman.models.face import TextModel
from dragoman.models.hub import Snapshot
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.models.pretrained import PretrainedModel
from dragoman.objectives.chat_template import answer_end
from dragoman.recipe.merging import start_of
from dragoman.recipe.schema import Recipe
from dragoman.tokenizer.face import TextTokenizer
from dragoman.tokenizer.loading import load_tokenizer

ANY_LENGTH = 1e9  # times the source: answers that are no translations have no length to be measured by


def generation_settings(recipe: Recipe) -> Settings:
    """The recipe's, complete."""
    settings = Settings(**recipe.generation.model_dump())
    return settings if recipe.task in ("translation", "entities") else replace(settings, length_ratio=ANY_LENGTH)


def end_of_answers(recipe: Recipe, tokenizer: TextTokenizer) -> int:
    """The token that ends an answer: in a conversation, what the chat template puts there."""
    return answer_end(tokenizer) if recipe.task == "chat" else tokenizer.eos_id


def make_model(
    recipe: Recipe,
    method: str,
    tokenizer: TextTokenizer,
    base: Snapshot | None,
    pretrained: Path,
    compute: torch.dtype,
    device: torch.device,
) -> TextModel:
    """The model as its training begins: what is frozen in the compute type or 4 bits, what trains in float32.

    pretrained: the folder of the model that this recipe's own pretraining has made.
    """
    model, start = recipe.model, start_of(recipe, method)
    with seeded(derive(recipe.seed, "weights")):
        if start == "pretrained":
            return _pretrained(recipe, tokenizer, pretrained)
        if model.nmt is not None:
            return NmtModel(NmtConfig.from_recipe(model.nmt, tokenizer.vocabulary_size))
        if base is None:
            assert model.transformers is not None
            made = PretrainedModel.random(model.transformers, tokenizer)
        elif start == "random":
            made = PretrainedModel.random_like(base.folder)
        else:
            return tune(base, recipe.methods[method], end_of_answers(recipe, tokenizer), compute, device, recipe.seed)
    made.end_with(end_of_answers(recipe, tokenizer))
    return made


def _pretrained(recipe: Recipe, tokenizer: TextTokenizer, folder: Path) -> TextModel:
    """What the recipe's own pretraining has made."""
    if recipe.model.nmt is not None:
        return NmtModel.load(folder)
    return PretrainedModel.load(folder, eos_id=end_of_answers(recipe, tokenizer))


def base_generator(recipe: Recipe, base: Snapshot, run: RunFolder, device: torch.device) -> TextGenerator:
    """The untouched base model, ready to answer as the trained ones do."""
    tokenizer = load_tokenizer(run.tokenizer)
    precision = choose_precision(recipe.training.precision, device, overflows=base.overflows)
    # As its methods hold it: where all weights train, in float32.
    whole = any(method.tuning == "full" for method in recipe.methods.values())
    stored = torch.float32 if whole else precision.compute
    model = PretrainedModel.load(base.folder, dtype=stored, eos_id=end_of_answers(recipe, tokenizer))
    return make_generator(recipe, model.to(device).eval(), tokenizer, precision)


def make_generator(recipe: Recipe, model: TextModel, tokenizer: TextTokenizer, precision: Precision) -> TextGenerator:
    """A recipe's model as it answers, at validation and at the end."""
    settings = generation_settings(recipe)
    prompter = make_prompter(
        tokenizer,
        causal=model.causal,
        source_template=recipe.data.template.source,
        limit=recipe.data.max_source_length,
        room=prompt_room(model.context, model.causal, settings.max_length),
    )
    own = None if isinstance(model, NmtModel) else precision
    return TextGenerator(model, tokenizer, prompter, settings, own, one_line=recipe.task != "chat")
