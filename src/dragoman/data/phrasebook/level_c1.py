"""C1: the nominal style, inverted conditions, reported speech, sein + zu, sich lassen, dessen and deren."""

from __future__ import annotations

from dataclasses import replace

from dragoman.data.phrasebook import german as de
from dragoman.data.phrasebook import hypotheses, names, nominal_style, people
from dragoman.data.phrasebook import nominals as nom
from dragoman.data.phrasebook import phrases as p
from dragoman.data.phrasebook import settings as s
from dragoman.data.phrasebook import verbs as v
from dragoman.data.phrasebook.activities import ACTIVITIES, themed
from dragoman.data.phrasebook.adjectives import ADJECTIVES
from dragoman.data.phrasebook.clauses import (
    CAN,
    PERFECT,
    PRESENT,
    PRETERITE,
    REPORTED,
    Clause,
    Part,
)
from dragoman.data.phrasebook.lexemes import Verb
from dragoman.data.phrasebook.nouns import tagged
from dragoman.data.phrasebook.people import Dice
from dragoman.data.phrasebook.reasons import OWN
from dragoman.data.phrasebook.scenes import (
    event,
    past,
    thing,
    time_part,
)
from dragoman.data.phrasebook.sentences import Paired, Saying, Sentence, Subordinate
from dragoman.data.phrasebook.undertakings import (
    UNDERTAKINGS,
    agent,
    patient,
    undertaken,
)

# ---- reports ------------------------------------------------------------------------------------------


def reported(dice: Dice) -> Sentence:
    """The journalist reports that the bridge has been opened (Konjunktiv I)."""
    reporter = people.single_person(dice)
    verb = dice.pick((v.REPORT, v.EXPLAIN_THAT, v.SAY))
    undertaking = dice.pick(UNDERTAKINGS)
    if dice.chance(0.7):
        subject: nom.Nominal = patient(dice, undertaking)
        by = agent(dice, undertaking) if dice.chance(0.3) else None
        while by and people.same(by, reporter):
            by = agent(dice, undertaking)
        parts = (Part("by", p.PrepositionPhrase("von", "dat", ("by",), by)),) if by else ()
        inner = Clause(subject, undertaking.verb, (*parts, nominal_style.ALREADY), REPORTED, passive=True)
    else:
        subject = people.single_person(dice)
        while people.same(subject, reporter):
            subject = people.single_person(dice)
        happening = event(dice, NEWS, subject, 0.3, 0)
        inner = Clause(subject, happening.verb, (*happening.parts, nominal_style.ALREADY), REPORTED)
    tail = Subordinate((), ("that",), inner, "main")
    tense = PRESENT if dice.chance(0.6) else PERFECT
    if tense is PERFECT:
        inner = replace(inner, tense=REPORTED._replace(english_form="past"))
        tail = replace(tail, clause=inner)
    return Sentence(Saying(Clause(reporter, verb, tense=tense, tail=tail)))


NEWS = tuple(
    a
    for a in ACTIVITIES
    if a.verb in (v.BUY, v.SELL, v.SOLVE, v.CHECK, v.REPAIR, v.INVITE, v.VISIT) and not a.themes & {"food-shopping"}
)


# ---- what German says otherwise --------------------------------------------------------------------------------------


def to_be_done(dice: Dice) -> Sentence:
    """The report is to be checked by Friday. The problem can't be solved (lässt sich nicht lösen)."""
    due = dice.chance(0.5)
    undertaking = dice.pick(DUE if due else POSSIBLE)
    subject = patient(dice, undertaking)
    verb = undertaking.verb
    if due:
        infinitive = de.zu_infinitive(verb.german)
        passive = ("to", "be", verb.english.participle, *verb.english.particle)
        words = dice.pick(DEADLINES)
        by = p.Fixed(("bis", *words[0]), ("by", *words[1]))
        parts = (Part("time", by), Part("predicate", p.Fixed(infinitive, passive)))
        return Sentence(Saying(Clause(subject, v.BE_, parts)))
    negated = dice.chance(0.4)
    let = Verb(v.LET.german, v.LET.english, reflexive=True, fixed=(verb.german.infinitive,))
    english = Clause(subject, verb, modal=CAN, passive=True, negated=negated)
    if dice.chance(0.5):
        easily = Part("manner", p.Fixed(*dice.pick(EASE)))
        english = replace(english, parts=(easily,))
    return Sentence(Paired(replace(english, verb=let, modal=None, passive=False), english))


DUE = undertaken(v.CHECK, v.SIGN, v.WRITE, v.PUBLISH, v.REPAIR, v.CHANGE, v.IMPROVE, v.SOLVE, v.DISCUSS)
POSSIBLE = undertaken(v.SOLVE, v.IMPROVE, v.CHANGE, v.REPAIR, v.CHECK)
DEADLINES = (
    (("Montag",), ("Monday",)),
    (("Freitag",), ("Friday",)),
    (("morgen",), ("tomorrow",)),
    (("nächste", "Woche"), ("next", "week")),
)
EASE = ((("leicht",), ("easily",)), (("schnell",), ("quickly",)), (("ohne", "Hilfe"), ("without", "help")))


def not_only(dice: Dice) -> Sentence:
    """Eva speaks not only German but also Polish. We bought not only a table but also a lamp."""
    subject = people.someone(dice)
    if dice.chance(0.4):
        one, two = dice.pick(names.LANGUAGES), dice.pick(names.LANGUAGES)
        while one is two:
            two = dice.pick(names.LANGUAGES)
        pair = nom.NotOnly(p.Fixed((one[0],), (one[1],)), p.Fixed((two[0],), (two[1],)))
        return Sentence(Saying(Clause(subject, v.SPEAK, (Part("predicate", pair),))))
    nouns = tagged(dice.pick(("furniture", "clothes", "machine", "small", "reading")))
    first, second = dice.pick(nouns), dice.pick(nouns)
    while first is second:
        second = dice.pick(nouns)
    pair = nom.NotOnly(thing(dice, first, "a", subject, 0.4), thing(dice, second, "a", subject, 0.4))
    verb = v.READ if "reading" in first.tags else v.BUY
    when = dice.pick(s.PAST) if dice.chance(0.6) else None
    parts = (Part("object", pair), *((time_part(when),) if when else ()))
    return Sentence(Saying(Clause(subject, verb, parts, PERFECT)))


def so_that(dice: Dice) -> Sentence:
    """Paul was so tired that he went to bed."""
    state = dice.pick(STATES)
    subject = people.third_person(dice)
    quality = state.parts[0].phrase
    assert isinstance(quality, p.Quality)
    main = Clause(subject, v.BE_, (Part("predicate", replace(quality, before=("so", "so"))),), PRETERITE)
    taken_up = nom.pronoun_for(subject)
    prevented = (bool(state.cannot) and dice.chance(0.6)) or quality.adjective is ADJECTIVES["krank"]
    happening = event(dice, state.cannot if prevented else state.because, subject)
    modal = CAN if prevented else None
    effect = Clause(taken_up, happening.verb, happening.parts, PRETERITE, modal, negated=prevented)
    return Sentence(Saying(replace(main, tail=Subordinate(("dass",), ("that",), effect))))


STATES = tuple(why for why in OWN if why.parts)


def whose(dice: Dice) -> Sentence:
    """The neighbour whose car is being repaired is going to the station on foot."""
    noun = dice.pick(tagged("close", "work", "learner"))
    bare = nom.NounPhrase(noun)
    verb, tags, activities, moods = dice.pick(TROUBLES)
    owned = nom.Whose(bare, dice.pick(tagged(*tags)))
    trouble = Clause(owned, verb, passive=True, progressive=True)
    if dice.chance(0.5):
        when = dice.pick(s.LONG_AGO if verb is v.RENOVATE else s.PAST)
        trouble = Clause(owned, verb, (time_part(when),), PRETERITE, passive=True)
    person = replace(bare, relative=trouble)
    if dice.chance(0.4):
        quality = p.Quality(
            ADJECTIVES[dice.pick(moods)],
            dice.pick((("", ""), ("sehr", "very"))),
        )
        return Sentence(Saying(Clause(person, v.BE_, (Part("predicate", quality),))))
    happening = event(dice, activities, nom.pronoun_for(bare))
    return Sentence(Saying(past(person, happening, tense=PRETERITE)))


GLAD, SORRY = ("zufrieden", "glücklich"), ("traurig", "wütend")
TROUBLES = (
    (v.REPAIR, ("vehicle", "device", "furniture"), themed("homeward", "contact"), GLAD),
    (v.SELL, ("home", "vehicle", "instrument"), themed("trip", "contact"), GLAD + SORRY),
    (v.PUBLISH, ("book",), themed("contact", "trip"), GLAD),
    (v.RENOVATE, ("home",), themed("trip", "contact"), GLAD),
    (v.REJECT, ("plan",), themed("homeward", "contact"), SORRY),
)

PATTERNS = (
    (4, nominal_style.nominalisation),
    (3, nominal_style.occasion),
    (2, nominal_style.in_any_weather),
    (2, nominal_style.under_pressure),
    (1, nominal_style.with_help),
    (4, nominal_style.participle),
    (3, hypotheses.inverted),
    (3, reported),
    (3, to_be_done),
    (2, not_only),
    (2, so_that),
    (2, whose),
)
