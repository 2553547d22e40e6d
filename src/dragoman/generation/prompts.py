"""From what a user asks to a model's input ids: a text, whole or in pieces, or a conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dragoman.data.rows import Message
from dragoman.data.sentences import WIDE, split
from dragoman.objectives.causal import prompt_ids
from dragoman.objectives.encoding import shortened
from dragoman.objectives.seq2seq import encoder_ids
from dragoman.tokenizer.cleaning import clean
from dragoman.tokenizer.face import TextTokenizer

ANSWER_SHARE = 16  # of a causal model's context, this part is kept for the answer
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
    trimmed: bool = False  # whether something was left out, as the model could not have had it in sight


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
    """For encoder-decoders whose inputs are more than a text alone, which must not be cut in pieces: words around it,
    columns. One of more than `room` tokens loses its end, as rows do in training.
    """

    tokenizer: TextTokenizer
    room: int | None = None

    def pieces(self, questions: Sequence[Question]) -> list[list[Piece]]:
        encoded = self.tokenizer.encode_batch([str(question) for question in questions])
        return [[self._piece(encoder_ids(ids, self.tokenizer))] if ids else [] for ids in encoded]

    def _piece(self, ids: list[int]) -> Piece:
        return Piece(ids) if self.room is None else Piece(shortened(ids, self.room), trimmed=len(ids) > self.room)


@dataclass(frozen=True)
class CausalPrompter:
    """For causal models: the prompt of a text or a conversation, exactly as in training.

    One of more than `room` tokens loses what came first: of a conversation the oldest turns, but never what the system
    says, and then, as in training, its beginning.
    """

    tokenizer: TextTokenizer
    room: int | None = None

    def pieces(self, questions: Sequence[Question]) -> list[list[Piece]]:
        return [[self._piece(question)] if question else [] for question in questions]

    def _piece(self, question: Question) -> Piece:
        ids, trimmed = prompt_ids(question, self.tokenizer), False
        while self._overflows(ids) and not isinstance(question, str) and (later := without_oldest(question)):
            question, trimmed = later, True
            ids = prompt_ids(question, self.tokenizer)
        if self.room is not None and self._overflows(ids):
            begin = ids[:1] if ids[0] == self.tokenizer.bos_id else []
            ids, trimmed = begin + ids[len(ids) - self.room + len(begin) :], True
        return Piece(ids, trimmed=trimmed)

    def _overflows(self, ids: list[int]) -> bool:
        return self.room is not None and len(ids) > self.room


def without_oldest(conversation: Sequence[Message]) -> tuple[Message, ...]:
    """A conversation without its first question and all that answers it; empty where there is no second one."""
    asked = [place for place, message in enumerate(conversation) if message.role == "user"]
    return (*conversation[: asked[0]], *conversation[asked[1] :]) if len(asked) > 1 else ()


def prompt_room(context: int | None, causal: bool, longest_answer: int) -> int | None:
    """The tokens that an input may have, so that the model has it in sight with at least the beginning of an answer."""
    return context if context is None or not causal else context - min(longest_answer, context // ANSWER_SHARE)


def make_prompter(
    tokenizer: TextTokenizer, *, causal: bool, source_template: str, limit: int, room: int | None = None
) -> Prompter:
    """The prompter of a model. Only where an input is one column and nothing else may a long one be cut in pieces.

    room: the most tokens of an input that the model could read.
    """
    if causal:
        return CausalPrompter(tokenizer, room)
    if re.fullmatch(r"\{[^{}]+\}", source_template):
        return SentencePrompter(tokenizer, limit if room is None else min(limit, room))
    return WholePrompter(tokenizer, room)
