"""A2: the perfect, modal verbs, giving and showing, company, clauses joined by und, aber, denn."""

from __future__ import annotations

from dataclasses import replace

from dragoman.data.phrasebook import nominals as nom
from dragoman.data.phrasebook import people
from dragoman.data.phrasebook import phrases as p
from dragoman.data.phrasebook import settings as s
from dragoman.data.phrasebook import verbs as v
from dragoman.data.phrasebook.activities import ACTIVITIES, LOSSES, doing, themed
from dragoman.data.phrasebook.adjectives import gradable
from dragoman.data.phrasebook.clauses import (
    CAN,
    EXPERIENCE,
    MAY,
    MUST,
    PAST_MODALS,
    PERFECT,
    PRESENT_MODALS,
    PRETERITE,
    SHOULD,
    WANT,
    WOULD_LIKE,
    Clause,
    Modal,
    Part,
)
from dragoman.data.phrasebook.lexemes import Verb
from dragoman.data.phrasebook.nouns import NOUNS, tagged
from dragoman.data.phrasebook.people import Dice
from dragoman.data.phrasebook.reasons import BECAUSE, CANNOT
from dragoman.data.phrasebook.scenes import (
    Event,
    being_at,
    event,
    happening_now,
    in_city,
    past,
    present,
    thing,
    time_part,
    with_modal,
    with_someone,
)
from dragoman.data.phrasebook.sentences import Coordinate, Saying, Sentence

STATES = (v.LOOK_FORWARD, v.DREAM, v.WAIT)
DOABLE = tuple(activity for activity in ACTIVITIES if activity.verb not in STATES)
SHARED = themed("out", "sport", "eat", "trip", "outdoor", "home", "culture", "party")
SHARED = tuple(activity for activity in SHARED if not activity.people and activity.verb is not v.PAINT)
DUTIES = themed("work", "desk", "home", "help", "repair", "homeward", "food-shopping", "learn", "travel")
WISHES = themed("out", "fun", "trip", "shopping", "eat", "drink", "contact", "culture", "rest")
WISHES = tuple(activity for activity in WISHES if activity.verb is not v.GO_TO_BED)
FEATS = themed("repair", "help", "contact", "culture", "out", "eat", "food-shopping")
ABILITIES = (
    *((verb, ("", "")) for verb in (v.SWIM, v.DANCE, v.SING, v.COOK, v.CYCLE)),
    *((v.PLAY, words) for words in (("Gitarre", "the guitar"), ("Klavier", "the piano"), ("Geige", "the violin"))),
    *((v.PLAY, words) for words in (("Tennis", "tennis"), ("Schach", "chess"), ("Fußball", "football"))),
    *((v.SPEAK, words) for words in (("Deutsch", "German"), ("Englisch", "English"), ("Spanisch", "Spanish"))),
    *((v.SPEAK, words) for words in (("Französisch", "French"), ("Polnisch", "Polish"), ("Italienisch", "Italian"))),
)
GIVING: tuple[tuple[Verb, tuple[str, ...], str], ...] = (
    (v.GIVE, ("small", "reading", "ticket", "picture"), "the a"),
    (v.SHOW, ("picture", "reading", "home", "room", "clothes", "device"), "my the"),
    (v.GIVE_PRESENT, ("flower",), "s"),
    (v.GIVE_PRESENT, ("book", "picture", "instrument", "device", "clothes"), "a"),
    (v.BRING, ("hot", "cold"), "0"),
    (v.BRING, ("flower",), "s"),
    (v.SEND, ("paper", "picture", "gift"), "a"),
    (v.EXPLAIN, ("task", "plan"), "the"),
)
EVENTS = tagged("event", "show")
BEFORE = Part("already", p.Fixed(("schon",), ("already",)))
NEVER = Part("already", p.Fixed(("noch", "nie"), ("never",)))


def perfect(dice: Dice) -> Sentence:
    """Yesterday my sister visited the museum. Did you buy a coat?"""
    subject = people.someone(dice)
    happening = event(dice, DOABLE + LOSSES, subject, adjectives=0.2)
    when = dice.pick(s.PAST) if dice.chance(0.7) else None
    question = dice.chance(0.2) and subject not in (nom.I, nom.WE)
    negated = not question and dice.chance(0.15)
    clause = past(subject, happening, when, front=not question and dice.chance(0.5), negated=negated)
    return Sentence(Saying(clause, "question" if question else "main"), "?" if question else ".")


def open_question(dice: Dice) -> Sentence:
    """Why did Anna go home? Where did you meet Paul?"""
    subject = dice.pick((nom.YOU, nom.YOU_ALL)) if dice.chance(0.4) else people.third_person(dice)
    german, english, places = dice.pick((("warum", "why", 0.3), ("wann", "when", 0.3), ("wo", "where", 0.0)))
    happening = event(dice, SHARED if english != "where" else PLACED, subject, places=places)
    when = dice.pick(s.PAST[:2]) if english != "when" and dice.chance(0.4) else None
    parts = (*happening.parts, time_part(when)) if when else happening.parts
    front = Part("time", p.Fixed((german,), (english,)))
    clause = Clause(subject, happening.verb, parts, PERFECT, front=front)
    return Sentence(Saying(clause, "question"), "?")


PLACED = doing(v.READ, v.EAT, v.BUY, v.MEET, v.WORK, v.SLEEP, v.SWIM)


def experience(dice: Dice) -> Sentence:
    """I have already read the book. We have never been to Rome."""
    subject = people.someone(dice, 0.4)
    part = BEFORE if dice.chance(0.6) else NEVER
    happening = event(dice, SEEN_OR_DONE if part is BEFORE else NEW_TO, subject, places=0)
    clause = Clause(subject, happening.verb, (*happening.parts, part), EXPERIENCE)
    return Sentence(Saying(clause))


SEEN_OR_DONE = doing(v.READ, v.BUY, v.VISIT, v.CLEAN, v.TIDY, v.REPAIR, v.CALL, v.INVITE, v.CHECK, v.SOLVE, v.WATCH)
NEW_TO = doing(v.FLY, v.TRAVEL, v.BAKE, v.HIKE, v.PLAY, v.DANCE, v.PAINT, v.SWIM)


def wish_or_duty(dice: Dice) -> Sentence:
    """We want to go to the beach. Paul has to work tomorrow. Are you allowed to come?"""
    modal: Modal = dice.pick(PRESENT_MODALS)
    subject = people.someone(dice, 0.4)
    activities = {WANT: WISHES, WOULD_LIKE: WISHES, MAY: WISHES, MUST: DUTIES, SHOULD: DUTIES, CAN: FEATS}.get(
        modal, DOABLE
    )
    happening = event(dice, activities, subject, places=0.3)
    when = dice.pick(s.NOW[2:] + s.SOON) if dice.chance(0.5) else None
    question = dice.chance(0.2) and subject not in (nom.I, nom.WE)
    negated = not question and modal is not WOULD_LIKE and dice.chance(0.2)
    clause = with_modal(subject, happening, modal, when, front=not question and dice.chance(0.4), negated=negated)
    return Sentence(Saying(clause, "question" if question else "main"), "?" if question else ".")


def past_duty(dice: Dice) -> Sentence:
    """Yesterday we had to wait for the bus."""
    modal = dice.pick(PAST_MODALS)
    subject = people.someone(dice, 0.4)
    happening = event(dice, DUTIES if modal is MUST else WISHES, subject, places=0.3)
    when = dice.pick(s.PAST) if dice.chance(0.7) else None
    negated = dice.chance(0.25)
    clause = with_modal(subject, happening, modal, when, dice.chance(0.6), PRETERITE, negated=negated)
    return Sentence(Saying(clause))


def ability(dice: Dice) -> Sentence:
    """My brother can swim very well."""
    subject = people.someone(dice, 0.4)
    verb, words = dice.pick(ABILITIES)
    parts = (Part("predicate", p.Fixed((words[0],), tuple(words[1].split()))),) if words[0] else ()
    well = dice.pick(((), (), (("gut",), ("well",)), (("sehr", "gut"), ("very", "well"))))
    if well:
        parts = (*parts, Part("skill", p.Fixed(*well)))
    question = dice.chance(0.25) and subject not in (nom.I, nom.WE)
    clause = Clause(subject, verb, parts, modal=CAN, negated=not question and dice.chance(0.25))
    return Sentence(Saying(clause, "question" if question else "main"), "?" if question else ".")


def giving(dice: Dice) -> Sentence:
    """Eva is giving her brother a book. Did you show the guests the photos?"""
    subject = people.someone(dice)
    verb, tags, determiners = dice.pick(GIVING)
    nouns = tagged(*tags)
    receiver = dice.pick((nom.I, nom.YOU, nom.HE, nom.WE)) if dice.chance(0.35) else people.other(dice, subject)
    if receiver in (nom.I, nom.YOU, nom.WE, nom.HE) and (subject.person == receiver.person or receiver is nom.HE):
        receiver = people.other(dice, subject)
    gift = thing(dice, dice.pick(nouns), dice.pick(determiners.split()), subject, 0.2)
    role = "indirect to" if verb.to else "indirect"
    happening = Event(verb, (Part(role, receiver, "dat"), Part("object", gift)))
    if dice.chance(0.5):
        when = dice.pick(s.PAST) if dice.chance(0.6) else None
        return Sentence(Saying(past(subject, happening, when, front=dice.chance(0.5))))
    when = dice.pick(s.NOW[2:] + s.SOON) if dice.chance(0.5) else None
    return Sentence(Saying(present(subject, happening, when, front=dice.chance(0.5))))


def together(dice: Dice) -> Sentence:
    """On Saturday we will go to the beach with our friends."""
    subject = people.someone(dice)
    happening = event(dice, SHARED, subject, places=0.4)
    happening = happening._replace(parts=(*happening.parts, with_someone(dice, subject)))
    if dice.chance(0.5):
        return Sentence(Saying(past(subject, happening, dice.pick(s.PAST), front=dice.chance(0.6))))
    when = dice.pick(s.NOW[2:] + s.SOON + s.LATER)
    return Sentence(Saying(present(subject, happening, when, front=dice.chance(0.6))))


def was_or_had(dice: Dice) -> Sentence:
    """Yesterday the concert was very long. We were at the theatre. I had no time."""
    when = dice.pick(s.PAST)
    roll = dice.random()
    if roll < 0.4:
        noun = dice.pick(EVENTS)
        quality = p.Quality(dice.pick(gradable(noun)), dice.pick((("sehr", "very"), ("", ""))))
        clause = Clause(nom.NounPhrase(noun), v.BE_, (Part("predicate", quality), *_time(dice)), PRETERITE)
        return Sentence(Saying(clause))
    subject = people.someone(dice)
    parts = (Part("place", being_at(dice.pick(s.PLACES))),)
    happening = Event(v.BE_, parts) if roll < 0.7 else Event(dice.pick((v.HAVE_TIME, v.BE_HUNGRY, v.HAVE_EXAM)), ())
    negated = happening.verb is not v.HAVE_EXAM and dice.chance(0.4)
    clause = past(subject, happening, when, front=dice.chance(0.6), tense=PRETERITE, negated=negated)
    return Sentence(Saying(clause))


def _time(dice: Dice) -> tuple[Part, ...]:
    return (time_part(dice.pick(s.PAST)),) if dice.chance(0.3) else ()


def clock(dice: Dice) -> Sentence:
    """Tomorrow I will get up at seven o'clock. The train arrives in Berlin at nine o'clock."""
    when = dice.pick(s.CLOCK)
    if dice.chance(0.35):
        vehicle = nom.NounPhrase(NOUNS[dice.pick(("Zug", "Bus"))])
        verb = dice.pick((v.ARRIVE, v.DEPART))
        where = (Part("place", in_city(dice)),) if verb is v.ARRIVE else ()
        return Sentence(Saying(Clause(vehicle, verb, (*where, time_part(when)))))
    if dice.chance(0.2):
        return Sentence(Saying(Clause(nom.NounPhrase(dice.pick(EVENTS)), v.BEGIN, (time_part(when),))))
    subject = people.someone(dice)
    verb = dice.pick((v.GET_UP, v.GO_HOME, v.GO_TO_BED, v.ARRIVE))
    if dice.chance(0.5):
        clause = past(subject, Event(verb, (time_part(when),)), dice.pick(s.PAST), front=True)
    else:
        clause = with_modal(subject, Event(verb, (time_part(when),)), dice.pick((MUST, WANT, SHOULD)))
    return Sentence(Saying(clause))


def joined(dice: Dice) -> Sentence:
    """Paul is going to bed because he is tired (denn). I want to visit Anna, but I don't have time (aber)."""
    subject = people.someone(dice, 0.4)
    taken_up = nom.pronoun_for(subject)
    roll = dice.random()
    if roll < 0.4:
        reason = dice.pick(BECAUSE)
        main = happening_now(subject, event(dice, reason.because, subject))
        tail = Coordinate(("denn",), ("because",), reason.clause(taken_up), english_comma=False)
    elif roll < 0.75:
        reason = dice.pick(CANNOT)
        main = with_modal(subject, event(dice, reason.cannot, subject), WANT if dice.chance(0.7) else WOULD_LIKE)
        tail = Coordinate(("aber",), ("but",), reason.clause(taken_up))
    else:
        other = _another(dice, subject)
        one, two = dice.pick(SIDE_BY_SIDE)
        main = happening_now(subject, event(dice, one, subject))
        tail = Coordinate(("und",), ("and",), happening_now(other, event(dice, two, other)), german_comma=False)
    return Sentence(Saying(replace(main, tail=tail)))


def _another(dice: Dice, subject: nom.Nominal) -> nom.Nominal:
    while people.same(other := people.third_person(dice), subject) or subject.person == 2:
        subject = nom.I if subject.person == 2 else subject
    return other


SIDE_BY_SIDE = (
    (doing(v.COOK, v.BAKE), doing(v.CLEAN, v.TIDY, v.BUY, v.SHOP)),
    (doing(v.READ, v.WRITE), doing(v.LISTEN, v.WATCH_TV, v.SLEEP, v.PAINT)),
    (doing(v.SWIM, v.CYCLE, v.RUN), doing(v.WALK, v.PLAY, v.DRINK)),
    (doing(v.WORK, v.CHECK), doing(v.STAY_HOME, v.COOK, v.SHOP)),
    (doing(v.DRINK), doing(v.EAT)),
)

PATTERNS = (
    (5, perfect),
    (2, open_question),
    (2, experience),
    (4, wish_or_duty),
    (2, past_duty),
    (1, ability),
    (3, giving),
    (3, together),
    (2, was_or_had),
    (1, clock),
    (3, joined),
)
