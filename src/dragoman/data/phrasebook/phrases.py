"""Phrases that are no nominals: places, times, qualities. `german(case)` and `english(case)` give tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.data.phrasebook import german as de
from dragoman.data.phrasebook.english import article
from dragoman.data.phrasebook.lexemes import Adjective, Noun
from dragoman.data.phrasebook.nominals import Nominal, NounPhrase, Phrase


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """Words that never change."""

    words: tuple[str, ...]
    english_words: tuple[str, ...]

    def german(self, case: str) -> Sequence[str]:
        return self.words

    def english(self, case: str) -> Sequence[str]:
        return self.english_words


@dataclass(frozen=True, slots=True, eq=False)
class PrepositionPhrase:
    """english_preposition: may be empty, where it is a particle of the verb (wait for)."""

    preposition: str
    case: str
    english_preposition: tuple[str, ...]
    nominal: Nominal

    def german(self, case: str) -> Sequence[str]:
        tokens = self.nominal.german(self.case)
        if isinstance(self.nominal, NounPhrase) and self.nominal.contracts:
            return de.join_preposition(self.preposition, list(tokens))
        return (self.preposition, *tokens)

    def english(self, case: str) -> Sequence[str]:
        return (*self.english_preposition, *self.nominal.english("prep"))


@dataclass(frozen=True, slots=True, eq=False)
class SetOff:
    """A phrase in front that English sets off with a comma."""

    phrase: Phrase

    def german(self, case: str) -> Sequence[str]:
        return self.phrase.german(case)

    def english(self, case: str) -> Sequence[str]:
        return (*self.phrase.english(case), ",")


@dataclass(frozen=True, slots=True, eq=False)
class Profession:
    """Er ist Lehrer: he is a teacher."""

    noun: Noun

    def german(self, case: str) -> Sequence[str]:
        return (self.noun.german,)

    def english(self, case: str) -> Sequence[str]:
        return (article(self.noun.english), self.noun.english)


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """A predicate adjective: sehr gut, größer als Anna, so alt wie Paul."""

    adjective: Adjective
    before: tuple[str, str] = ("", "")
    comparative: bool = False
    than: Nominal | None = None

    def german(self, case: str) -> Sequence[str]:
        word = self.adjective.german_comparative if self.comparative else self.adjective.german
        tokens = [self.before[0], word] if self.before[0] else [word]
        if self.than:
            tokens.extend(("als" if self.comparative else "wie", *self.than.german("nom")))
        return tokens

    def english(self, case: str) -> Sequence[str]:
        words = self.adjective.english_comparative if self.comparative else (self.adjective.english,)
        tokens = [self.before[1], *words] if self.before[1] else list(words)
        if self.than:
            tokens.extend(("than" if self.comparative else "as", *self.than.english("prep")))
        return tokens
