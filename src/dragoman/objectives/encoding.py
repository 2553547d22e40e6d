"""What every objective does with examples: tokenise them in order, and deal with those that are too long."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from dragoman.base.errors import RequestError
from dragoman.data.receipt import SplitReceipt
from dragoman.data.rows import BadRow, Example
from dragoman.recipe.schema import Data
from dragoman.tokenizer.face import TextTokenizer

TOGETHER = 2000  # examples tokenised in one call, which uses every core


@dataclass(frozen=True)
class Encoded:
    """Token ids of one example, as in `EncodedRow`.

    target_bytes: of the texts that it learns to say, in UTF-8. remark: what there is to say of a row that is of use.
    """

    example: Example
    input_ids: list[int]
    labels: list[int]
    target_bytes: int
    places: list[int] | None = None
    remark: str | None = None

    @property
    def source_length(self) -> int:
        """Tokens that are only read."""
        return len(self.input_ids) - (0 if self.places is None else len(self.labels))


@dataclass(frozen=True)
class Objective(ABC):
    """From examples to input ids and labels. What cannot be learnt from is a BadRow in the example's place."""

    tokenizer: TextTokenizer

    def encode(self, examples: Iterable[Example]) -> Iterator[Encoded | BadRow]:
        """Tokenise examples in order, a few thousand at a time."""
        iterator = iter(examples)
        while batch := list(islice(iterator, TOGETHER)):
            yield from self.encode_batch(batch)

    @abstractmethod
    def encode_batch(self, examples: list[Example]) -> Iterator[Encoded | BadRow]:
        """One for each example, in order."""

    @abstractmethod
    def overlong(self, row: Encoded, data: Data) -> tuple[str, ...]:
        """In what a row is over the limits of `data`, in words to count by."""

    @abstractmethod
    def trimmed(self, row: Encoded, data: Data) -> Encoded:
        """The row within the limits. What is learnt ends in its end token still."""

    def for_training(
        self, examples: Iterable[Example], data: Data, receipt: SplitReceipt
    ) -> Iterator[Encoded | BadRow]:
        """Tokenise training examples and deal with overlong ones as `data.overlong` says, counted by reason.

        Raises RequestError at the first overlong row where the recipe says `error`.
        """
        for row in self.encode(examples):
            if isinstance(row, BadRow):
                yield row
                continue
            over = self.overlong(row, data)
            if over and data.overlong == "error":
                raise RequestError(
                    f"{' and '.join(over)}: {row.source_length} and {len(row.labels)} tokens",
                    where=str(row.example.origin),
                    hint="raise data.max_source_length or data.max_target_length, or set data.overlong to drop or trim",
                )
            if over and data.overlong == "drop":
                receipt.drop(" and ".join(over))
                continue
            if over:
                row = self.trimmed(row, data)
            receipt.keep(row.source_length, len(row.labels), over)
            yield row

    def for_evaluation(self, examples: Iterable[Example], receipt: SplitReceipt) -> Iterator[Encoded | BadRow]:
        """Tokenise examples to measure on: whatever their length, none is cut."""
        for row in self.encode(examples):
            if isinstance(row, Encoded):
                receipt.keep(row.source_length, len(row.labels))
            yield row


def shortened(ids: list[int], limit: int) -> list[int]:
    """At most `limit` ids, the last one, which ends them, kept."""
    return ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]]
