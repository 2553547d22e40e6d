"""Whether two models say the same: both read the same held-out rows, and every label's log-probability is compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from dragoman.base.device import Precision
from dragoman.data.encoded import EncodedSet
from dragoman.generation.search import answering
from dragoman.models.face import TextModel
from dragoman.objectives.batches import collate

ROWS = 64
AT_ONCE = 8  # rows of a batch
POSITIONS = 128  # whose logits over a whole vocabulary are held at once


@dataclass(frozen=True)
class Replay:
    """greatest, mean: differences of labels' log-probabilities, in nats. agreeing: share of equal most probable tokens.

    loss: the mean difference of the losses, signed: what a systematic fault shows in.
    """

    rows: int
    labels: int
    greatest: float
    mean: float
    loss: float
    agreeing: float

    def __str__(self) -> str:
        return (
            f"replayed {self.labels:,} tokens of {self.rows:,} held-out rows: greatest difference of a log-probability "
            f"{self.greatest:.2g}, on average {self.mean:.2g}; {self.agreeing:.2%} of the most probable tokens agree"
        )


Said = tuple[Tensor, Tensor]  # log-probability of each label, most probable token: (N,) both


def replay(one: TextModel, precision: Precision, encoded: EncodedSet, pad_id: int) -> list[Said]:
    """What a model says about the first rows. precision: what it computes in."""
    said: list[Said] = []
    device = next(one.parameters()).device
    with answering(one), precision.autocast(device):
        for rows in _batches(min(ROWS, len(encoded))):
            batch = collate([encoded[row] for row in rows], pad_id, one.start_id).to(device)
            hidden, head = one.hidden(batch), one.head()
            for first in range(0, len(batch.labels), POSITIONS):
                log_p = head.logits(hidden[first : first + POSITIONS]).float().log_softmax(-1)
                labels = batch.labels[first : first + POSITIONS]
                said.append((log_p.gather(1, labels[:, None])[:, 0].cpu(), log_p.argmax(-1).cpu()))
    return said


def _batches(rows: int) -> Iterator[range]:
    for first in range(0, rows, AT_ONCE):
        yield range(first, min(rows, first + AT_ONCE))


def compare_replays(one: list[Said], other: list[Said], rows: int) -> Replay:
    """How far two models' sayings about the same rows differ."""
    log_p, tokens = (torch.cat(parts) for parts in zip(*one, strict=True))
    others_log_p, others_tokens = (torch.cat(parts) for parts in zip(*other, strict=True))
    difference = log_p - others_log_p
    return Replay(
        rows=min(ROWS, rows),
        labels=len(difference),
        greatest=float(difference.abs().max()),
        mean=float(difference.abs().mean()),
        loss=float(difference.mean()),
        agreeing=float((tokens == others_tokens).float().mean()),
    )
