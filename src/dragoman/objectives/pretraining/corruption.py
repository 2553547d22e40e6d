"""What is learnt from a window of text: its masked spans, all of it, or each next token.

    window             the old bridge has been repaired already </s> she
    span_corruption    the old <0> been repaired <1> </s> she </s>    ->  <0> bridge has <1> already </s>
    infilling          the old <0> been repaired <0> </s> she </s>    ->  the whole window </s>
    causal             the window itself, of which every token is learnt after those before it

<0> and <1> are sentinels, special pieces that no text holds. Every token of a window is in the input or in the labels
exactly once (of infilling: in the labels), and document ends inside of it are never masked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dragoman.base.errors import RequestError
from dragoman.data.encoded import EncodedRow
from dragoman.objectives.pretraining.noise import Counts, Noise, runs_of, thinned
from dragoman.recipe.schema import Pretraining
from dragoman.tokenizer.face import TextTokenizer

Ids = NDArray[np.int64]

WHERE = "pretraining"


@dataclass(frozen=True)
class WindowObjective(ABC):
    """From a window's ids to a row to learn from. begin: what an encoder's input begins with."""

    eos_id: int
    begin: tuple[int, ...]

    causal = False

    @abstractmethod
    def row(self, window: Ids, before: Ids, dice: np.random.Generator) -> EncodedRow:
        """window: (L,) with at least one token. before: what stands just before it in the text, one token or none."""

    @abstractmethod
    def lengths(self, window: int) -> tuple[int, int]:
        """Input tokens and labels of a window of so many tokens, but for document ends in it: near enough to plan by.

        A span that is cut by the end of a document is one more, and so are its sentinels.
        """


@dataclass(frozen=True)
class Denoising(WindowObjective):
    """sentinels: ids to mask with, in order."""

    noise: Noise
    sentinels: tuple[int, ...]

    def masked(self, window: Ids, dice: np.random.Generator, most: int) -> NDArray[np.bool_]:
        """(L,) where tokens are masked, in at most so many spans."""
        return thinned(self.noise.mask(window == self.eos_id, dice), most, dice)

    def corrupted(self, window: Ids, mask: NDArray[np.bool_], sentinels: Ids) -> Ids:
        """What the encoder reads: in place of each span its sentinel."""
        starts, _ = runs_of(mask)
        ids = window.copy()
        ids[starts] = sentinels[: len(starts)]
        kept = ~mask
        kept[starts] = True
        return np.concatenate([np.array(self.begin, dtype=np.int64), ids[kept], [self.eos_id]])


class SpanCorruption(Denoising):
    """Each masked span is learnt, behind its sentinel (Raffel et al. 2020)."""

    def row(self, window: Ids, before: Ids, dice: np.random.Generator) -> EncodedRow:
        mask = self.masked(window, dice, len(self.sentinels))
        starts, stops = runs_of(mask)
        sentinels = np.array(self.sentinels, dtype=np.int64)
        labels = np.insert(window[mask], _places(starts, stops), sentinels[: len(starts)])
        return EncodedRow(self.corrupted(window, mask, sentinels), np.append(labels, self.eos_id))

    def lengths(self, window: int) -> tuple[int, int]:
        masked, spans = self.noise.counts(window)
        return len(self.begin) + window - masked + spans + 1, masked + spans + 1


class Infilling(Denoising):
    """The whole window is learnt, from one in which a single token stands for each masked span (Lewis et al. 2020)."""

    def row(self, window: Ids, before: Ids, dice: np.random.Generator) -> EncodedRow:
        mask = self.masked(window, dice, len(window))
        sentinels = np.full(len(window), self.sentinels[0], dtype=np.int64)
        return EncodedRow(self.corrupted(window, mask, sentinels), np.append(window, self.eos_id))

    def lengths(self, window: int) -> tuple[int, int]:
        masked, spans = self.noise.counts(window)
        return len(self.begin) + window - masked + spans + 1, window + 1


class NextToken(WindowObjective):
    """Every token of the window is learnt; the first one from the token before it, where there is one."""

    causal = True

    def row(self, window: Ids, before: Ids, dice: np.random.Generator) -> EncodedRow:
        ids = np.concatenate([before, window])
        return EncodedRow(ids, ids[1:], np.arange(1, len(ids)))

    def lengths(self, window: int) -> tuple[int, int]:
        return window + 1, window


def make_objective(settings: Pretraining, tokenizer: TextTokenizer) -> WindowObjective:
    """The recipe's, over this vocabulary.

    Raises RequestError where there are fewer sentinels than spans in a window, or none at all.
    """
    begin = () if tokenizer.bos_id is None else (tokenizer.bos_id,)
    if settings.objective == "causal":
        return NextToken(tokenizer.eos_id, ())
    sentinels, noise = tuple(tokenizer.sentinel_ids), Noise(settings.noise, settings.mean_span)
    if not sentinels:
        raise RequestError(
            "the tokenizer has no sentinels (<extra_id_0> and so on) to mask with",
            where=f"{WHERE}.objective",
            hint="take a T5 or mT5, or a tokenizer of our own",
        )
    if settings.objective == "infilling":
        return Infilling(tokenizer.eos_id, begin, noise, sentinels)
    check_sentinels(settings, len(sentinels))
    return SpanCorruption(tokenizer.eos_id, begin, noise, sentinels)


def check_sentinels(settings: Pretraining, known: int) -> None:
    """Raise RequestError where span corruption needs more sentinels than the vocabulary has."""
    counts: Counts = Noise(settings.noise, settings.mean_span).counts(settings.window)
    if settings.objective == "span_corruption" and counts.spans > known:
        raise RequestError(
            f"{settings.window:,} tokens have {counts.spans} masked spans, and there are only {known} sentinels",
            where=f"{WHERE}.window",
            hint="take a shorter window, less noise or a longer mean_span, or objective: infilling, which needs one",
        )


def _places(starts: Ids, stops: Ids) -> Ids:
    """Where among the masked tokens alone each span begins."""
    return np.concatenate([[0], np.cumsum(stops - starts)[:-1]]).astype(np.int64) if len(starts) else starts
