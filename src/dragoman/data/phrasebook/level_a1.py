"""A1: short main clauses in the present: statements, questions, negation, to be, to have, requests."""

from __future__ import annotations

from dataclasses import replace

from dragoman.data.phrasebook import determiners as d
from dragoman.data.phrasebook import names, people
from dragoman.data.phrasebook import nominals as nom
from dragoman.data.phrasebook import phrases as p
from dragoman.data.phrasebook import settings as s
from dragoman.data.phrasebook import verbs as v
from dragoman.data.phrasebook.activities import doing, generic, themed
from dragoman.data.phrasebook.adjectives import ADJECTIVES, COLOURS, describing
from dragoman.data.phrasebook.clauses import (
    Clause,
    Part,
)
from dragoman.data.phrasebook.lexemes import Noun, When
from dragoman.data.phrasebook.nouns import tagged
from dragoman.data.phrasebook.people import Dice
from dragoman.data.phrasebook.scenes import (
    Event,
    being_at,
    event,
    in_city,
    present,
    thing,
)
from dragoman.data.phrasebook.sentences import Saying, Sentence

SIMPLE = themed("simple")
GENERIC = generic(v.READ, v.WRITE, v.EAT, v.DRINK, v.COOK, v.MAKE, v.BAKE, v.PAINT)
ALONE = doing(v.PLAY, v.LISTEN, v.WATCH_TV, v.WORK, v.SLEEP, v.SWIM, v.RUN, v.DANCE, v.SING, v.WALK, v.CYCLE, v.SHOP)
LIKED = GENERIC + ALONE
ROUTINE = LIKED + doing(v.VISIT, v.MEET, v.CALL, v.HELP, v.CLEAN, v.TIDY, v.FEED, v.GO, v.STAY_HOME)
OWNED = tagged("animal", "machine", "instrument", "furniture", "clothes", "book", "small", "home", "sibling")
WANTED = tagged("machine", "furniture", "clothes", "small", "ticket", "cold", "gift")
VISIBLE = tagged("furniture", "machine", "clothes", "small", "room", "building", "outdoors", "settlement", "picture")
MOODS = tuple(ADJECTIVES[word] for word in ("müde", "krank", "glücklich", "traurig", "zufrieden", "hungrig", "nervös"))
NATURES = tuple(ADJECTIVES[word] for word in ("freundlich", "nett", "jung", "klug", "berühmt", "fleißig"))
ASKED_FOR = doing(
    *(v.READ, v.WRITE, v.BUY, v.COOK, v.CALL, v.HELP, v.VISIT),
    *(v.CLEAN, v.TIDY, v.REPAIR, v.FEED, v.STAY_HOME, v.LEARN, v.BAKE),
)
PLEASE = Part("please", p.Fixed(("bitte",), ()))
PUBLIC = tagged("building", "outdoors", "settlement")
VERY = (("", ""), ("", ""), ("sehr", "very"))


def statement(dice: Dice) -> Sentence:
    subject = people.someone(dice, 0.4)
    when: When | None
    if dice.chance(0.25):
        happening, when = event(dice, ROUTINE, subject, places=0.3), dice.pick(s.HABIT + s.OFTEN)
    else:
        happening = event(dice, SIMPLE, subject, places=0.3)
        when = dice.pick(s.NOW) if dice.chance(0.2) else None
    return Sentence(Saying(present(subject, happening, when, front=dice.chance(0.4))))


def denial(dice: Dice) -> Sentence:
    subject = people.someone(dice, 0.4)
    happening = event(dice, SIMPLE, subject, places=0.1)
    when = dice.pick(s.NOW[2:]) if dice.chance(0.5) else None
    return Sentence(Saying(present(subject, happening, when, front=dice.chance(0.4), negated=True)))


def yes_no_question(dice: Dice) -> Sentence:
    subject = dice.pick((nom.YOU, nom.YOU_ALL)) if dice.chance(0.5) else people.third_person(dice)
    when: When | None
    if dice.chance(0.25):
        happening, when = event(dice, ROUTINE, subject, places=0.3), dice.pick(s.HABIT + s.OFTEN[:2])
    else:
        happening = event(dice, SIMPLE, subject, places=0.3)
        when = dice.pick(s.NOW[2:]) if dice.chance(0.2) else None
    return Sentence(Saying(present(subject, happening, when), "question"), "?")


QUESTIONS = (
    ("was", "what", (v.READ, v.WRITE, v.EAT, v.DRINK, v.COOK, v.BUY, v.LOOK_FOR, v.PAINT, v.ORDER, v.NEED)),
    ("wo", "where", (v.WORK, v.SLEEP, v.SWIM, v.LIVE, v.SHOP, v.DANCE)),
    ("wann", "when", (v.EAT, v.WORK, v.GET_UP, v.COME, v.SHOP, v.GO_HOME, v.GO_TO_BED)),
    ("warum", "why", (v.LAUGH, v.SING, v.GO_HOME, v.STAY_HOME, v.RUN)),
)
USUAL = (v.WORK, v.LIVE, v.GET_UP, v.GO_TO_BED)


def open_question(dice: Dice) -> Sentence:
    if dice.chance(0.3):
        who = present(nom.WHO, event(dice, SIMPLE + ALONE, nom.HE, places=0.3))
        return Sentence(Saying(who), "?")
    german, english, verbs = dice.pick(QUESTIONS)
    verb = dice.pick(verbs)
    subject = dice.pick((nom.YOU, nom.YOU_ALL, nom.HE, nom.SHE)) if dice.chance(0.4) else people.third_person(dice)
    front = Part("time", p.Fixed((german,), (english,)))
    when = dice.pick(s.NOW[2:]) if dice.chance(0.3) and verb not in USUAL else None
    parts = (Part("time", p.Fixed(when.german, when.english)),) if when else ()
    progressive = verb not in USUAL and english != "when"
    clause = Clause(subject, verb, parts, front=front, progressive=progressive or when is not None)
    return Sentence(Saying(clause, "question"), "?")


def description(dice: Dice) -> Sentence:
    """The room is bright. My sister is tired. Is your bag new?"""
    subject: nom.Nominal
    if dice.chance(0.5):
        noun = dice.pick(VISIBLE)
        subject = thing(dice, noun, dice.pick(("the", "this") if noun in PUBLIC else ("the", "my", "this")), nom.I)
        adjective = dice.pick(describing(noun))
    else:
        subject = people.someone(dice, 0.3)
        adjective = dice.pick(MOODS if dice.chance(0.6) else NATURES[:4])
    degree = VERY[0] if adjective in COLOURS else dice.pick(VERY)
    part = Part("predicate", p.Quality(adjective, degree))
    question = not isinstance(subject, nom.Pronoun) and dice.chance(0.25)
    negated = not question and adjective not in NATURES and dice.chance(0.2)
    clause = Clause(subject, v.BE_, (part,), negated=negated)
    return Sentence(Saying(clause, "question" if question else "main"), "?" if question else ".")


def profession(dice: Dice) -> Sentence:
    """Lena is a doctor. Mr Weber is an engineer in Hamburg."""
    woman = dice.chance(0.5)
    subject = nom.Named(dice.pick(names.WOMEN if woman else names.MEN))
    if dice.chance(0.3):
        subject = nom.Named(dice.pick(names.SURNAMES), "Frau" if woman else "Herr")
    noun = dice.pick(
        tuple(noun for noun in people.WORKING if noun.gender == ("f" if woman else "m") and "official" not in noun.tags)
    )
    where = (Part("place", in_city(dice)),) if dice.chance(0.5) else ()
    question = dice.chance(0.2)
    clause = Clause(subject, v.BE_, (Part("indirect", p.Profession(noun)), *where))
    return Sentence(Saying(clause, "question" if question else "main"), "?" if question else ".")


def home(dice: Dice) -> Sentence:
    """I live in Berlin. Is Paul from Italy? She works in Vienna."""
    subject = people.grown_up(dice)
    roll = dice.random()
    if roll < 0.5:
        clause = Clause(subject, v.LIVE, (Part("place", in_city(dice)),))
    elif roll < 0.7:
        clause = Clause(subject, v.WORK, (Part("place", in_city(dice)),))
    else:
        country = nom.Named(dice.pick(names.COUNTRIES + names.CITIES))
        clause = Clause(subject, v.BE_FROM, (Part("about", p.PrepositionPhrase("aus", "dat", (), country)),))
    question = dice.chance(0.2) and subject not in (nom.I, nom.WE)
    clause = replace(clause, negated=not question and dice.chance(0.15))
    return Sentence(Saying(clause, "question" if question else "main"), "?" if question else ".")


def affiliation(dice: Dice) -> Sentence:
    """Mei works for Solara. My brother studies physics at the University of Vienna."""
    subject = people.grown_up(dice)
    if dice.chance(0.5):
        company = nom.Named(dice.pick(names.COMPANIES))
        clause = Clause(subject, v.WORK, (Part("place", p.PrepositionPhrase("bei", "dat", ("for",), company)),))
    else:
        topic = Part("predicate", p.Fixed(*dice.pick(names.SUBJECTS)))
        university = nom.University(dice.pick(names.UNIVERSITIES))
        place = Part("place", p.PrepositionPhrase("an", "dat", ("at",), university))
        clause = Clause(subject, v.STUDY, (topic, place) if dice.chance(0.6) else (topic, Part("place", in_city(dice))))
    question = dice.chance(0.2) and subject not in (nom.I, nom.WE)
    clause = replace(clause, negated=not question and dice.chance(0.15))
    return Sentence(Saying(clause, "question" if question else "main"), "?" if question else ".")


def liking(dice: Dice) -> Sentence:
    """She likes reading novels. Do you like dancing?"""
    subject = people.someone(dice, 0.4)
    happening = event(dice, LIKED, subject, places=0.25)
    question = dice.chance(0.25) and subject not in (nom.I, nom.WE)
    clause = present(subject, happening, gern=True, negated=not question and dice.chance(0.15))
    return Sentence(Saying(clause, "question" if question else "main"), "?" if question else ".")


def whereabouts(dice: Dice) -> Sentence:
    """The children are in the garden. Where is my key?"""
    if dice.chance(0.25):
        noun = dice.pick(tagged("small", "device", "clothes", "animal", "close", "family"))
        subject: nom.Nominal = nom.NounPhrase(noun, dice.pick((d.MY, d.YOUR, d.OUR)))
        clause = Clause(subject, v.BE_, front=Part("place", p.Fixed(("wo",), ("where",))))
        return Sentence(Saying(clause, "question"), "?")
    subject = people.someone(dice, 0.3)
    when = dice.pick(s.NOW[:1] + s.NOW[2:]) if dice.chance(0.3) else None
    spot = Event(v.BE_, (Part("place", being_at(dice.pick(s.PLACES))),))
    clause = present(subject, spot, when, front=dice.chance(0.4), negated=dice.chance(0.15))
    return Sentence(Saying(clause))


def possession(dice: Dice) -> Sentence:
    """We have a dog. My brother doesn't have a car. I need a ticket."""
    subject = people.someone(dice, 0.5)
    verb = v.HAVE_ if dice.chance(0.6) else v.NEED
    noun = dice.pick(OWNED if verb is v.HAVE_ else WANTED)
    while _same_noun(noun, subject):
        noun = dice.pick(OWNED)
    question = dice.chance(0.2)
    negated = not question and dice.chance(0.3)
    parts = (Part("object", _some(dice, noun, 0 if negated else 0.25)),)
    clause = Clause(subject, verb, parts, negated=negated)
    return Sentence(Saying(clause, "question" if question else "main"), "?" if question else ".")


def _same_noun(noun: Noun, subject: nom.Nominal) -> bool:
    return isinstance(subject, nom.NounPhrase) and subject.noun.english == noun.english


def _some(dice: Dice, noun: Noun, counted: float) -> nom.NounPhrase:
    if noun.mass:
        return nom.NounPhrase(noun, d.BARE)
    if dice.chance(counted):
        return nom.NounPhrase(noun, dice.pick(d.NUMERALS[:3]), plural=True)
    return nom.NounPhrase(noun, d.A)


def request(dice: Dice) -> Sentence:
    """Please read the letter."""
    happening = event(dice, ASKED_FOR, nom.YOU, places=0.3)
    while happening.verb is v.READ and any(getattr(part.phrase, "indefinite", False) for part in happening.parts):
        happening = event(dice, ASKED_FOR, nom.YOU, places=0.3)
    clause = Clause(nom.YOU, happening.verb, (*happening.parts, PLEASE))
    return Sentence(Saying(clause, "imperative", english_before=("please",)))


PATTERNS = (
    (6, statement),
    (2, denial),
    (2, yes_no_question),
    (1, open_question),
    (3, description),
    (1, profession),
    (2, possession),
    (2, home),
    (1, affiliation),
    (2, liking),
    (1, whereabouts),
    (1, request),
)
