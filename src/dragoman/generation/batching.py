"""Many inputs: sorted by length, searched batch by batch, answered in the order they came in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dragoman.base.seeds import derive
from dragoman.generation.handover import handed_over
from dragoman.generation.search import search
from dragoman.generation.settings import Hypothesis, Settings
from dragoman.models.face import GeneratingModel, SearchableModel, TextModel

BATCH_TOKENS = 8192  # source tokens of a batch, padding and every beam counted: bounds its memory
SHORTEST = 16  # tokens that a shorter input counts as: each row costs a whole vocabulary of logits


def generate(
    model: TextModel,
    inputs: Sequence[Sequence[int]],
    settings: Settings,
    *,
    eos_id: int,
    pad_id: int,
    suppress: Sequence[int] = (),
    seeds: Sequence[int] | None = None,
    batch_tokens: int = BATCH_TOKENS,
    use_cache: bool = True,
    answered: Callable[[Sequence[int]], None] = lambda places: None,
) -> list[list[Hypothesis]]:
    """`search` for any number of inputs: the n_best answers of each, in the order of the inputs.

    seeds: as in `search`, so that batches do not show in samples. answered: told the places of each batch's inputs
    when they are answered. Raises as `search` does.
    """
    if seeds is None:
        seeds = [derive(settings.seed, place) for place in range(len(inputs))]
    answers: list[list[Hypothesis]] = [[] for _ in inputs]
    for places in plan([len(ids) for ids in inputs], batch_tokens // settings.rows):
        batch, own = [inputs[place] for place in places], [seeds[place] for place in places]
        if isinstance(model, GeneratingModel):
            found = handed_over(model, batch, settings, suppress=suppress, seeds=own)
        else:
            assert isinstance(model, SearchableModel)
            found = search(
                model, batch, settings, eos_id=eos_id, pad_id=pad_id, suppress=suppress, seeds=own, use_cache=use_cache
            )
        for place, hypotheses in zip(places, found, strict=True):
            answers[place] = hypotheses
        answered(places)
    return answers


def plan(lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """Places of the inputs, longest first, in batches of at most `tokens` tokens with padding; never an empty one."""
    batches: list[list[int]] = []
    room = 0
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        if not room:
            batches.append([])
            room = max(1, tokens // max(lengths[place], SHORTEST))
        batches[-1].append(place)
        room -= 1
    return batches
