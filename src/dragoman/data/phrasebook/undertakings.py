"""What is done in public, for passives, nominalisations and participles: who builds, signs or publishes what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from dragoman.data.phrasebook import names, people
from dragoman.data.phrasebook import nominals as nom
from dragoman.data.phrasebook import verbs as v
from dragoman.data.phrasebook.adjectives import describing
from dragoman.data.phrasebook.german import genitive
from dragoman.data.phrasebook.lexemes import Adjective, Noun, Verb
from dragoman.data.phrasebook.nouns import NOUNS, tagged
from dragoman.data.phrasebook.people import Dice


@dataclass(frozen=True, slots=True, eq=False)
class Undertaking:
    """patients: what it is done to. agents: who does it (people, office, company, official). action: its noun.

    fates: what can be said of the action: it takes time, costs money, is late, is hard, is vital. slow: whether it is
    dated by years rather than days. kinds: the adjectives that its patients can have without a contradiction (no old
    bridge is being built).
    """

    verb: Verb
    patients: tuple[Noun, ...]
    agents: str
    action: Noun | None = None
    fates: str = ""
    slow: bool = False
    kinds: str = "neu groß modern wichtig"


def _action(german: str, english: str) -> Noun:
    article, word = german.split()
    gender = {"der": "m", "die": "f", "das": "n"}[article]
    return Noun(word, gender, "", english, "", frozenset(("action",)), genitive(word, gender), mass=True)


def _named(words: str) -> tuple[Noun, ...]:
    return tuple(NOUNS[word] for word in words.split())


BUILDINGS = tagged("public")
EVENTS = tagged("event", "exam") + _named("Konzert Ausstellung")
UNDERTAKINGS = (
    Undertaking(
        v.BUILD, BUILDINGS, "company", _action("der Bau", "construction"), fates="time money late hard", slow=True
    ),
    Undertaking(
        v.RENOVATE,
        BUILDINGS,
        "company",
        _action("die Renovierung", "renovation"),
        fates="time money late hard",
        slow=True,
        kinds="alt groß berühmt",
    ),
    Undertaking(
        v.INAUGURATE,
        _named("Schule Museum Theater Krankenhaus Bibliothek Ausstellung Konferenz Bahnhof Flughafen"),
        "official",
        _action("die Eröffnung", "opening"),
        fates="late",
        slow=True,
    ),
    Undertaking(v.SIGN, _named("Vertrag"), "people office", _action("die Unterzeichnung", "signing"), fates="late"),
    Undertaking(
        v.PUBLISH,
        _named("Artikel Roman Bericht Gedicht Ergebnis"),
        "office",
        _action("die Veröffentlichung", "publication"),
        fates="late",
    ),
    Undertaking(
        v.POSTPONE,
        EVENTS + _named("Projekt"),
        "office",
        _action("die Verschiebung", "postponement"),
    ),
    Undertaking(v.REJECT, tagged("plan"), "people office company", _action("die Ablehnung", "rejection")),
    Undertaking(v.CHANGE, _named("Plan Vertrag Projekt Entscheidung"), "people company"),
    Undertaking(
        v.IMPROVE,
        _named("Plan Artikel Bericht Projekt Lösung"),
        "people",
        _action("die Verbesserung", "improvement"),
        fates="hard vital",
    ),
    Undertaking(
        v.CHECK,
        _named("Vertrag Plan Bericht Ergebnis Lösung Artikel"),
        "people office",
        _action("die Prüfung", "review"),
        fates="hard vital late",
    ),
    Undertaking(v.DISCUSS, _named("Plan Projekt Problem Ergebnis Lösung Entscheidung"), "people"),
    Undertaking(
        v.FINANCE,
        _named("Projekt Museum Ausstellung Konferenz Bibliothek Theater"),
        "company office",
        _action("die Finanzierung", "funding"),
        fates="hard vital",
        slow=True,
    ),
    Undertaking(
        v.REPAIR,
        tagged("machine", "building home") + _named("Brücke Turm"),
        "people",
        _action("die Reparatur", "repair"),
        fates="money hard",
        kinds="alt",
    ),
    Undertaking(
        v.PLAN,
        BUILDINGS + EVENTS[:-3] + EVENTS[-2:],
        "company office",
        _action("die Planung", "planning"),
        fates="hard",
        slow=True,
    ),
    Undertaking(v.WRITE, _named("Artikel Bericht Brief E-Mail Gedicht"), "people"),
    Undertaking(v.SOLVE, tagged("task")[:2], "people"),
    Undertaking(
        v.SELL,
        tagged("home", "furniture", "machine"),
        "people",
        _action("der Verkauf", "sale"),
        fates="hard late",
        kinds="alt klein",
    ),
)
WITH_ACTION = tuple(undertaking for undertaking in UNDERTAKINGS if undertaking.action)
WITH_FATE = tuple(undertaking for undertaking in UNDERTAKINGS if undertaking.fates)
CITY = NOUNS["Stadt"]


def undertaken(*verbs: Verb) -> tuple[Undertaking, ...]:
    """The undertakings with one of these verbs."""
    return tuple(undertaking for undertaking in UNDERTAKINGS if undertaking.verb in verbs)


@cache
def _kinds(undertaking: Undertaking, noun: Noun) -> tuple[Adjective, ...]:
    return tuple(adjective for adjective in describing(noun) if adjective.german in undertaking.kinds.split())


def patient(dice: Dice, undertaking: Undertaking, adjectives: float = 0.3) -> nom.NounPhrase:
    """What it is done to: the new bridge, the reports."""
    noun = dice.pick(undertaking.patients)
    fitting = _kinds(undertaking, noun)
    chosen = (dice.pick(fitting),) if fitting and dice.chance(adjectives) else ()
    return nom.NounPhrase(noun, plural=dice.chance(0.1), adjectives=chosen)


def agent(dice: Dice, undertaking: Undertaking) -> nom.Nominal:
    """Who does it: Anna, the engineer, Velotec, the University of Vienna, the city."""
    match dice.pick(undertaking.agents.split()):
        case "company":
            return nom.Named(dice.pick(names.COMPANIES))
        case "office":
            if dice.chance(0.5):
                return nom.University(dice.pick(names.UNIVERSITIES))
            return nom.Named(dice.pick(names.COMPANIES))
        case "official":
            return nom.NounPhrase(dice.pick((NOUNS["Bürgermeister"], CITY)))
        case _:
            roll = dice.random()
            if roll < 0.4:
                return people.first_name(dice)
            if roll < 0.6:
                return people.titled(dice)
            return nom.NounPhrase(dice.pick(people.WORKING))
