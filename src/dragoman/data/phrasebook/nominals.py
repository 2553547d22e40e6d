"""Nominals: what can be a subject or an object, said in German and in English. `german(case)` and `english(case)` give
tokens.

In English only pronouns heed the case: "nom" for the subject, "prep" after a preposition, anything else for an object.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from dragoman.data.phrasebook import determiners as d
from dragoman.data.phrasebook import german as de
from dragoman.data.phrasebook.english import article, possessive
from dragoman.data.phrasebook.lexemes import Adjective, Mention, Name, Noun

if TYPE_CHECKING:
    from dragoman.data.phrasebook.clauses import Clause


class Phrase(Protocol):
    def german(self, case: str) -> Sequence[str]: ...

    def english(self, case: str) -> Sequence[str]: ...


class Nominal(Phrase, Protocol):
    """What can be a subject. column: gender or p; human: takes who, he, she."""

    @property
    def person(self) -> int: ...

    @property
    def plural(self) -> bool: ...

    @property
    def column(self) -> str: ...

    @property
    def human(self) -> bool: ...


@dataclass(frozen=True, slots=True, eq=False)
class Pronoun:
    person: int
    plural: bool
    column: str
    human: bool
    german_forms: tuple[str, str, str]  # nominative, accusative, dative
    english_forms: tuple[str, str]

    def german(self, case: str) -> Sequence[str]:
        return (self.german_forms[0 if case == "nom" else 1 if case == "acc" else 2],)

    def english(self, case: str) -> Sequence[str]:
        return (self.english_forms[case != "nom"],)


I = Pronoun(1, False, "m", True, ("ich", "mich", "mir"), ("I", "me"))  # noqa: E741
YOU = Pronoun(2, False, "m", True, ("du", "dich", "dir"), ("you", "you"))
HE = Pronoun(3, False, "m", True, ("er", "ihn", "ihm"), ("he", "him"))
SHE = Pronoun(3, False, "f", True, ("sie", "sie", "ihr"), ("she", "her"))
WE = Pronoun(1, True, "p", True, ("wir", "uns", "uns"), ("we", "us"))
YOU_ALL = Pronoun(2, True, "p", True, ("ihr", "euch", "euch"), ("you", "you"))
THEY = Pronoun(3, True, "p", True, ("sie", "sie", "ihnen"), ("they", "them"))
POLITE = Pronoun(3, True, "p", True, ("Sie", "Sie", "Ihnen"), ("you", "you"))
IT = {
    column: Pronoun(3, False, column, False, forms, ("it", "it"))
    for column, forms in {"m": ("er", "ihn", "ihm"), "f": ("sie", "sie", "ihr"), "n": ("es", "es", "ihm")}.items()
}
WHO = Pronoun(3, False, "m", True, ("wer", "wen", "wem"), ("who", "who"))
REFLEXIVE = {(1, False): "mich", (2, False): "dich", (1, True): "uns", (2, True): "euch"}


def pronoun_for(nominal: Nominal) -> Pronoun:
    """The pronoun that takes up a nominal: der Tisch -> er, it."""
    if isinstance(nominal, Pronoun):
        return nominal
    if nominal.plural:
        return WE if nominal.person == 1 else THEY
    if nominal.human and nominal.column != "n":
        return HE if nominal.column == "m" else SHE
    return IT[nominal.column]


def possessive_for(nominal: Nominal) -> d.Determiner:
    """The possessive that refers back to a person: Anna -> ihr, her."""
    if nominal.person == 1:
        return d.OUR if nominal.plural else d.MY
    if nominal.person == 2:
        return d.YOUR_ALL if nominal.plural else d.YOUR
    if nominal.plural:
        return d.THEIR
    return d.HER if nominal.column == "f" else d.HIS


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A name, with a title for surnames: Anna, Frau Weber, Berlin."""

    name: Name
    title: str = ""
    person = 3
    plural = False

    @property
    def column(self) -> str:
        return {"Herr": "m", "Frau": "f"}.get(self.title, self.name.gender)

    @property
    def human(self) -> bool:
        return self.name.type == "PER"

    def german(self, case: str) -> Sequence[str]:
        text = de.name_genitive(self.name.german) if case == "gen" else self.name.german
        mention = Mention(text, self.name.type)
        if not self.title:
            return (mention,)
        return ("Herrn" if self.title == "Herr" and case != "nom" else self.title, mention)

    def english(self, case: str) -> Sequence[str]:
        return ({"Herr": "Mr", "Frau": "Ms"}[self.title], self.name.english) if self.title else (self.name.english,)


class University(Named):
    """An organisation with an article: die Universität Wien, the University of Vienna."""

    __slots__ = ()

    def german(self, case: str) -> Sequence[str]:
        return (d.THE.forms[case, "f"], Mention(self.name.german, self.name.type))

    def english(self, case: str) -> Sequence[str]:
        return ("the", self.name.english)


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """An extended participial attribute: "von Anna geschrieben-" before the noun, "written by Anna" behind it."""

    before: tuple[str, ...]
    participle: str
    english: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class NounPhrase:
    """owner: a name in the genitive before the noun (Annas Buch). of: a genitive behind it (das Dach des Hauses).

    by: what follows that (die Renovierung des Hauses durch Velotec).
    """

    noun: Noun
    determiner: d.Determiner = d.THE
    plural: bool = False
    adjectives: tuple[Adjective, ...] = ()
    owner: Named | None = None
    of: Nominal | None = None
    by: Phrase | None = None
    attribute: Attribute | None = None
    relative: Clause | None = None
    person = 3

    @property
    def column(self) -> str:
        return "p" if self.plural else self.noun.gender

    @property
    def human(self) -> bool:
        return self.noun.person

    @property
    def indefinite(self) -> bool:
        return self.determiner.indefinite and self.owner is None

    @property
    def contracts(self) -> bool:
        return self.determiner is d.THE and self.relative is None and self.owner is None

    def negated(self, partitive: bool) -> NounPhrase:
        """The same with kein, and the English that goes with "not": a dog, (any) dogs, (any) bread."""
        countable = not (self.plural or self.noun.mass)
        return replace(self, determiner=d.NO_A if countable else d.NO_ANY if partitive else d.NO)

    def german(self, case: str) -> Sequence[str]:
        column, determiner = self.column, self.determiner
        tokens: list[str] = []
        declension = determiner.adjective[self.plural]
        if self.owner:
            tokens.extend(self.owner.german("gen"))
            declension = "strong"
        elif form := determiner.forms[case, column]:
            tokens.append(form)
        if self.attribute:
            tokens.extend(self.attribute.before)
            tokens.append(self.attribute.participle + de.ADJECTIVE[declension][case, column])
        for adjective in self.adjectives:
            tokens.append(de.decline_adjective(adjective, declension, case, column))
        tokens.append(de.decline_noun(self.noun, case, self.plural))
        if self.of:
            tokens.extend(self.of.german("gen"))
        if self.by:
            tokens.extend(self.by.german(case))
        if self.relative:
            tokens.extend((",", *self.relative.german("subordinate"), ","))
        return tokens

    def english(self, case: str) -> Sequence[str]:
        noun = self.noun.english_plural if self.plural else self.noun.english
        tokens = [*(adjective.english for adjective in self.adjectives), noun]
        if self.owner:
            tokens = [*possessive(list(self.owner.english("gen")), False), *tokens]
        elif self.of and self.of.human:
            tokens = [*possessive(list(self.of.english("gen")), self.of.plural), *tokens]
        else:
            determiner = self.determiner.english[self.plural]
            if determiner == "a":
                determiner = "" if self.noun.mass else article(tokens[0])
            if determiner:
                tokens.insert(0, determiner)
            if self.of:
                tokens.extend(("of", *self.of.english("gen")))
        if self.by:
            tokens.extend(self.by.english(case))
        if self.attribute:
            tokens.extend(self.attribute.english)
        if self.relative:
            tokens.extend(self.relative.english("subordinate"))
        return tokens


@dataclass(frozen=True, slots=True, eq=False)
class Coordination:
    """Anna und Lukas; sowohl Anna als auch Lukas. The words before and between, in both languages."""

    first: Nominal
    second: Nominal
    before: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    between: tuple[tuple[str, ...], tuple[str, ...]] = (("und",), ("and",))
    person = 3
    plural = True
    column = "p"
    human = True

    def german(self, case: str) -> Sequence[str]:
        return (*self.before[0], *self.first.german(case), *self.between[0], *self.second.german(case))

    def english(self, case: str) -> Sequence[str]:
        return (*self.before[1], *self.first.english(case), *self.between[1], *self.second.english(case))


@dataclass(frozen=True, slots=True, eq=False)
class RelativePronoun:
    antecedent: NounPhrase
    person = 3

    @property
    def plural(self) -> bool:
        return self.antecedent.plural

    @property
    def column(self) -> str:
        return self.antecedent.column

    @property
    def human(self) -> bool:
        return self.antecedent.human

    def german(self, case: str) -> Sequence[str]:
        return (de.RELATIVE[case, self.column],)

    def english(self, case: str) -> Sequence[str]:
        if case == "prep":
            return ("whom" if self.human else "which",)
        return ("who" if self.human else "that",)


@dataclass(frozen=True, slots=True, eq=False)
class Whose:
    """Der Nachbar, dessen Auto ...: the neighbour whose car ..."""

    antecedent: NounPhrase
    noun: Noun
    person = 3
    plural = False
    human = False

    @property
    def column(self) -> str:
        return self.noun.gender

    def german(self, case: str) -> Sequence[str]:
        pronoun = "deren" if self.antecedent.column in "fp" else "dessen"
        return (pronoun, de.decline_noun(self.noun, case, False))

    def english(self, case: str) -> Sequence[str]:
        return ("whose", self.noun.english)


@dataclass(frozen=True, slots=True, eq=False)
class NotOnly:
    """nicht nur ein Auto, sondern auch ein Fahrrad: not only a car but also a bicycle."""

    first: Phrase
    second: Phrase

    def german(self, case: str) -> Sequence[str]:
        return ("nicht", "nur", *self.first.german(case), ",", "sondern", "auch", *self.second.german(case))

    def english(self, case: str) -> Sequence[str]:
        return ("not", "only", *self.first.english(case), "but", "also", *self.second.english(case))
