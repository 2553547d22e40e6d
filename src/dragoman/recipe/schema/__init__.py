"""The shape of a recipe: every key, its type, its default and what it is for.

The descriptions here become the reference page. Only shapes are checked; what depends on the data, the machine or
several sections together is checked in `planning`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, model_validator

from dragoman.recipe.schema.answers import Evaluation, Generation, LossMetric, MetricName, TextMetric
from dragoman.recipe.schema.corpus import Corpus
from dragoman.recipe.schema.data import Data, Entities, Languages, Phrasebook, Source, Template
from dragoman.recipe.schema.model import Adapter, Model, Nmt, Tokenizer
from dragoman.recipe.schema.pairs import PairFilter, PairLanguages, PairRules, Pairs
from dragoman.recipe.schema.pretraining import Pretraining, Table, TokenRules
from dragoman.recipe.schema.section import (
    A_HUB_NAME,
    A_PATH,
    FilePath,
    HubName,
    Level,
    Name,
    Section,
    Share,
    SomeKeysOf,
    Words,
    is_quoted_number,
    key,
)
from dragoman.recipe.schema.synthesis import Synthesis
from dragoman.recipe.schema.texts import TextSource
from dragoman.recipe.schema.trackers import Trackers
from dragoman.recipe.schema.training import Averaging, Batch, Checkpoints, EarlyStopping, Method, Training

__all__ = [
    "A_HUB_NAME",
    "A_PATH",
    "TASK_METRICS",
    "Adapter",
    "Averaging",
    "Batch",
    "Checkpoints",
    "Corpus",
    "CorpusRecipe",
    "Data",
    "EarlyStopping",
    "Entities",
    "Evaluation",
    "FilePath",
    "Generation",
    "HubName",
    "Languages",
    "Level",
    "LossMetric",
    "Method",
    "MetricName",
    "Model",
    "Name",
    "Nmt",
    "PairFilter",
    "PairLanguages",
    "PairRules",
    "Pairs",
    "Phrasebook",
    "Pretraining",
    "Recipe",
    "Section",
    "Share",
    "SomeKeysOf",
    "Source",
    "Synthesis",
    "Table",
    "Template",
    "TextMetric",
    "TextSource",
    "TokenRules",
    "Tokenizer",
    "Trackers",
    "Training",
    "Words",
    "is_quoted_number",
    "key",
]

TASK_METRICS: dict[str, list[MetricName]] = {
    "translation": ["bleu", "chrf", "ter"],
    "text-to-text": ["exact_match", "chrf"],
    "entities": ["f1", "precision", "recall", "malformed"],
    "chat": ["perplexity", "bits_per_byte"],
}


class Recipe(Section):
    """One job, whole."""

    name: Name = Field(description="The run's name; its folder is runs/<name>.")
    seed: Annotated[int, Field(ge=0)] = key(1, "Every random draw follows from it.")
    task: Literal["translation", "text-to-text", "entities", "chat"] = key("translation", "What the model does.")
    data: Data = Field(description="What the model learns from and is measured on.")
    corpus: Corpus | None = key(None, "Raw text to clean, for tokenizer and pretraining.")
    pairs: Pairs | None = key(None, "Sentence pairs to clean (`dragoman corpus pairs`).")
    synthesis: Synthesis | None = key(None, "Sentence pairs to make (`dragoman corpus synthesize`).")
    tokenizer: Tokenizer = key(Tokenizer(), "The vocabulary.")
    model: Model = key(Model(), "The model.")
    pretraining: Pretraining | None = key(None, "What the model learns from raw text first.")
    methods: dict[Name, Method] = key({"full": Method()}, "Named ways of training to compare.", min_length=1)
    training: Training = key(Training(), "How the weights are found.")
    generation: Generation = key(Generation(), "How answers are searched for.")
    evaluation: Evaluation = key(Evaluation(), "What is measured.")
    trackers: Trackers = key(Trackers(), "Where metrics go besides metrics.jsonl.")

    @model_validator(mode="before")
    @classmethod
    def _scores_of_the_task(cls, given: Any) -> Any:
        """The scores that the task has by default, so that a saved recipe says them all."""
        evaluation = given.get("evaluation", {}) if isinstance(given, dict) else None
        scores = TASK_METRICS.get(str(given.get("task", "translation"))) if isinstance(evaluation, dict) else None
        if scores is None or not isinstance(evaluation, dict):
            return given
        stated = evaluation.get("metrics", [])
        metrics = scores if stated == [] else stated
        known = [one for one in metrics if one in get_args(MetricName)] if isinstance(metrics, list) else []
        return {**given, "evaluation": {"main": (known or scores)[0], **evaluation, "metrics": metrics}}


class CorpusRecipe(Section):
    """A recipe without `data`: it makes text, and no model."""

    name: Name = Field(description="The run's name; its folder is runs/<name>.")
    seed: Annotated[int, Field(ge=0)] = key(1, "Every random draw follows from it.")
    corpus: Corpus | None = key(None, "Raw text to clean.")
    pairs: Pairs | None = key(None, "Sentence pairs to clean.")
    synthesis: Synthesis | None = key(None, "Sentence pairs to make.")
