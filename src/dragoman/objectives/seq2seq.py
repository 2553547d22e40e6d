"""For encoder-decoders: the encoder reads the source, the decoder learns to say the target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dragoman.data.rows import Example
from dragoman.objectives.encoding import Encoded, Objective, shortened
from dragoman.recipe.schema import Data
from dragoman.tokenizer.face import TextTokenizer


class Seq2Seq(Objective):
    """Both sides end in the end token, which is read and learnt like any other. Each side has a limit of its own."""

    def encode_batch(self, examples: list[Example]) -> Iterator[Encoded]:
        sources = self.tokenizer.encode_batch([example.source for example in examples])
        targets = self.tokenizer.encode_targets([example.target for example in examples])
        for example, source, target in zip(examples, sources, targets, strict=True):
            labels = [*target, self.tokenizer.eos_id]
            yield Encoded(example, encoder_ids(source, self.tokenizer), labels, len(example.target.encode()))

    def overlong(self, row: Encoded, data: Data) -> tuple[str, ...]:
        sides = (
            ("source", row.input_ids, data.max_source_length),
            ("target", row.labels, data.max_target_length),
        )
        return tuple(f"{side} over {limit} tokens" for side, ids, limit in sides if len(ids) > limit)

    def trimmed(self, row: Encoded, data: Data) -> Encoded:
        return replace(
            row,
            input_ids=shortened(row.input_ids, data.max_source_length),
            labels=shortened(row.labels, data.max_target_length),
        )


def encoder_ids(ids: list[int], tokenizer: TextTokenizer) -> list[int]:
    """A tokenised source as the encoder reads it, in training and in answering: with the tokenizer's own frame."""
    begin = [] if tokenizer.bos_id is None else [tokenizer.bos_id]
    return [*begin, *ids, tokenizer.eos_id]
