"""Who: subjects and the people they meet, drawn so that nobody visits himself and every "his" has an owner."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from dragoman.data.phrasebook import determiners as d
from dragoman.data.phrasebook import names
from dragoman.data.phrasebook import nominals as nom
from dragoman.data.phrasebook.nouns import tagged

T = TypeVar("T")
WORKING = tagged("work", "learner")
CLOSE = tagged("close", "family")
YOUNG = tagged("young")
PRONOUNS = (nom.I, nom.YOU, nom.HE, nom.SHE, nom.WE, nom.YOU_ALL, nom.THEY)


class Dice:
    """Draws that are the same on every machine: `random()` is the one method whose stream Python promises to keep."""

    __slots__ = ("random",)

    def __init__(self, seed: int):
        self.random = random.Random(seed).random

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self.random() * len(items))]

    def chance(self, probability: float) -> bool:
        return self.random() < probability


def someone(dice: Dice, pronouns: float = 0.3) -> nom.Nominal:
    """A subject: a pronoun (with this probability), a name, two names, my sister, the doctors, the girls."""
    if dice.chance(pronouns):
        return dice.pick(PRONOUNS)
    return third_person(dice)


def third_person(dice: Dice) -> nom.Nominal:
    """A subject that a pronoun can take up: never I or you, and no child of unknown sex."""
    roll = dice.random()
    if roll < 0.4:
        return first_name(dice)
    if roll < 0.5:
        return titled(dice)
    if roll < 0.55:
        return couple(dice)
    if roll < 0.75:
        return relation(dice, dice.pick((d.MY, d.MY, d.YOUR, d.OUR)))
    if roll < 0.8:
        return nom.NounPhrase(dice.pick(CLOSE), d.BARE, owner=first_name(dice))
    if roll < 0.93:
        noun = dice.pick(WORKING)
        return nom.NounPhrase(noun, d.THE, plural="official" not in noun.tags and dice.chance(0.2))
    return nom.NounPhrase(dice.pick(YOUNG), d.THE, plural=True)


def grown_up(dice: Dice) -> nom.Nominal:
    """A subject with a job: anyone but children."""
    while isinstance(subject := someone(dice), nom.NounPhrase) and "young" in subject.noun.tags:
        pass
    return subject


def single_person(dice: Dice) -> nom.Nominal:
    """The same in the singular."""
    while (nominal := third_person(dice)).plural:
        pass
    return nominal


def first_name(dice: Dice) -> nom.Named:
    return nom.Named(dice.pick(names.FIRST_NAMES))


def titled(dice: Dice) -> nom.Named:
    return nom.Named(dice.pick(names.SURNAMES), dice.pick(("Herr", "Frau")))


def couple(dice: Dice) -> nom.Coordination:
    return nom.Coordination(nom.Named(dice.pick(names.WOMEN)), nom.Named(dice.pick(names.MEN)))


def relation(dice: Dice, owner: d.Determiner, plural: float = 0.12) -> nom.NounPhrase:
    noun = dice.pick(CLOSE)
    once = "family" in noun.tags and noun.german in ("Vater", "Mutter")
    return nom.NounPhrase(noun, owner, plural=not once and dice.chance(plural))


def other(dice: Dice, subject: nom.Nominal) -> nom.Nominal:
    """Somebody else than the subject: a name, the doctor, or someone of the subject's own."""
    while True:
        roll = dice.random()
        found: nom.Nominal
        if roll < 0.3:
            found = first_name(dice)
        elif roll < 0.4:
            found = titled(dice)
        elif roll < 0.6:
            found = nom.NounPhrase(dice.pick(WORKING), d.THE)
        else:
            found = relation(dice, nom.possessive_for(subject))
        if not same(found, subject):
            return found


def same(one: nom.Nominal, another: nom.Nominal) -> bool:
    """Whether two nominals share a name or a noun, so that one sentence should not hold both."""
    if isinstance(another, nom.Coordination):
        return same(one, another.first) or same(one, another.second)
    if isinstance(one, nom.Named) and isinstance(another, nom.Named):
        return one.name is another.name or bool(one.title and another.title)
    if isinstance(one, nom.NounPhrase) and isinstance(another, nom.NounPhrase):
        return one.noun.english == another.noun.english or (one.owner is not None and another.owner is not None)
    if isinstance(another, nom.NounPhrase) and another.owner:
        return same(one, another.owner)
    return False
