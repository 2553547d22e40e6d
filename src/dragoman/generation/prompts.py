"""From what a user asks to a model's input ids: a text, whole or in pieces, or a conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dragoman.data.rows import Message
from dragoman.generation.sentences import WIDE, split
from dragoman.objectives.causal import prompt_ids
from dragoman.objectives.seq2seq import encoder_ids
from dragoman.tokenizer.cleaning import clean
from dragoman.tokenizer.face import TextTokenizer

Question = str | tuple[Message, ...]  # a text, or a conversation whose next turn is wanted


def question_of(row: Mapping[str, Any]) -> Question:
    """What a row of an evaluation set asks: its messages, where it has some, else its source."""
    messages = row.get("messages")
    return str(row["source"]) if messages is None else tuple(Message(**message) for message in messages)


@dataclass(frozen=True)
class Piece:
    """What the model sees at once: a text, or a part of one."""

    ids: list[int]  # all that the model reads
    spaced: bool = False  # whether a space follows in the joined answer


class Prompter(Protocol):
    """Makes the inputs that the model was trained on."""

    def pieces(self, questions: Sequence[Question]) -> list[list[Piece]]:
        """The pieces of each question: none of an empty one, one where it is seen as a whole."""


@dataclass(frozen=True)
class SentencePrompter:
    """For encoder-decoders: a text and the end token; one over `limit` tokens is cut at sentence ends."""

    tokenizer: TextTokenizer
    limit: int  # tokens, what begins and ends a text counted

    def pieces(self, questions: Sequence[Question]) -> list[list[Piece]]:
        texts, tokenizer = [str(question) for question in questions], self.tokenizer
        cut = []
        for text, ids in zip(texts, tokenizer.encode_batch(texts), strict=True):
            if self._fits(ids):
                cut.append([Piece(encoder_ids(ids, tokenizer))] if ids else [])
            else:
                parts = split(clean(text), lambda part: self._fits(tokenizer.encode(part)))
                encoded = zip(parts, tokenizer.encode_batch(parts), strict=True)
                pieces = ((encoder_ids(ids, tokenizer), part[-1] in f" {WIDE}") for part, ids in encoded if ids)
                cut.append([Piece(*piece) for piece in pieces])
        return cut

    def _fits(self, ids: list[int]) -> bool:
        return len(encoder_ids(ids, self.tokenizer)) <= self.limit


@dataclass(frozen=True)
class WholePrompter:
    """For encoder-decoders whose inputs are more than a text alone, which must not be cut: words around it, columns."""

    tokenizer: TextTokenizer

    def pieces(self, questions: Sequence[Question]) -> list[list[Piece]]:
        encoded = self.tokenizer.encode_batch([str(question) for question in questions])
        return [[Piece(encoder_ids(ids, self.tokenizer))] if ids else [] for ids in encoded]


@dataclass(frozen=True)
class CausalPrompter:
    """For causal models: the prompt of a text or a conversation, exactly as in training."""

    tokenizer: TextTokenizer

    def pieces(self, questions: Sequence[Question]) -> list[list[Piece]]:
        return [[Piece(prompt_ids(question, self.tokenizer))] if question else [] for question in questions]


def make_prompter(tokenizer: TextTokenizer, *, causal: bool, source_template: str, limit: int) -> Prompter:
    """The prompter of a model. Only where an input is one column and nothing else may a long one be cut in pieces."""
    if causal:
        return CausalPrompter(tokenizer)
    if re.fullmatch(r"\{[^{}]+\}", source_template):
        return SentencePrompter(tokenizer, limit)
    return WholePrompter(tokenizer)
