"""The nominal style of C1: nominalised verbs, genitive prepositions, extended participles before the noun."""

from __future__ import annotations

from dragoman.data.phrasebook import names, people
from dragoman.data.phrasebook import nominals as nom
from dragoman.data.phrasebook import phrases as p
from dragoman.data.phrasebook import settings as s
from dragoman.data.phrasebook import verbs as v
from dragoman.data.phrasebook.activities import doing
from dragoman.data.phrasebook.adjectives import ADJECTIVES, gradable
from dragoman.data.phrasebook.clauses import (
    CAN,
    EXPERIENCE,
    PERFECT,
    PRESENT,
    PRETERITE,
    Clause,
    Part,
)
from dragoman.data.phrasebook.lexemes import Adjective, Noun, Verb
from dragoman.data.phrasebook.nouns import NOUNS, tagged
from dragoman.data.phrasebook.people import Dice
from dragoman.data.phrasebook.scenes import (
    being_at,
    event,
    time_part,
)
from dragoman.data.phrasebook.sentences import Saying, Sentence
from dragoman.data.phrasebook.undertakings import (
    UNDERTAKINGS,
    WITH_ACTION,
    WITH_FATE,
    Undertaking,
    agent,
    patient,
    undertaken,
)

YEARS = tuple(
    p.Fixed((german, "Jahre"), (english, "years"))
    for german, english in (("zwei", "two"), ("drei", "three"), ("vier", "four"), ("fünf", "five"))
)
MUCH_MONEY = p.Fixed(("viel", "Geld"), ("a", "lot", "of", "money"))
EXPECTED = p.Fixed(("schwieriger", "als", "erwartet"), ("more", "difficult", "than", "expected"))
IT = nom.IT["n"]


# ---- nominalisations -------------------------------------------------------------------------------------------------


def _action(dice: Dice, undertaking: Undertaking, by: float = 0.4) -> nom.NounPhrase:
    """The renovation of the old station by Velotec."""
    assert undertaking.action is not None
    doer = agent(dice, undertaking) if dice.chance(by) else None
    phrase = p.PrepositionPhrase("durch", "acc", ("by",), doer) if doer else None
    return nom.NounPhrase(undertaking.action, of=patient(dice, undertaking), by=phrase)


def nominalisation(dice: Dice) -> Sentence:
    """The renovation of the old station by Velotec took three years."""
    undertaking = dice.pick(WITH_FATE)
    subject = _action(dice, undertaking)
    match dice.pick(undertaking.fates.split()):
        case "time":
            clause = Clause(subject, v.TAKE_TIME, (Part("object", dice.pick(YEARS)),), dice.pick((PRETERITE, PERFECT)))
        case "money":
            clause = Clause(subject, v.COST, (Part("object", MUCH_MONEY),), dice.pick((PRETERITE, PERFECT)))
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
    subject = _narrated_person(dice)
    if dice.chance(0.5):
        german, english = dice.pick((("nach", "after"), ("vor", "before")))
        action = _action(dice, dice.pick(MILESTONES), 0.2)
        front = p.PrepositionPhrase(german, "dat", (english,), action)
        happening = event(dice, AROUND, subject, 0.3)
        return Sentence(Saying(Clause(subject, happening.verb, happening.parts, PRETERITE, front=_set_off(front))))
    meeting = nom.NounPhrase(dice.pick((NOUNS["Besprechung"], NOUNS["Konferenz"], NOUNS["Kurs"])))
    front = p.PrepositionPhrase("während", "gen", ("during",), meeting)
    undertaking = dice.pick(DURING)
    clause = Clause(patient(dice, undertaking), undertaking.verb, tense=PRETERITE, passive=True, front=_set_off(front))
    return Sentence(Saying(clause))


MILESTONES = tuple(u for u in WITH_ACTION if u.verb in (v.SIGN, v.INAUGURATE, v.RENOVATE, v.BUILD, v.PUBLISH))
AROUND = doing(v.TRAVEL, v.FLY, v.CALL, v.INVITE, v.MEET, v.VISIT, v.GO_HOME)
DURING = undertaken(v.SIGN, v.CHANGE, v.REJECT, v.DISCUSS, v.CHECK, v.IMPROVE)


def _set_off(phrase: nom.Phrase) -> Part:
    return Part("cause", p.SetOff(phrase))


def in_any_weather(dice: Dice) -> Sentence:
    """Despite the bad weather, Anna went for a walk."""
    noun, adjectives = dice.pick(WEATHER)
    because = dice.chance(0.5)
    german, english = dice.pick(BECAUSE_OF) if because else DESPITE
    subject = _narrated_person(dice)
    happening = event(dice, INDOORS if because else OUTDOORS, subject, 0.3, 0.3)
    front = p.PrepositionPhrase(german, "gen", english, nom.NounPhrase(noun, adjectives=_one_of(dice, adjectives)))
    tense = PRETERITE if dice.chance(0.6) else PERFECT
    return Sentence(Saying(Clause(subject, happening.verb, happening.parts, tense, front=_set_off(front))))


def under_pressure(dice: Dice) -> Sentence:
    """In view of the high costs, the plan was rejected."""
    german, english = dice.pick((*BECAUSE_OF, IN_VIEW_OF, DESPITE))
    noun, adjectives, plural = dice.pick(PRESSURES)
    cause = nom.NounPhrase(noun, plural=plural, adjectives=_one_of(dice, adjectives))
    front = p.PrepositionPhrase(german, "gen", english, cause)
    undertaking = dice.pick(IN_SPITE_OF if german == "trotz" else BECAUSE_OF_COSTS)
    tense = dice.pick((PRETERITE, PERFECT, PRETERITE))
    subject = patient(dice, undertaking)
    return Sentence(Saying(Clause(subject, undertaking.verb, tense=tense, passive=True, front=_set_off(front))))


def _one_of(dice: Dice, adjectives: tuple[str, ...]) -> tuple[Adjective, ...]:
    return (ADJECTIVES[dice.pick(adjectives)],) if adjectives else ()


def _narrated_person(dice: Dice) -> nom.Nominal:
    """A subject for the preterite, which hardly anyone uses with du."""
    while (subject := people.someone(dice, 0.25)).person == 2:
        pass
    return subject


WEATHER: tuple[tuple[Noun, tuple[str, ...]], ...] = (
    (NOUNS["Wetter"], ("schlecht", "kalt")),
    (NOUNS["Regen"], ("heftig",)),
    (NOUNS["Sturm"], ("stark",)),
    (NOUNS["Kälte"], ()),
    (NOUNS["Hitze"], ()),
)
Causal = tuple[str, tuple[str, ...]]
BECAUSE_OF: tuple[Causal, ...] = (("wegen", ("because", "of")), ("aufgrund", ("due", "to")))
IN_VIEW_OF: Causal = ("angesichts", ("in", "view", "of"))
DESPITE: Causal = ("trotz", ("despite",))
PRESSURES: tuple[tuple[Noun, tuple[str, ...], bool], ...] = (
    (NOUNS["Kosten"], ("hoch",), True),
    (NOUNS["Preis"], ("hoch",), True),
    (NOUNS["Kritik"], ("stark",), False),
    (NOUNS["Problem"], ("groß", "neu"), True),
)
OUTDOORS = doing(v.WALK, v.HIKE, v.RUN, v.CYCLE)
INDOORS = doing(v.STAY_HOME, v.WATCH_TV, v.WATCH, v.GO_HOME, v.LISTEN)
IN_SPITE_OF = undertaken(v.BUILD, v.RENOVATE, v.FINANCE, v.SIGN, v.INAUGURATE)
BECAUSE_OF_COSTS = undertaken(v.POSTPONE, v.REJECT, v.CHANGE, v.CHECK)


def with_help(dice: Dice) -> Sentence:
    """With the help of the University of Vienna, the exhibition was planned."""
    helper: nom.Nominal
    if dice.chance(0.4):
        helper, undertaking = nom.University(dice.pick(names.UNIVERSITIES)), dice.pick(WITH_EXPERTS)
    else:
        noun = dice.pick(tagged("work", "learner"))
        helper = nom.NounPhrase(noun, plural="official" not in noun.tags and dice.chance(0.6))
        undertaking = dice.pick(WITH_FRIENDS)
    front = p.PrepositionPhrase("mithilfe", "gen", ("with", "the", "help", "of"), helper)
    subject, modal = patient(dice, undertaking), CAN if dice.chance(0.5) else None
    clause = Clause(subject, undertaking.verb, tense=PRETERITE, modal=modal, passive=True, front=_set_off(front))
    return Sentence(Saying(clause))


WITH_EXPERTS = undertaken(v.SOLVE, v.FINANCE, v.IMPROVE, v.PLAN)
WITH_FRIENDS = undertaken(v.SOLVE, v.IMPROVE)


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
    named = dice.chance(0.6)
    before, after = (by.german("dat"), by.english("dat")) if named else (when.german, when.english)
    verb = undertaking.verb
    attribute = nom.Attribute(
        tuple(before), verb.german.participle, (verb.english.participle, *verb.english.particle, *after)
    )
    subject = nom.NounPhrase(noun, attribute=attribute)
    if dice.chance(0.35):
        quality = p.Quality(dice.pick(gradable(noun)), dice.pick((("", ""), ("sehr", "very"))))
        return Sentence(Saying(Clause(subject, v.BE_, (Part("predicate", quality),))))
    tense = EXPERIENCE if dice.chance(0.3) else PRETERITE
    parts = (ALREADY,) if tense is EXPERIENCE else ()
    if tense is PRETERITE and dice.chance(0.5) and named:
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
    attribute = nom.Attribute(
        tuple(place.german("dat")), verb.german.infinitive + "d", (verb.english.ing, *place.english("dat"))
    )
    plural = "young" in noun.tags or ("official" not in noun.tags and dice.chance(0.5))
    group = nom.NounPhrase(noun, plural=plural, attribute=attribute)
    if dice.chance(0.4):
        quality = p.Quality(
            ADJECTIVES[dice.pick(("glücklich", "müde", "zufrieden", "freundlich", "jung"))], ("sehr", "very")
        )
        return Sentence(Saying(Clause(group, v.BE_, (Part("predicate", quality),))))
    while people.same(group, subject := _narrated_person(dice)):
        pass
    seeing = v.SEE if verb is v.SLEEP else dice.pick((v.SEE, v.MEET))
    clause = Clause(subject, seeing, (Part("object", group),), PRETERITE)
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
