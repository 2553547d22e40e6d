"""Whole sentences: clauses put together, and tokens written out with capitals, punctuation and entity offsets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from dragoman.data.phrasebook.clauses import Clause
from dragoman.data.phrasebook.lexemes import Adjective, Mention

Words = tuple[str, ...]


class Utterance(Protocol):
    """What a sentence is made of, without its final mark."""

    def german(self) -> Sequence[str]: ...

    def english(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Saying:
    """A clause in one order: a statement, a question, a request. before, between: words around it (bitte, please)."""

    clause: Clause
    order: str = "main"
    german_before: Words = ()
    english_before: Words = ()

    def german(self) -> Sequence[str]:
        return (*self.german_before, *self.clause.german(self.order))

    def english(self) -> Sequence[str]:
        return (*self.english_before, *self.clause.english(self.order))


@dataclass(frozen=True, slots=True, eq=False)
class Subordinate:
    """weil, dass, wenn, obwohl, ob; um ... zu (order infinitive); indirect questions (no conjunction, a front).

    As a tail it brings its comma. english_order: another order for English (Had she known: question).
    """

    conjunction: Words
    english_conjunction: Words
    clause: Clause
    order: str = "subordinate"
    english_order: str = ""
    english_comma: bool = False

    def german(self) -> Sequence[str]:
        return (",", *self.conjunction, *self.clause.german(self.order))

    def english(self) -> Sequence[str]:
        tokens = (*self.english_conjunction, *self.clause.english(self.english_order or self.order))
        return (",", *tokens) if self.english_comma else tokens


@dataclass(frozen=True, slots=True, eq=False)
class Coordinate:
    """und, aber, denn, sondern: another main clause as a tail."""

    conjunction: Words
    english_conjunction: Words
    clause: Clause
    german_comma: bool = True
    english_comma: bool = True

    def german(self) -> Sequence[str]:
        tokens = (*self.conjunction, *self.clause.german("main"))
        return (",", *tokens) if self.german_comma else tokens

    def english(self) -> Sequence[str]:
        tokens = (*self.english_conjunction, *self.clause.english("main"))
        return (",", *tokens) if self.english_comma else tokens


@dataclass(frozen=True, slots=True, eq=False)
class Preceded:
    """A subordinate clause first: Weil sie müde ist, geht Anna nach Hause."""

    first: Subordinate
    main: Clause

    def german(self) -> Sequence[str]:
        return (*self.first.german()[1:], ",", *self.main.german("inverted"))

    def english(self) -> Sequence[str]:
        first = self.first.english()
        return (*(first[1:] if self.first.english_comma else first), ",", *self.main.english("main"))


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """A construction that one language lacks: sich lösen lassen, can be solved. One clause for each."""

    german_clause: Clause
    english_clause: Clause

    def german(self) -> Sequence[str]:
        return self.german_clause.german()

    def english(self) -> Sequence[str]:
        return self.english_clause.english()


@dataclass(frozen=True, slots=True, eq=False)
class Comparing:
    """Je älter das Haus ist, desto billiger ist es: the older the house is, the cheaper it is."""

    first: Clause
    measure: Adjective
    second: Clause
    result: Adjective

    def german(self) -> Sequence[str]:
        je = ("je", self.measure.german_comparative, *self.first.german("subordinate"))
        return (*je, ",", "desto", self.result.german_comparative, *self.second.german("inverted"))

    def english(self) -> Sequence[str]:
        the = ("the", *self.measure.english_comparative, *self.first.english("main"))
        return (*the, ",", "the", *self.result.english_comparative, *self.second.english("main"))


class Sentence(NamedTuple):
    utterance: Utterance
    mark: str = "."


def write_german(sentence: Sentence) -> tuple[str, list[dict[str, Any]]]:
    """The text and its entities: {"text", "type", "start", "end"}, offsets in characters, end exclusive."""
    text, mentions = _write(sentence.utterance.german(), sentence.mark)
    entities = [
        {"text": str(mention), "type": mention.type, "start": start, "end": start + len(mention)}
        for mention, start in mentions
    ]
    return text, entities


def write_english(sentence: Sentence) -> str:
    return _write(sentence.utterance.english(), sentence.mark)[0]


def _write(tokens: Sequence[str], mark: str) -> tuple[str, list[tuple[Mention, int]]]:
    pieces: list[str] = []
    mentions: list[tuple[Mention, int]] = []
    length, comma = 0, False
    for token in tokens:
        if token == ",":  # two clauses that end together share one comma; before the mark there is none
            comma = True
            continue
        gap = (", " if comma else " ") if pieces else ""
        comma = False
        length += len(gap)
        if token.__class__ is Mention:
            mentions.append((token, length))
        pieces.append(gap)
        pieces.append(token)
        length += len(token)
    text = "".join(pieces)
    return text[0].upper() + text[1:] + mark, mentions
