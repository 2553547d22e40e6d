"""How fast a model answers, with its cache and without: answers of a fixed length, timed, and the same either way."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from dragoman.base.seeds import derive
from dragoman.generation.search import answering, search
from dragoman.generation.settings import Settings
from dragoman.models.face import GeneratingModel, SearchableModel, TextModel

SHORTEST = 1.0  # seconds of a measurement that says something
WARM = 4  # tokens that are answered before it begins

Answers = list[list[int]]


@dataclass(frozen=True)
class SpecialIds:
    """eos: ends an answer; it never does here. suppress: what must not come besides."""

    eos: int
    pad: int
    suppress: Sequence[int] = ()


@dataclass(frozen=True)
class Timing:
    """Tokens a second: of the answers, not of every beam. gain: how many times as many with the cache as without.

    same: whether the answers are.
    """

    batch: int
    length: int
    cached: float
    uncached: float
    same: bool

    @property
    def gain(self) -> float:
        return self.cached / self.uncached


def time_cache(
    model: TextModel, inputs: Sequence[Sequence[int]], length: int, ids: SpecialIds, *, beam: int, shortest: float
) -> Timing:
    """Answer one batch of inputs with `length` tokens each, in both ways, each for at least `shortest` seconds."""
    rates, found = {}, {}
    for use_cache in (True, False):
        work = partial(answer, model, inputs, ids=ids, beam=beam, use_cache=use_cache)
        rates[use_cache], found[use_cache] = rate(work, length, shortest)
    same = found[True] == found[False] or _same_exactly(model, inputs, length, ids, beam)
    return Timing(len(inputs), length, rates[True], rates[False], same)


def rate(work: Callable[[int], Answers], length: int, shortest: float) -> tuple[float, Answers]:
    """Tokens a second of work that answers with so many tokens, over at least `shortest` seconds; and its answers."""
    work(min(WARM, length))
    began, tokens = time.perf_counter(), 0
    while True:
        answers = work(length)
        tokens += sum(map(len, answers))
        if (seconds := time.perf_counter() - began) >= shortest:
            return tokens / seconds, answers


def answer(
    model: TextModel, inputs: Sequence[Sequence[int]], length: int, ids: SpecialIds, *, beam: int, use_cache: bool
) -> Answers:
    """The best answer of exactly `length` tokens to each input of one batch."""
    if isinstance(model, GeneratingModel):
        with answering(model):
            found = model.generate(
                inputs, beam=beam, n_best=1, length_penalty=1.0, limits=[length] * len(inputs), sample=False,
                temperature=1.0, top_k=0, top_p=1.0, seed=derive(0, "speed"), suppress=ids.suppress,
                use_cache=use_cache, whole=True,
            )  # fmt: skip
        return [answers[0][0] for answers in found]
    assert isinstance(model, SearchableModel)
    settings = Settings(beam=beam, max_length=length, length_margin=length)
    hypotheses = search(
        model, inputs, settings, eos_id=ids.eos, pad_id=ids.pad, suppress=[*ids.suppress, ids.eos], use_cache=use_cache
    )
    return [answers[0].ids for answers in hypotheses]


def _same_exactly(model: TextModel, inputs: Sequence[Sequence[int]], length: int, ids: SpecialIds, beam: int) -> bool:
    """In float64: between tokens of almost one probability, rounding decides, and that differs by the order of sums."""
    exact = copy.deepcopy(model).double()
    return answer(exact, inputs, length, ids, beam=beam, use_cache=True) == answer(
        exact, inputs, length, ids, beam=beam, use_cache=False
    )
