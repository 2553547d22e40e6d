"""C1: nominalisations, genitive prepositions, extended participles, inverted conditions, reported speech, sein + zu."""

from __future__ import annotations

from dataclasses import replace

from dragoman.data.phrasebook import german as de
from dragoman.data.phrasebook import names, people
from dragoman.data.phrasebook import phrases as p
from dragoman.data.phrasebook import settings as s
from dragoman.data.phrasebook import verbs as v
from dragoman.data.phrasebook.activities import ACTIVITIES, themed
from dragoman.data.phrasebook.adjectives import ADJECTIVES, gradable
from dragoman.data.phrasebook.clauses import (
    CAN,
    EXPERIENCE,
    IF_HAD,
    PERFECT,
    PRESENT,
    PRETERITE,
    REPORTED,
    SHOULD,
    WOULD_HAVE,
    Clause,
    Part,
)
from dragoman.data.phrasebook.lexemes import Noun, Verb
from dragoman.data.phrasebook.nouns import NOUNS, tagged
from dragoman.data.phrasebook.people import Dice
from dragoman.data.phrasebook.reasons import OWN
from dragoman.data.phrasebook.scenes import WILL, being_at, event, past, thing, time_part
from dragoman.data.phrasebook.sentences import Paired, Preceded, Saying, Sentence, Subordinate
from dragoman.data.phrasebook.undertakings import UNDERTAKINGS, WITH_ACTION, WITH_FATE, Undertaking, agent, patient

YEARS = tuple(
    p.Fixed((german, "Jahre"), (english, "years"))
    for german, english in (("zwei", "two"), ("drei", "three"), ("vier", "four"), ("fünf", "five"))
)
MUCH_MONEY = p.Fixed(("viel", "Geld"), ("a", "lot", "of", "money"))
EXPECTED = p.Fixed(("schwieriger", "als", "erwartet"), ("more", "difficult", "than", "expected"))
IT = p.IT["n"]


# ---- nominalisations -------------------------------------------------------------------------------------------------


def _action(dice: Dice, undertaking: Undertaking, by: float = 0.4) -> p.NounPhrase:
    """The renovation of the old station by Velotec."""
    assert undertaking.action is not None
    doer = agent(dice, undertaking) if dice.chance(by) else None
    phrase = p.PrepositionPhrase("durch", "acc", ("by",), doer) if doer else None
    return p.NounPhrase(undertaking.action, of=patient(dice, undertaking), by=phrase)


def nominalisation(dice: Dice) -> Sentence:
    """The renovation of the old station by Velotec took three years."""
    undertaking = dice.pick(WITH_FATE)
    subject = _action(dice, undertaking)
    match dice.pick(undertaking.fates.split()):
        case "time":
            clause = Clause(subject, v.TAKE_TIME, (Part("object", dice.pick(YEARS)),), dice.pick((PRETERITE, PERFECT)))
        case "money":
            clause = Clause(subject, v.COST, (Part("object", MUCH_MONEY),), dice.pick((PRETERITE, PERFECT, WILL)))
        case "late":
            parts = (time_part(dice.pick(s.PAST)),)
            clause = Clause(subject, v.POSTPONE, parts, PRETERITE, passive=True)
        case "hard":
            clause = Clause(subject, v.BE_, (Part("predicate", EXPECTED),), dice.pick((PRETERITE, PRESENT)))
        case _:
            quality = p.Quality(ADJECTIVES["wichtig"], ("sehr", "very"))
            clause = Clause(subject, v.BE_, (Part("predicate", quality),))
    return Sentence(Saying(clause))


def occasion(dice: Dice) -> Sentence:
    """After the signing of the contract, Mr Weber went to Vienna. During the conference, the plan was changed."""
    subject = people.someone(dice, 0.2)
    while subject.person == 2:
        subject = people.someone(dice, 0.2)
    if dice.chance(0.5):
        german, english = dice.pick((("nach", "after"), ("vor", "before")))
        action = _action(dice, dice.pick(MILESTONES), 0.2)
        front = p.PrepositionPhrase(german, "dat", (english,), action)
        happening = event(dice, AROUND, subject, 0.3)
        return Sentence(Saying(Clause(subject, happening.verb, happening.parts, PRETERITE, front=_set_off(front))))
    meeting = p.NounPhrase(dice.pick((NOUNS["Besprechung"], NOUNS["Konferenz"], NOUNS["Kurs"])))
    front = p.PrepositionPhrase("während", "gen", ("during",), meeting)
    undertaking = dice.pick(DURING)
    clause = Clause(patient(dice, undertaking), undertaking.verb, tense=PRETERITE, passive=True, front=_set_off(front))
    return Sentence(Saying(clause))


MILESTONES = tuple(u for u in WITH_ACTION if u.verb in (v.SIGN, v.INAUGURATE, v.RENOVATE, v.BUILD, v.PUBLISH))
AROUND = tuple(a for a in ACTIVITIES if a.verb in (v.TRAVEL, v.FLY, v.CALL, v.INVITE, v.MEET, v.VISIT, v.GO_HOME))
DURING = tuple(u for u in UNDERTAKINGS if u.verb in (v.SIGN, v.CHANGE, v.REJECT, v.DISCUSS, v.CHECK, v.IMPROVE))


def _set_off(phrase: p.Phrase) -> Part:
    return Part("cause", p.SetOff(phrase))


def circumstance(dice: Dice) -> Sentence:
    """Despite the bad weather, Anna went for a walk. In view of the high costs, the plan was rejected."""
    if dice.chance(0.5):
        noun, adjectives = dice.pick(WEATHER)
        because = dice.chance(0.5)
        german, english = dice.pick(BECAUSE_OF) if because else ("trotz", ("despite",))
        chosen = (ADJECTIVES[dice.pick(adjectives)],) if adjectives else ()
        front = p.PrepositionPhrase(german, "gen", english, p.NounPhrase(noun, adjectives=chosen))
        subject = people.someone(dice, 0.3)
        while subject.person == 2:
            subject = people.someone(dice, 0.3)
        happening = event(dice, INDOORS if because else OUTDOORS, subject, 0.3, 0.3)
        tense = PRETERITE if dice.chance(0.6) else PERFECT
        return Sentence(Saying(Clause(subject, happening.verb, happening.parts, tense, front=_set_off(front))))
    german, english = dice.pick((*BECAUSE_OF, ("angesichts", ("in", "view", "of")), ("trotz", ("despite",))))
    noun, adjectives, plural = dice.pick(PRESSURES)
    chosen = (ADJECTIVES[dice.pick(adjectives)],) if adjectives else ()
    cause = p.NounPhrase(noun, plural=plural, adjectives=chosen)
    front = p.PrepositionPhrase(german, "gen", english, cause)
    undertaking = dice.pick(IN_SPITE_OF if german == "trotz" else BECAUSE_OF_COSTS)
    subject_ = patient(dice, undertaking)
    tense = dice.pick((PRETERITE, PERFECT, PRETERITE))
    return Sentence(Saying(Clause(subject_, undertaking.verb, tense=tense, passive=True, front=_set_off(front))))


WEATHER: tuple[tuple[Noun, tuple[str, ...]], ...] = (
    (NOUNS["Wetter"], ("schlecht", "kalt")),
    (NOUNS["Regen"], ("heftig",)),
    (NOUNS["Sturm"], ("stark",)),
    (NOUNS["Kälte"], ()),
    (NOUNS["Hitze"], ()),
)
BECAUSE_OF = (("wegen", ("because", "of")), ("aufgrund", ("due", "to")))
PRESSURES: tuple[tuple[Noun, tuple[str, ...], bool], ...] = (
    (NOUNS["Kosten"], ("hoch",), True),
    (NOUNS["Preis"], ("hoch",), True),
    (NOUNS["Kritik"], ("stark",), False),
    (NOUNS["Problem"], ("groß", "neu"), True),
)
OUTDOORS = tuple(a for a in ACTIVITIES if a.verb in (v.WALK, v.HIKE, v.RUN, v.CYCLE))
INDOORS = tuple(a for a in ACTIVITIES if a.verb in (v.STAY_HOME, v.WATCH_TV, v.WATCH, v.GO_HOME, v.LISTEN))
IN_SPITE_OF = tuple(u for u in UNDERTAKINGS if u.verb in (v.BUILD, v.RENOVATE, v.FINANCE, v.SIGN, v.INAUGURATE))
BECAUSE_OF_COSTS = tuple(u for u in UNDERTAKINGS if u.verb in (v.POSTPONE, v.REJECT, v.CHANGE, v.CHECK))


def with_help(dice: Dice) -> Sentence:
    """With the help of the University of Vienna, the exhibition was planned."""
    helper: p.Nominal
    if dice.chance(0.4):
        helper, undertaking = University(dice.pick(names.UNIVERSITIES)), dice.pick(WITH_EXPERTS)
    else:
        noun = dice.pick(tagged("work", "learner"))
        helper = p.NounPhrase(noun, plural="official" not in noun.tags and dice.chance(0.6))
        undertaking = dice.pick(WITH_FRIENDS)
    front = p.PrepositionPhrase("mithilfe", "gen", ("with", "the", "help", "of"), helper)
    subject, modal = patient(dice, undertaking), CAN if dice.chance(0.5) else None
    clause = Clause(subject, undertaking.verb, tense=PRETERITE, modal=modal, passive=True, front=_set_off(front))
    return Sentence(Saying(clause))


WITH_EXPERTS = tuple(u for u in UNDERTAKINGS if u.verb in (v.SOLVE, v.FINANCE, v.IMPROVE, v.PLAN))
WITH_FRIENDS = tuple(u for u in UNDERTAKINGS if u.verb in (v.SOLVE, v.IMPROVE))


# ---- participles -----------------------------------------------------------------------------------------------------


def participle(dice: Dice) -> Sentence:
    """The report written by Anna was published. I met the children playing in the park."""
    if dice.chance(0.4):
        return _present_participle(dice)
    undertaking, next_step = dice.pick(STEPS)
    noun = dice.pick(undertaking.patients)
    while noun not in next_step.patients:
        noun = dice.pick(undertaking.patients)
    by = p.PrepositionPhrase("von", "dat", ("by",), agent(dice, undertaking))
    when = dice.pick(s.LONG_AGO if undertaking.slow else s.PAST)
    before, after = (by.german("dat"), by.english("dat")) if dice.chance(0.6) else (when.german, when.english)
    verb = undertaking.verb
    attribute = p.Attribute(
        tuple(before), verb.german.participle, (verb.english.participle, *verb.english.particle, *after)
    )
    subject = p.NounPhrase(noun, attribute=attribute)
    if dice.chance(0.35):
        quality = p.Quality(dice.pick(gradable(noun)), dice.pick((("", ""), ("sehr", "very"))))
        return Sentence(Saying(Clause(subject, v.BE_, (Part("predicate", quality),))))
    tense = EXPERIENCE if dice.chance(0.3) else PRETERITE
    parts = (ALREADY,) if tense is EXPERIENCE else ()
    if tense is PRETERITE and dice.chance(0.5) and before is not when.german:
        parts = (time_part(dice.pick(s.LONG_AGO if next_step.slow else s.PAST)),)
    return Sentence(Saying(Clause(subject, next_step.verb, parts, tense, passive=True)))


def _steps() -> tuple[tuple[Undertaking, Undertaking], ...]:
    orders = (
        (v.WRITE, v.PUBLISH), (v.WRITE, v.CHECK), (v.CHECK, v.SIGN), (v.CHANGE, v.SIGN), (v.BUILD, v.RENOVATE),
        (v.PLAN, v.BUILD), (v.FINANCE, v.INAUGURATE), (v.RENOVATE, v.INAUGURATE), (v.CHANGE, v.REJECT),
        (v.PLAN, v.POSTPONE), (v.IMPROVE, v.PUBLISH), (v.CHECK, v.REJECT), (v.REPAIR, v.SELL),
    )  # fmt: skip
    known = {undertaking.verb: undertaking for undertaking in UNDERTAKINGS}
    return tuple((known[first], known[second]) for first, second in orders)


STEPS = _steps()
ALREADY = Part("already", p.Fixed(("bereits",), ("already",)))


def _present_participle(dice: Dice) -> Sentence:
    verb, tags, nouns = dice.pick(DOING)
    noun = dice.pick(nouns)
    place = being_at(dice.pick(s.places(frozenset(tags.split()))))
    attribute = p.Attribute(
        tuple(place.german("dat")), verb.german.infinitive + "d", (verb.english.ing, *place.english("dat"))
    )
    plural = "young" in noun.tags or ("official" not in noun.tags and dice.chance(0.5))
    group = p.NounPhrase(noun, plural=plural, attribute=attribute)
    if dice.chance(0.4):
        quality = p.Quality(
            ADJECTIVES[dice.pick(("glücklich", "müde", "zufrieden", "freundlich", "jung"))], ("sehr", "very")
        )
        return Sentence(Saying(Clause(group, v.BE_, (Part("predicate", quality),))))
    subject = people.someone(dice, 0.3)
    while people.same(group, subject) or subject.person == 2:
        subject = people.someone(dice, 0.3)
    verb = dice.pick((v.SEE, v.MEET, v.INVITE))
    clause = Clause(subject, verb, (Part("object", group),), PRETERITE)
    return Sentence(Saying(clause))


YOUNG, LEARNING = tagged("young"), tagged("young", "learner")
DOING: tuple[tuple[Verb, str, tuple[Noun, ...]], ...] = (
    (v.WORK, "work work-outside", tagged("work", "learner", "adult")),
    (v.PLAY_, "play", YOUNG),
    (v.DANCE, "walk", LEARNING),
    (v.SING, "walk play", LEARNING),
    (v.SLEEP, "rest", YOUNG),
    (v.WAIT_, "wait", tagged("learner", "work", "adult")),
    (v.SIT, "coffee", tagged("learner", "work", "adult")),
)


# ---- conditions and reports ------------------------------------------------------------------------------------------


def inverted(dice: Dice) -> Sentence:
    """Had Anna had more time, she would have visited us. Should it rain, we will stay at home."""
    subject = people.someone(dice)
    taken_up = p.pronoun_for(subject)
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
        vehicle = p.NounPhrase(NOUNS[dice.pick(("Zug", "Bus"))])
        first, activities = Clause(vehicle, v.BE_LATE, modal=SHOULD), LATE
    elif roll < 0.7:
        first, activities = Clause(IT, dice.pick((v.RAIN, v.SNOW)), modal=SHOULD), INDOORS
    else:
        quality = p.Quality(ADJECTIVES["krank"])
        first, activities = Clause(subject, v.BE_, (Part("predicate", quality),), modal=SHOULD), REST
    own = first.subject is subject
    happening = event(dice, activities, subject, 0.2, 0.2)
    main = Clause(taken_up if own else subject, happening.verb, happening.parts, WILL)
    return Sentence(Preceded(Subordinate((), (), first, "question"), main))


WEALTH = themed("trip", "shopping", "money")
DEEDS = themed("trip", "contact", "help", "culture")
EFFORTS = themed("sport", "outdoor", "learn")
REST = tuple(a for a in themed("rest") if a.verb is not v.GO_HOME)
LATE = tuple(a for a in ACTIVITIES if a.verb in (v.CALL, v.GO_HOME, v.DRINK))


def reported(dice: Dice) -> Sentence:
    """The journalist reports that the bridge has been opened (Konjunktiv I)."""
    reporter = people.single_person(dice)
    verb = dice.pick((v.REPORT, v.EXPLAIN_THAT, v.SAY))
    undertaking = dice.pick(UNDERTAKINGS)
    if dice.chance(0.7):
        subject: p.Nominal = patient(dice, undertaking)
        by = agent(dice, undertaking) if dice.chance(0.3) else None
        while by and people.same(by, reporter):
            by = agent(dice, undertaking)
        parts = (Part("by", p.PrepositionPhrase("von", "dat", ("by",), by)),) if by else ()
        inner = Clause(subject, undertaking.verb, (*parts, ALREADY), REPORTED, passive=True)
    else:
        subject = people.single_person(dice)
        while people.same(subject, reporter):
            subject = people.single_person(dice)
        happening = event(dice, NEWS, subject, 0.3, 0)
        inner = Clause(subject, happening.verb, (*happening.parts, ALREADY), REPORTED)
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


DUE = tuple(
    u
    for u in UNDERTAKINGS
    if u.verb in (v.CHECK, v.SIGN, v.WRITE, v.PUBLISH, v.REPAIR, v.CHANGE, v.IMPROVE, v.SOLVE, v.DISCUSS)
)
POSSIBLE = tuple(u for u in UNDERTAKINGS if u.verb in (v.SOLVE, v.IMPROVE, v.CHANGE, v.REPAIR, v.CHECK))
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
        pair = p.NotOnly(p.Fixed((one[0],), (one[1],)), p.Fixed((two[0],), (two[1],)))
        return Sentence(Saying(Clause(subject, v.SPEAK, (Part("predicate", pair),))))
    nouns = tagged(dice.pick(("furniture", "clothes", "machine", "small", "reading")))
    first, second = dice.pick(nouns), dice.pick(nouns)
    while first is second:
        second = dice.pick(nouns)
    pair = p.NotOnly(thing(dice, first, "a", subject, 0.4), thing(dice, second, "a", subject, 0.4))
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
    taken_up = p.pronoun_for(subject)
    prevented = bool(state.cannot) and dice.chance(0.6) or quality.adjective is ADJECTIVES["krank"]
    happening = event(dice, state.cannot if prevented else state.because, subject)
    modal = CAN if prevented else None
    effect = Clause(taken_up, happening.verb, happening.parts, PRETERITE, modal, negated=prevented)
    return Sentence(Saying(replace(main, tail=Subordinate(("dass",), ("that",), effect))))


STATES = tuple(why for why in OWN if why.parts)


def whose(dice: Dice) -> Sentence:
    """The neighbour whose car is being repaired is going to the station on foot."""
    noun = dice.pick(tagged("close", "work", "learner"))
    bare = p.NounPhrase(noun)
    verb, tags, activities = dice.pick(TROUBLES)
    owned = p.Whose(bare, dice.pick(tagged(*tags)))
    trouble = Clause(owned, verb, passive=True, progressive=True)
    if dice.chance(0.5):
        when = dice.pick(s.PAST)
        trouble = Clause(owned, verb, (time_part(when),), PRETERITE, passive=True)
    person = replace(bare, relative=trouble)
    if dice.chance(0.4):
        quality = p.Quality(
            ADJECTIVES[dice.pick(("zufrieden", "glücklich", "freundlich", "nervös", "klug"))],
            dice.pick((("", ""), ("sehr", "very"))),
        )
        return Sentence(Saying(Clause(person, v.BE_, (Part("predicate", quality),))))
    happening = event(dice, activities, p.pronoun_for(bare))
    return Sentence(Saying(past(person, happening, tense=PRETERITE)))


TROUBLES = (
    (v.REPAIR, ("vehicle", "device", "furniture"), themed("homeward", "rest", "contact")),
    (v.SELL, ("home", "vehicle", "instrument"), themed("trip", "contact")),
    (v.PUBLISH, ("book",), themed("contact", "trip")),
    (v.RENOVATE, ("home",), themed("trip", "contact")),
    (v.REJECT, ("plan",), themed("homeward", "contact")),
)

PATTERNS = (
    (4, nominalisation),
    (3, occasion),
    (4, circumstance),
    (1, with_help),
    (4, participle),
    (3, inverted),
    (3, reported),
    (3, to_be_done),
    (2, not_only),
    (2, so_that),
    (2, whose),
)
