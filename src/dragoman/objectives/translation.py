"""From a sentence pair to what the model sees and what it must say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from dragoman.base.errors import RequestError
from dragoman.data.receipt import SplitReceipt
from dragoman.data.rows import Example
from dragoman.recipe.schema import Data
from dragoman.tokenizer.tokenizer import Tokenizer

TOGETHER = 2000  # examples tokenised in one call, which uses every core


@dataclass(frozen=True)
class Encoded:
    """Token ids of one example; both sides end in the end token, which is read and learnt like any other."""

    example: Example
    input_ids: list[int]
    labels: list[int]


def encode(examples: Iterable[Example], tokenizer: Tokenizer) -> Iterator[Encoded]:
    """Tokenise examples in order, a few thousand at a time."""
    end = [tokenizer.eos_id]
    iterator = iter(examples)
    while batch := list(islice(iterator, TOGETHER)):
        sources = tokenizer.encode_batch([example.source for example in batch])
        targets = tokenizer.encode_batch([example.target for example in batch])
        for example, source, target in zip(batch, sources, targets, strict=True):
            yield Encoded(example, source + end, target + end)


def encode_for_training(
    examples: Iterable[Example], tokenizer: Tokenizer, data: Data, receipt: SplitReceipt
) -> Iterator[Encoded]:
    """Tokenise training examples and deal with overlong ones as `data.overlong` says, counted side by side.

    What is trimmed keeps its end token. Raises RequestError at the first overlong row where the recipe says `error`.
    """
    limits = (data.max_source_length, data.max_target_length)
    for row in encode(examples, tokenizer):
        sides = {"source": row.input_ids, "target": row.labels}
        over = [
            f"{side} over {limit} tokens"
            for (side, ids), limit in zip(sides.items(), limits, strict=True)
            if len(ids) > limit
        ]
        if over and data.overlong == "error":
            raise RequestError(
                f"{' and '.join(over)}: {len(row.input_ids)} and {len(row.labels)} tokens",
                where=str(row.example.origin),
                hint="raise data.max_source_length or data.max_target_length, or set data.overlong to drop or trim",
            )
        if over and data.overlong == "drop":
            receipt.drop(" and ".join(over))
            continue
        if over:
            row = Encoded(row.example, _trimmed(row.input_ids, limits[0]), _trimmed(row.labels, limits[1]))
        receipt.keep(len(row.input_ids), len(row.labels), tuple(over))
        yield row


def encode_for_evaluation(
    examples: Iterable[Example], tokenizer: Tokenizer, receipt: SplitReceipt
) -> Iterator[Encoded]:
    """Tokenise examples to measure on: whatever their length, none is cut."""
    for row in encode(examples, tokenizer):
        receipt.keep(len(row.input_ids), len(row.labels))
        yield row


def _trimmed(ids: list[int], limit: int) -> list[int]:
    return ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]]
