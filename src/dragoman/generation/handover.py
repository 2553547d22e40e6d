"""Answers from a pretrained model's own search, which knows its cache and its special cases.

Samples are drawn for one input at a time, so that they follow from its seed alone; beams share a batch.
"""

from __future__ import annotations

from collections.abc import Sequence

from dragoman.generation.search import answering
from dragoman.generation.settings import Hypothesis, Settings
from dragoman.models.face import GeneratingModel


def handed_over(
    model: GeneratingModel,
    inputs: Sequence[Sequence[int]],
    settings: Settings,
    *,
    suppress: Sequence[int],
    seeds: Sequence[int],
) -> list[list[Hypothesis]]:
    """The n_best answers of each input, best first. Raises as the model does."""
    limits = [_limit(model, settings, len(ids)) for ids in inputs]
    batches = [[place] for place in range(len(inputs))] if settings.sample else [list(range(len(inputs)))]
    answers: list[list[Hypothesis]] = [[] for _ in inputs]
    with answering(model):
        for places in batches:
            found = model.generate(
                [inputs[place] for place in places],
                beam=settings.beam,
                n_best=settings.n_best,
                length_penalty=settings.length_penalty,
                limits=[limits[place] for place in places],
                sample=settings.sample,
                temperature=settings.temperature,
                top_k=settings.top_k,
                top_p=settings.top_p,
                seed=seeds[places[0]],
                suppress=suppress,
            )
            for place, hypotheses in zip(places, found, strict=True):
                answers[place] = [Hypothesis(*one) for one in hypotheses]
    return answers


def _limit(model: GeneratingModel, settings: Settings, length: int) -> int:
    """The most tokens that an input of so many may be answered with: what the model has in sight ends there too."""
    limit = settings.limit(length)
    return limit if model.context is None else max(1, min(limit, model.context - (length if model.causal else 0)))
