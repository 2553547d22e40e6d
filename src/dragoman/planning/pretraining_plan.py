"""How long a pretraining will be, judged by the beginnings of its text: what `check` prints of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dragoman.data.plan import DEFAULT_EPOCHS
from dragoman.models.hub import Snapshot
from dragoman.models.nmt.model import count_parameters
from dragoman.objectives.pretraining.corruption import make_objective
from dragoman.objectives.pretraining.texts import Texts, learnt_data, texts_of
from dragoman.objectives.pretraining.token_rules import TokenFilter
from dragoman.planning.description import TOO_LARGE, MethodPlan, OwnPlan, TuningPlan, known_length, plan_methods
from dragoman.planning.pretraining import Windowed, as_recipe, length_in_words
from dragoman.planning.warnings import length_warnings
from dragoman.recipe.loading import Loaded
from dragoman.recipe.merging import PRETRAINING
from dragoman.recipe.schema import Recipe, Training
from dragoman.tokenizer.face import TextTokenizer

SAMPLE = 4 << 20  # bytes of text to judge by


@dataclass(frozen=True)
class PretrainingPlan:
    """The plan of the training, and its length in words. steps: None where nobody knows."""

    training: MethodPlan
    length: str
    steps: int | None = None

    def warnings(self) -> Iterator[str]:
        """What is not wrong and still a reason to stop and look."""
        for said in length_warnings(self.training.training, self.steps) if self.steps is not None else ():
            yield f"{PRETRAINING}: {said}"
        if not self.training.fits:
            yield f"{PRETRAINING}: it takes more memory than there is; {TOO_LARGE}"


def plan_pretraining(
    loaded: Loaded, base: Snapshot | None, tokenizer: TextTokenizer, pair_tokens: int
) -> PretrainingPlan:
    """pair_tokens: of the recipe's own training rows, both sides together."""
    recipe = loaded.recipe
    assert recipe.pretraining is not None
    objective = make_objective(recipe.pretraining, tokenizer)
    [plan] = plan_methods(as_recipe(recipe, objective), base, tokenizer.vocabulary_size, [PRETRAINING])
    found = _tokens(recipe, texts_of(recipe, loaded.folder, None), tokenizer)
    if found is None:
        length = f"{known_length(plan.training)}; nobody knows how much text there is before it is read"
        return PretrainingPlan(plan, length)
    tokens = found + (pair_tokens if "pairs" in learnt_data(recipe) else 0)
    text = Windowed.of_text(tokens * (1 - recipe.pretraining.validation_share), recipe.pretraining.window, objective)
    epoch = _steps_per_epoch(text, plan.training)
    steps = _steps(plan.training, epoch)
    raw = recipe.corpus is not None and "corpus" in learnt_data(recipe)
    about = "as long as all of the corpus is kept, about " if raw else "about "
    length = length_in_words(steps, epoch, text, _parts(plan), causal=objective.causal)
    return PretrainingPlan(plan, f"{about}{length}", steps)


def _tokens(recipe: Recipe, texts: Texts, tokenizer: TextTokenizer) -> float | None:
    """About how many tokens all raw text has that the token rules keep; None where nobody knows its size."""
    parts = [part for part in texts.parts() if part.kind != "pairs"]
    if any(part.size == 0 for part in parts):
        return None
    whole = sum(part.size for part in parts)
    if whole <= SAMPLE:
        return sum(_kept(batch.texts, recipe, tokenizer) for part in parts for batch in texts.documents(part))
    sample = list(texts.beginnings(SAMPLE))
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in sample)
    return whole * _kept(sample, recipe, tokenizer) / max(1, size)


def _kept(texts: Sequence[str], recipe: Recipe, tokenizer: TextTokenizer) -> int:
    """The tokens of the texts that the token rules keep, with their end tokens."""
    assert recipe.pretraining is not None
    rules = TokenFilter(recipe.pretraining.token_rules, tokenizer)
    rows = (np.array(ids, dtype=np.int64) for ids in tokenizer.encode_batch(texts))
    return sum(len(ids) + 1 for ids in rows if len(ids) and rules.reason(ids) is None)


def _steps_per_epoch(text: Windowed, training: Training) -> int:
    rows = training.batch.rows or max(1, (training.batch.tokens or 1) * text.windows // (text.inputs + text.labels))
    return math.ceil(text.windows / rows)


def _steps(training: Training, epoch: int) -> int:
    return training.max_steps or max(1, math.ceil((training.epochs or DEFAULT_EPOCHS) * epoch))


def _parts(plan: MethodPlan) -> dict[str, int]:
    """The parameters of each part of the model."""
    if isinstance(plan, OwnPlan):
        return count_parameters(plan.config)
    assert isinstance(plan, TuningPlan)
    return plan.model.describe().parameters
