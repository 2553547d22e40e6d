"""What would be, what would have been, what should it be: conditions in all their forms (B2 and C1)."""

from __future__ import annotations

from dataclasses import replace

from dragoman.data.phrasebook import nominals as nom
from dragoman.data.phrasebook import people
from dragoman.data.phrasebook import phrases as p
from dragoman.data.phrasebook import settings as s
from dragoman.data.phrasebook import verbs as v
from dragoman.data.phrasebook.activities import doing, themed
from dragoman.data.phrasebook.adjectives import ADJECTIVES
from dragoman.data.phrasebook.clauses import (
    CAN,
    IF,
    IF_HAD,
    SHOULD,
    WOULD,
    WOULD_HAVE,
    Clause,
    Part,
)
from dragoman.data.phrasebook.nouns import NOUNS
from dragoman.data.phrasebook.people import Dice
from dragoman.data.phrasebook.scenes import (
    WILL,
    event,
    time_part,
)
from dragoman.data.phrasebook.sentences import Preceded, Saying, Sentence, Subordinate

WISHED = themed("trip", "contact", "culture", "fun", "help", "outdoor", "shopping", "money")
WEALTH = themed("trip", "shopping", "money")
ADVISED = doing(v.VISIT, v.CALL, v.INVITE, v.HELP, v.MEET, v.READ) + themed("learn", "trip", "repair", "shopping")
DEEDS = themed("trip", "contact", "help", "culture")
EFFORTS = themed("sport", "outdoor", "learn")
INDOORS = doing(v.STAY_HOME, v.WATCH_TV, v.WATCH, v.LISTEN, v.READ)
REST = doing(v.STAY_HOME, v.GO_TO_BED, v.CALL)
LATE = doing(v.CALL, v.DRINK)


def unreal(dice: Dice) -> Sentence:
    """If I had more time, I would visit my uncle."""
    subject = people.someone(dice)
    roll = dice.random()
    if roll < 0.4:
        first, activities = Clause(subject, v.MORE_TIME, tense=IF), WISHED
    elif roll < 0.6:
        first, activities = Clause(subject, v.MORE_MONEY, tense=IF), WEALTH
    else:
        quality = Part("predicate", p.Quality(ADJECTIVES[dice.pick(("krank", "müde"))]))
        first, activities = Clause(subject, v.BE_, (quality,), IF, negated=True), WISHED
    taken_up = nom.pronoun_for(subject)
    modal = CAN if dice.chance(0.3) else None
    happening = event(dice, activities, subject, 0.3)
    main = Clause(taken_up, happening.verb, happening.parts, WOULD, modal)
    if dice.chance(0.7):
        return Sentence(Preceded(Subordinate(("wenn",), ("if",), first), main))
    tail = Subordinate(("wenn",), ("if",), replace(first, subject=taken_up))
    return Sentence(Saying(replace(main, subject=subject, tail=tail)))


def advice(dice: Dice) -> Sentence:
    """If I were you, I would call the doctor."""
    happening = event(dice, ADVISED, nom.YOU, 0.4)
    front = Part("cause", p.SetOff(p.Fixed(("an", "deiner", "Stelle"), ("if", "I", "were", "you"))))
    when = (time_part(dice.pick(s.NOW[2:] + s.SOON)),) if dice.chance(0.4) else ()
    clause = Clause(nom.I, happening.verb, (*happening.parts, *when), WOULD, front=front, negated=dice.chance(0.2))
    return Sentence(Saying(clause))


def missed(dice: Dice) -> Sentence:
    """If Paul had had more time, he would have visited us."""
    subject = people.someone(dice)
    taken_up = nom.pronoun_for(subject)
    if dice.chance(0.5):
        first = Clause(subject, dice.pick((v.HAVE_TIME, v.MORE_TIME)), tense=IF_HAD)
    else:
        quality = Part("predicate", p.Quality(ADJECTIVES[dice.pick(("krank", "müde"))]))
        first = Clause(subject, v.BE_, (quality,), IF_HAD, negated=True)
    happening = event(dice, WISHED, subject, 0.2)
    main = Clause(taken_up, happening.verb, happening.parts, WOULD_HAVE)
    return Sentence(Preceded(Subordinate(("wenn",), ("if",), first), main))


def inverted(dice: Dice) -> Sentence:
    """Had Anna had more time, she would have visited us. Should it rain, we will stay at home."""
    subject = people.someone(dice)
    taken_up = nom.pronoun_for(subject)
    if dice.chance(0.55):
        verb = dice.pick((v.MORE_TIME, v.MORE_MONEY, v.KNOW_IT, v.SLEEP_BETTER))
        first = Clause(subject, verb, tense=IF_HAD)
        activities = {v.MORE_MONEY: WEALTH, v.SLEEP_BETTER: EFFORTS}.get(verb, DEEDS)
        happening = event(dice, activities, subject, 0.3)
        negated = verb is v.KNOW_IT and dice.chance(0.4)
        main = Clause(taken_up, happening.verb, happening.parts, WOULD_HAVE, negated=negated)
        return Sentence(Preceded(Subordinate((), (), first, "question"), main))
    roll = dice.random()
    if roll < 0.4:
        vehicle = nom.NounPhrase(NOUNS[dice.pick(("Zug", "Bus"))])
        first, activities = Clause(vehicle, v.BE_LATE, modal=SHOULD), LATE
    elif roll < 0.7:
        first, activities = Clause(nom.IT["n"], dice.pick((v.RAIN, v.SNOW)), modal=SHOULD), INDOORS
    else:
        quality = p.Quality(ADJECTIVES["krank"])
        first, activities = Clause(subject, v.BE_, (Part("predicate", quality),), modal=SHOULD), REST
    own = first.subject is subject
    happening = event(dice, activities, subject, 0.2, 0.2)
    main = Clause(taken_up if own else subject, happening.verb, happening.parts, WILL)
    return Sentence(Preceded(Subordinate((), (), first, "question"), main))
