"""From activities to clauses: objects, places and times are drawn to fit, and English gets the aspect they call for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from dragoman.data.phrasebook import determiners as d
from dragoman.data.phrasebook import names, people
from dragoman.data.phrasebook import nominals as nom
from dragoman.data.phrasebook import phrases as p
from dragoman.data.phrasebook import settings as s
from dragoman.data.phrasebook.activities import Activity
from dragoman.data.phrasebook.adjectives import describing
from dragoman.data.phrasebook.clauses import FUTURE, PERFECT, PRESENT, Clause, Modal, Part, Tense
from dragoman.data.phrasebook.lexemes import Noun, Place, Verb, When
from dragoman.data.phrasebook.nouns import NOUNS
from dragoman.data.phrasebook.people import Dice

WILL = Tense("", "present", FUTURE.english_layers, "present")  # morgen kaufe ich: tomorrow I will buy
ONCE = frozenset(("trip", "search", "repair", "shopping", "money", "sale", "dream", "travel"))
VEHICLES = ("Zug", "Bus", "Auto")


class Event(NamedTuple):
    """A verb with its parts, not yet anyone's and not yet at any time. usual: a habit in English by default."""

    verb: Verb
    parts: tuple[Part, ...]
    usual: bool = False
    once: bool = False


def event(
    dice: Dice, activities: Sequence[Activity], subject: nom.Nominal, adjectives: float = 0.0, places: float = 0.4
) -> Event:
    """One of these activities for this subject. adjectives, places: how probable each is where it can be."""
    activity = dice.pick(activities)
    verb, parts = activity.verb, []
    if activity.objects:
        noun = dice.pick(activity.objects)
        phrase = thing(dice, noun, dice.pick(activity.determiners), subject, adjectives)
        parts.append(_object(verb, phrase))
    elif activity.fixed[0]:
        parts.append(Part("predicate", p.Fixed((activity.fixed[0],), tuple(activity.fixed[1].split()))))
    elif activity.people:
        person = people.other(dice, subject)
        parts.append(Part("indirect", person, "dat") if activity.people == "indirect" else _object(verb, person))
    if activity.cities:
        parts.append(Part("direction", to_city(dice)))
        if activity.verb.german.infinitive == "fahren" and dice.chance(places):
            parts.append(by_vehicle(dice))
    elif activity.to:
        parts.append(Part("direction", going_to(dice.pick(s.goals(activity.to)))))
    elif activity.at and dice.chance(places):
        parts.append(Part("place", being_at(dice.pick(s.places(activity.at)))))
    return Event(verb, tuple(parts), activity.usual, not activity.themes.isdisjoint(ONCE))


def _object(verb: Verb, phrase: nom.Nominal) -> Part:
    if verb.preposition:
        return Part("about", p.PrepositionPhrase(verb.preposition, verb.case, (), phrase))
    return Part("object", phrase, verb.case)


def thing(dice: Dice, noun: Noun, determiner: str, subject: nom.Nominal, adjectives: float = 0.0) -> nom.NounPhrase:
    """A noun phrase. determiner: a, the, this, 0 (none), s (none, plural) or my (the subject's own)."""
    fitting = describing(noun) if adjectives else ()
    chosen = (dice.pick(fitting),) if fitting and dice.chance(adjectives) else ()
    match determiner:
        case "the":
            return nom.NounPhrase(noun, d.THE, adjectives=chosen)
        case "this":
            return nom.NounPhrase(noun, d.THIS, adjectives=chosen)
        case "my":
            return nom.NounPhrase(noun, nom.possessive_for(subject), adjectives=chosen)
        case "a" if not noun.mass:
            return nom.NounPhrase(noun, d.A, adjectives=chosen)
        case _:
            return nom.NounPhrase(noun, d.BARE, plural=not noun.mass, adjectives=chosen)


# ---- places and ways -------------------------------------------------------------------------------------------------


def being_at(place: Place) -> nom.Phrase:
    nominal = nom.NounPhrase(place.noun, AT_SCHOOL if place.bare else d.THE)
    return p.PrepositionPhrase(place.at, "dat", (place.english_at,), nominal)


def going_to(place: Place) -> nom.Phrase:
    nominal = nom.NounPhrase(place.noun, AT_SCHOOL if place.bare else d.THE)
    return p.PrepositionPhrase(place.to, place.to_case, ("to",), nominal)


AT_SCHOOL = d.Determiner(d.THE.forms, d.THE.adjective, ("", ""))  # in der Schule: at school


def city(dice: Dice) -> nom.Named:
    """A city, or now and then a country."""
    return nom.Named(dice.pick(names.CITIES if dice.chance(0.7) else names.COUNTRIES))


def to_city(dice: Dice) -> nom.Phrase:
    return p.PrepositionPhrase("nach", "dat", ("to",), city(dice))


def in_city(dice: Dice) -> nom.Phrase:
    return p.PrepositionPhrase("in", "dat", ("in",), nom.Named(dice.pick(names.CITIES)))


def by_vehicle(dice: Dice) -> Part:
    phrase = p.PrepositionPhrase("mit", "dat", ("by",), nom.NounPhrase(NOUNS[dice.pick(VEHICLES)], AT_SCHOOL))
    return Part("instrument", phrase)


def with_someone(dice: Dice, subject: nom.Nominal) -> Part:
    return Part("company", p.PrepositionPhrase("mit", "dat", ("with",), people.other(dice, subject)))


# ---- clauses ---------------------------------------------------------------------------------------------------------


def time_part(when: When) -> Part:
    return Part("often" if when.often else "time", p.Fixed(when.german, when.english))


def present(
    subject: nom.Nominal, happening: Event, when: When | None = None, front: bool = False, **more: Any
) -> Clause:
    """Now, usually or soon, as `when` says: is reading, reads, will read."""
    frame = when.frame if when else "habit" if happening.usual else "now"
    tense = WILL if frame == "future" else PRESENT
    progressive = frame in ("now", "today") and not more.get("gern")
    return _clause(subject, happening, tense, when, front, progressive=progressive, **more)


def happening_now(subject: nom.Nominal, happening: Event, **more: Any) -> Clause:
    """In the middle of it, even where the verb alone would be a habit: is learning German."""
    return present(subject, happening._replace(usual=False), **more)


def past(
    subject: nom.Nominal,
    happening: Event,
    when: When | None = None,
    front: bool = False,
    tense: Tense = PERFECT,
    **more: Any,
) -> Clause:
    return _clause(subject, happening, tense, when, front, **more)


def with_modal(
    subject: nom.Nominal,
    happening: Event,
    modal: Modal,
    when: When | None = None,
    front: bool = False,
    tense: Tense = PRESENT,
    **more: Any,
) -> Clause:
    return _clause(subject, happening, tense, when, front, modal=modal, **more)


def _clause(
    subject: nom.Nominal, happening: Event, tense: Tense, when: When | None, front: bool, **more: Any
) -> Clause:
    parts, first = happening.parts, None
    if when:
        part = time_part(when)
        first = part if front and not when.often else None
        parts = parts if first else (*parts, part)
    return Clause(subject, happening.verb, parts, tense, front=first, **more)
