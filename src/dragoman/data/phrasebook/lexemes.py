"""The kinds of words. A lexeme carries both languages, so that a sentence is built once and said twice.

Lexemes compare by identity: they are made once, in the word lists, and are keys of the morphology's caches.
"""

from __future__ import annotations

from dataclasses import dataclass


class Mention(str):
    """A token that names someone or something. `type`: PER, LOC or ORG."""

    __slots__ = ("type",)
    type: str

    def __new__(cls, text: str, type: str) -> Mention:
        token = super().__new__(cls, text)
        token.type = type
        return token


@dataclass(frozen=True, slots=True, eq=False)
class Noun:
    """german: nominative singular. gender: m, f or n. tags: what it can be or do ("food", "reading").

    weak: takes -(e)n outside the nominative (der Student, den Studenten). mass: has no plural and no "a" (bread).
    """

    german: str
    gender: str
    german_plural: str
    english: str
    english_plural: str
    tags: frozenset[str]
    genitive: str
    weak: str = ""
    mass: bool = False

    @property
    def person(self) -> bool:
        return "person" in self.tags


@dataclass(frozen=True, slots=True, eq=False)
class GermanVerb:
    """changed: the stem of du and er where it differs (lies-, fähr-). prefix: the part that separates (ein-kaufen)."""

    infinitive: str
    preterite: str
    participle: str
    changed: str = ""
    prefix: str = ""
    auxiliary: str = "haben"


@dataclass(frozen=True, slots=True, eq=False)
class EnglishVerb:
    """particle: what follows the verb whatever its form ("look" + "for")."""

    base: str
    third: str
    past: str
    participle: str
    ing: str
    particle: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Verb:
    """One meaning in both languages.

    state: no progressive in English (know, love). fixed: German words that belong to the verb and stand before the
    verbs at the end (spazieren gehen), with `fixed_negated` where they absorb the negation (keine Zeit haben).
    case: of the German object. preposition: of the German object, if it has one (warten auf).
    to: English puts the German dative behind, with "to" (explain something to someone).
    """

    german: GermanVerb
    english: EnglishVerb
    state: bool = False
    reflexive: bool = False
    fixed: tuple[str, ...] = ()
    fixed_negated: tuple[str, ...] = ()
    case: str = "acc"
    preposition: str = ""
    to: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Adjective:
    """stem: before endings (teur-, dunkl-). of: the tags of the nouns it can describe."""

    german: str
    stem: str
    german_comparative: str
    english: str
    english_comparative: tuple[str, ...]
    of: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """type: PER, LOC or ORG. gender: of the pronoun that stands for it. german_before: uninflected words in front."""

    german: str
    english: str
    type: str
    gender: str = "n"


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where things happen: the prepositions of a noun for being there and for going there.

    at, to: German preposition and, for `to`, the case it takes here. bare: English without article (at school).
    """

    noun: Noun
    at: str
    english_at: str
    to: str
    to_case: str
    tags: frozenset[str]
    bare: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class When:
    """A time adverbial. frame: now, habit, future, past. often: stands in the middle in English (often, never)."""

    german: tuple[str, ...]
    english: tuple[str, ...]
    frame: str
    often: bool = False
