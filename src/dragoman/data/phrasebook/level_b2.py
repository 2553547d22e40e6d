"""B2: the passive, Konjunktiv II, indirect questions, infinitive clauses, nachdem, je ... desto."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from dragoman.data.phrasebook import determiners as d
from dragoman.data.phrasebook import hypotheses, people
from dragoman.data.phrasebook import nominals as nom
from dragoman.data.phrasebook import phrases as p
from dragoman.data.phrasebook import settings as s
from dragoman.data.phrasebook import verbs as v
from dragoman.data.phrasebook.activities import ACTIVITIES, Activity, doing, themed
from dragoman.data.phrasebook.adjectives import ADJECTIVES, gradable
from dragoman.data.phrasebook.clauses import (
    CAN,
    EXPERIENCE,
    FUTURE,
    MUST,
    PERFECT,
    PLUPERFECT,
    PRETERITE,
    SHOULD,
    WOULD,
    Clause,
    Part,
)
from dragoman.data.phrasebook.lexemes import Place
from dragoman.data.phrasebook.nouns import NOUNS, tagged
from dragoman.data.phrasebook.people import Dice
from dragoman.data.phrasebook.scenes import (
    Event,
    event,
    going_to,
    in_city,
    past,
    present,
    time_part,
    to_city,
)
from dragoman.data.phrasebook.sentences import Comparing, Preceded, Saying, Sentence, Subordinate
from dragoman.data.phrasebook.undertakings import (
    UNDERTAKINGS,
    agent,
    patient,
)

FAVOURS = doing(v.HELP, v.REPAIR, v.CHECK, v.CALL, v.PICK_UP, v.TIDY, v.FEED)
ERRANDS = themed("out", "trip", "shopping", "food-shopping", "contact")
DONE_FIRST = doing(v.READ, v.CHECK, v.CLEAN, v.TIDY, v.COOK, v.EAT, v.REPAIR, v.CALL, v.WRITE, v.SHOP)
DONE_NEXT = doing(v.GO_HOME, v.GO_TO_BED, v.DRINK, v.MAKE, v.LISTEN, v.WATCH_TV, v.WALK)
LEFT = doing(v.GO_HOME, v.GO_TO_BED, v.WALK)
IDLE = doing(v.WATCH_TV, v.LISTEN, v.WALK, v.SLEEP, v.PLAY, v.STAY_HOME)
OMITTED = doing(v.TIDY, v.CALL, v.HELP, v.CLEAN, v.CHECK, v.FEED)
AVOIDED = OMITTED + doing(v.WORK, v.LEARN, v.STUDY_EXAM, v.REPAIR, v.WRITE)
BEFORE = Part("already", p.Fixed(("schon",), ("already",)))
IT = nom.IT["n"]


def _by(doer: nom.Nominal) -> Part:
    return Part("by", p.PrepositionPhrase("von", "dat", ("by",), doer))


def passive(dice: Dice) -> Sentence:
    """The bridge is being repaired. The contract was signed by Anna yesterday. The plan has to be changed."""
    undertaking = dice.pick(UNDERTAKINGS)
    subject = patient(dice, undertaking)
    by = (_by(agent(dice, undertaking)),) if dice.chance(0.4) else ()
    roll = dice.random()
    if roll < 0.2:
        clause = Clause(subject, undertaking.verb, by, passive=True, progressive=True)
        if dice.chance(0.4):
            now = time_part(dice.pick(s.NOW[:2]))
            clause = replace(clause, parts=(*by, now))
        return Sentence(Saying(clause))
    if roll < 0.6:
        when = dice.pick(s.LONG_AGO if undertaking.slow else s.PAST)
        happening = Event(undertaking.verb, by)
        negated = not by and dice.chance(0.1)
        return Sentence(
            Saying(past(subject, happening, when, dice.chance(0.5), PRETERITE, passive=True, negated=negated))
        )
    if roll < 0.75:
        return Sentence(Saying(Clause(subject, undertaking.verb, (*by, BEFORE), EXPERIENCE, passive=True)))
    modal = dice.pick((MUST, CAN, SHOULD))
    soon = s.NEXT_YEAR if undertaking.slow else s.SOON + s.LATER
    parts = (*by, time_part(dice.pick(soon))) if dice.chance(0.5) else by
    negated = dice.chance(0.2)
    if dice.chance(0.3) and not negated:
        return Sentence(Saying(Clause(subject, undertaking.verb, parts, FUTURE, passive=True)))
    return Sentence(Saying(Clause(subject, undertaking.verb, parts, modal=modal, passive=True, negated=negated)))


def polite(dice: Dice) -> Sentence:
    """Could you tell me where the station is? Could you please help the guest?"""
    if dice.chance(0.4):
        happening = event(dice, FAVOURS, nom.I, 0.3, 0)
        clause = Clause(nom.POLITE, happening.verb, (*happening.parts, PLEASE), WOULD, CAN)
        return Sentence(Saying(clause, "question"), "?")
    tail = _question_clause(dice, nom.POLITE)
    return Sentence(
        Saying(Clause(nom.POLITE, v.SAY_TO, (Part("indirect", nom.I, "dat"),), WOULD, CAN, tail=tail), "question"), "?"
    )


PLEASE = Part("kindly", p.Fixed(("bitte",), ("please",)))


def indirect_question(dice: Dice) -> Sentence:
    """I don't know whether Anna is coming. Paul asks when the train arrives."""
    subject = people.someone(dice, 0.4)
    tail = _question_clause(dice, subject)
    roll = dice.random()
    if roll < 0.4:
        clause = Clause(subject, v.KNOW_THAT, negated=True, tail=tail)
    elif roll < 0.7:
        clause = Clause(subject, v.WONDER, progressive=True, tail=tail)
    else:
        asked = people.other(dice, subject)
        clause = Clause(subject, v.ASK, (Part("object", asked),), progressive=True, tail=tail)
    return Sentence(Saying(clause))


def _question_clause(dice: Dice, asker: nom.Nominal) -> Subordinate:
    roll = dice.random()
    if roll < 0.25:
        noun = dice.pick(tagged("building", "small") if asker is not nom.POLITE else tagged("public", "building"))
        clause = Clause(nom.NounPhrase(noun), v.BE_, front=_word("wo", "where"))
        return Subordinate((), (), clause)
    if roll < 0.45:
        vehicle = nom.NounPhrase(NOUNS[dice.pick(("Zug", "Bus"))])
        verb = dice.pick((v.ARRIVE, v.DEPART))
        where = (Part("place", in_city(dice)),) if verb is v.ARRIVE else ()
        return Subordinate((), (), Clause(vehicle, verb, where, front=_word("wann", "when")))
    if roll < 0.55:
        clause = Clause(nom.NounPhrase(dice.pick(tagged("event", "show"))), v.BEGIN, front=_word("wann", "when"))
        return Subordinate((), (), clause)
    subject = people.third_person(dice)
    while people.same(subject, asker) or (asker is nom.POLITE and getattr(subject, "determiner", None) is d.YOUR):
        subject = people.third_person(dice)
    if roll < 0.8:
        clause = past(subject, event(dice, ERRANDS, subject, 0.2), dice.pick(s.PAST) if dice.chance(0.4) else None)
        return Subordinate(("ob",), ("whether",), clause)
    german, english = dice.pick((("warum", "why"), ("wann", "when")))
    happening = event(dice, ERRANDS, subject, 0.2)
    clause = past(subject, happening)
    return Subordinate((), (), replace(clause, front=_word(german, english)))


def _word(german: str, english: str) -> Part:
    return Part("time", p.Fixed((german,), (english,)))


def purpose(dice: Dice) -> Sentence:
    """Anna is going to Vienna to visit her brother. He went home without calling his boss."""
    subject = people.someone(dice)
    if dice.chance(0.4):
        first, second = event(dice, MEANS, subject, places=0.2), event(dice, TRIP_ENDS, subject, 0.2, 0)
    else:
        place = dice.pick(ERRAND_PLACES)
        first = Event(v.GO, (Part("direction", going_to(place)),))
        second = event(dice, possible_at(place), subject, 0.3, 0)
    end = Clause(subject, second.verb, second.parts)
    tail = Subordinate(("um",), (), end, "infinitive")
    roll = dice.random()
    if roll < 0.25:
        main = past(subject, first, dice.pick(s.PAST), front=dice.chance(0.5), tail=tail)
    elif roll < 0.5:
        main = past(subject, first, dice.pick(s.PAST), dice.chance(0.5), PRETERITE, tail=tail)
        if subject.person == 2:
            main = replace(main, tense=FUTURE, front=None, parts=first.parts)
    else:
        main = present(subject, first, dice.pick(s.NOW[2:] + s.SOON) if dice.chance(0.5) else None, tail=tail)
    return Sentence(Saying(main))


MEANS = tuple(a for a in ACTIVITIES if a.cities)
TRIP_ENDS = doing(v.VISIT, v.MEET, v.WORK)


@cache
def possible_at(place: Place) -> tuple[Activity, ...]:
    """What one can go to a place for."""
    return tuple(a for a in ACTIVITIES if not a.at.isdisjoint(place.tags) and a.verb not in (v.SLEEP, v.HELP))


ERRAND_PLACES = tuple(place for place in s.goals({"go", "outside", "shop"}) if possible_at(place))


def intention(dice: Dice) -> Sentence:
    """We have decided to learn Spanish. It is important to check the contract."""
    if dice.chance(0.3):
        happening = event(dice, themed("learn", "help", "repair", "desk"), nom.I, 0.3)
        adjective = ADJECTIVES[dice.pick(("wichtig", "schwierig", "einfach", "gut"))]
        quality = Part("predicate", p.Quality(adjective, dice.pick((("", ""), ("sehr", "very")))))
        if any(_owned(part) for part in happening.parts):
            return intention(dice)
        tail = Subordinate((), (), Clause(nom.I, happening.verb, happening.parts), "infinitive")
        return Sentence(Saying(Clause(IT, v.BE_, (quality,), negated=dice.chance(0.25), tail=tail)))
    subject = people.someone(dice)
    verb, activities = dice.pick(INTENTIONS)
    happening = event(dice, activities, subject, 0.3)
    tail = Subordinate((), (), Clause(subject, happening.verb, happening.parts), "infinitive")
    if verb is v.PLAN:
        return Sentence(Saying(present(subject, Event(verb, ()), tail=tail)))
    when = dice.pick(s.PAST) if dice.chance(0.5) else None
    return Sentence(Saying(past(subject, Event(verb, ()), when, front=True, tail=tail)))


PROJECTS = doing(v.FLY, v.TRAVEL, v.LEARN, v.VISIT, v.RENT, v.SELL, v.INVITE, v.STUDY_EXAM)
INTENTIONS = (
    (v.TRY, doing(v.REPAIR, v.LEARN, v.SOLVE, v.CALL, v.RENT, v.SELL, v.HELP)),
    (v.DECIDE, PROJECTS),
    (v.PLAN, PROJECTS),
    (v.FORGET_TO, doing(v.CALL, v.INVITE, v.BUY, v.FEED, v.HELP, v.REPAIR, v.CHECK, v.PICK_UP, v.TIDY)),
)


def _owned(part: Part) -> bool:
    """Whether a part speaks of someone's own things, which an impersonal sentence has no one for."""
    return isinstance(part.phrase, nom.NounPhrase) and part.phrase.determiner in (d.MY, d.OUR, d.YOUR)


def without(dice: Dice) -> Sentence:
    """Yesterday Tim went home without calling his sister. Instead of working, he watched television."""
    subject = people.third_person(dice)
    conjunction, english, done, omitted = dice.pick(
        (
            (("ohne",), ("without",), LEFT, OMITTED),
            (("anstatt",), ("instead", "of"), IDLE, AVOIDED),
        )
    )
    happening, not_done = event(dice, done, subject, places=0), event(dice, omitted, subject, 0.2, 0)
    missing = Clause(subject, not_done.verb, not_done.parts)
    tail = Subordinate(conjunction, english, missing, "infinitive", "gerund")
    tense = PRETERITE if dice.chance(0.5) else PERFECT
    return Sentence(Saying(past(subject, happening, dice.pick(s.PAST[:4]), dice.chance(0.5), tense, tail=tail)))


def afterwards(dice: Dice) -> Sentence:
    """After Eva had read the report, she went home."""
    subject = people.third_person(dice)
    first, second = event(dice, DONE_FIRST, subject, 0.3, 0), event(dice, DONE_NEXT, subject, places=0.3)
    while second.verb in (v.STAY_HOME, first.verb):
        second = event(dice, DONE_NEXT, subject, places=0.3)
    earlier = Clause(subject, first.verb, first.parts, PLUPERFECT)
    main = Clause(nom.pronoun_for(subject), second.verb, second.parts, PRETERITE)
    return Sentence(Preceded(Subordinate(("nachdem",), ("after",), earlier), main))


def proportion(dice: Dice) -> Sentence:
    """The older the house is, the cheaper it is."""
    tags, pairs = dice.pick(PROPORTIONS)
    first, second = (ADJECTIVES[word] for word in dice.pick(pairs))
    subject = nom.NounPhrase(dice.pick(tagged(*tags)))
    return Sentence(Comparing(Clause(subject, v.BE_), first, Clause(nom.pronoun_for(subject), v.BE_), second))


PROPORTIONS = (
    (("clothes", "furniture", "vehicle", "small"), (("neu", "teuer"), ("alt", "billig"), ("schön", "teuer"))),
    (("device", "vehicle", "instrument"), (("modern", "teuer"), ("alt", "billig"), ("gut", "teuer"))),
    (("home", "cosy"), (("groß", "teuer"), ("klein", "billig"), ("klein", "gemütlich"), ("modern", "teuer"))),
    (("room",), (("hell", "schön"), ("klein", "gemütlich"), ("klein", "dunkel"))),
    (("reading",), (("lang", "langweilig"), ("kurz", "gut"), ("interessant", "gut"), ("lang", "schwierig"))),
    (("show",), (("lang", "langweilig"), ("interessant", "gut"), ("kurz", "gut"))),
)


def both(dice: Dice) -> Sentence:
    """Both Anna and her brother speak Polish."""
    first = people.first_name(dice)
    second = people.other(dice, first)
    pair = nom.Coordination(first, second, (("sowohl",), ("both",)), (("als", "auch"), ("and",)))
    happening = event(dice, ERRANDS, nom.THEY, 0.2)
    if dice.chance(0.5):
        return Sentence(Saying(past(pair, happening, dice.pick(s.PAST))))
    return Sentence(Saying(present(pair, happening, dice.pick(s.SOON + s.LATER))))


def relative(dice: Dice) -> Sentence:
    """The colleague with whom I work is very friendly. The house in which they live is old."""
    doer = people.someone(dice, 0.4)
    quality_of = dice.pick((("", ""), ("sehr", "very")))
    if dice.chance(0.5):
        noun = dice.pick(people.WORKING + tagged("close"))
        bare = nom.NounPhrase(noun)
        verb = dice.pick((v.WORK, v.TRAVEL))
        parts = (Part("direction", to_city(dice)),) if verb is v.TRAVEL else (Part("place", in_city(dice)),)
        front = Part("company", p.PrepositionPhrase("mit", "dat", ("with",), nom.RelativePronoun(bare)))
        which = Clause(doer, verb, parts, front=front, progressive=verb is v.TRAVEL)
        adjective = ADJECTIVES[dice.pick(("freundlich", "nett", "klug"))]
    else:
        noun = dice.pick(tagged("home", "settlement"))
        bare = nom.NounPhrase(noun)
        front = Part("place", p.PrepositionPhrase("in", "dat", ("in",), nom.RelativePronoun(bare)))
        which = Clause(doer, v.LIVE, front=front)
        adjective = dice.pick(gradable(noun))
    if people.same(doer, bare):
        return relative(dice)
    subject = replace(bare, relative=which)
    return Sentence(Saying(Clause(subject, v.BE_, (Part("predicate", p.Quality(adjective, quality_of)),))))


PATTERNS = (
    (5, passive),
    (3, hypotheses.unreal),
    (1, hypotheses.advice),
    (2, hypotheses.missed),
    (2, polite),
    (3, indirect_question),
    (3, purpose),
    (2, intention),
    (2, without),
    (2, afterwards),
    (1, proportion),
    (1, both),
    (2, relative),
)
