"""B1: subordinate and relative clauses, adjectives before nouns, comparison, the preterite and the future."""

from __future__ import annotations

from dataclasses import replace

from dragoman.data.phrasebook import determiners as d
from dragoman.data.phrasebook import nominals as nom
from dragoman.data.phrasebook import people
from dragoman.data.phrasebook import phrases as p
from dragoman.data.phrasebook import settings as s
from dragoman.data.phrasebook import verbs as v
from dragoman.data.phrasebook.activities import ACTIVITIES, doing, themed
from dragoman.data.phrasebook.adjectives import ADJECTIVES, comparative, describing, gradable, superlative
from dragoman.data.phrasebook.clauses import (
    CAN,
    FUTURE,
    PERFECT,
    PRESENT,
    PRETERITE,
    Clause,
    Part,
)
from dragoman.data.phrasebook.lexemes import Noun
from dragoman.data.phrasebook.nouns import NOUNS, tagged
from dragoman.data.phrasebook.people import Dice
from dragoman.data.phrasebook.reasons import ALTHOUGH, BECAUSE, CANNOT
from dragoman.data.phrasebook.scenes import (
    WILL,
    Event,
    city,
    event,
    happening_now,
    in_city,
    past,
    present,
    to_city,
    with_modal,
)
from dragoman.data.phrasebook.sentences import Preceded, Saying, Sentence, Subordinate

NARRATED = themed("out", "trip", "contact", "culture", "shopping", "sport", "outdoor", "eat", "repair", "search")
COMPARABLE = ("clothes", "furniture", "vehicle", "public", "cosy", "home", "room", "settlement", "book", "transport")
MEASURES = tuple(
    ADJECTIVES[w]
    for w in ["alt", "groß", "klein", "schön", "teuer", "billig", "gut", "interessant", "lang", "modern", "schnell"]
)
PERSONAL = tuple(ADJECTIVES[word] for word in ("alt", "jung", "freundlich", "nett", "klug"))
CONDITIONS = tuple(why for why in BECAUSE if not any(part.phrase.german("") == ["spät"] for part in why.parts))
BEST_OF = tagged("public", "cosy", "outdoors")
TELLING = (v.SAY, v.BELIEVE, v.HOPE, v.KNOW_THAT)
EVENINGS = themed("indoor", "eat", "drink", "contact", "home")
EVENINGS = tuple(activity for activity in EVENINGS if activity.verb not in (v.STAY_HOME, v.SLEEP))
LAST_THINGS = doing(v.GO_TO_BED, v.GO_HOME, v.SHOP)
GOING_ON = doing(v.READ, v.COOK, v.SLEEP, v.PAINT, v.WATCH_TV, v.LISTEN, v.CLEAN, v.TIDY, v.DANCE, v.WRITE)
USUAL = tuple(activity for activity in ACTIVITIES if activity.usual) + doing(v.LEARN)
CARED_FOR = doing(v.LOOK_FORWARD, v.WAIT, v.DREAM, v.TALK)


def reason(dice: Dice) -> Sentence:
    """Because it is raining, Anna is staying at home. Paul can't come although ..."""
    subject = people.someone(dice)
    taken_up = nom.pronoun_for(subject)
    roll = dice.random()
    if roll < 0.4:
        why = dice.pick(BECAUSE)
        main = happening_now(subject, event(dice, why.because, subject, 0.2, 0.4 if why.subject is None else 0))
        words = ("weil",), ("because",)
    elif roll < 0.6:
        why = dice.pick(CANNOT)
        main = with_modal(subject, event(dice, why.cannot, subject, 0.2), CAN, dice.pick(s.NOW[2:]), negated=True)
        words = ("weil",), ("because",)
    else:
        why = dice.pick(ALTHOUGH)
        main = happening_now(subject, event(dice, why.although, subject, 0.2))
        words = ("obwohl",), ("although",)
    if dice.chance(0.35) and not isinstance(subject, nom.Pronoun):
        first = Subordinate(*words, why.clause(subject))
        return Sentence(Preceded(first, replace(main, subject=taken_up if why.subject is None else subject)))
    return Sentence(Saying(replace(main, tail=Subordinate(*words, why.clause(taken_up)))))


def condition(dice: Dice) -> Sentence:
    """If the weather is good, we will go to the beach."""
    subject = people.someone(dice)
    why = dice.pick(CONDITIONS)
    main = replace(
        present(subject, event(dice, why.because, subject, 0.2, 0.4 if why.subject is None else 0)),
        tense=WILL,
        progressive=False,
    )
    if dice.chance(0.6):
        named = subject if why.subject is None else nom.pronoun_for(subject)
        main = replace(main, subject=nom.pronoun_for(subject) if why.subject is None else subject)
        return Sentence(Preceded(Subordinate(("wenn",), ("if",), why.clause(named, going_on=False)), main))
    tail = Subordinate(("wenn",), ("if",), why.clause(nom.pronoun_for(subject), going_on=False))
    return Sentence(Saying(replace(main, tail=tail)))


def report(dice: Dice) -> Sentence:
    """My brother says that Anna bought a new car. I hope that he will come."""
    speaker = people.someone(dice, 0.4)
    verb = dice.pick(TELLING)
    subject = people.third_person(dice)
    while people.same(subject, speaker) or (verb in (v.HOPE, v.SAY) and speaker.person < 3):
        subject, speaker = people.third_person(dice), people.someone(dice, 0.4)
    happening = event(dice, NARRATED, subject, 0.4)
    if dice.chance(0.5):
        inner = past(subject, happening, dice.pick(s.PAST) if dice.chance(0.6) else None)
    else:
        inner = present(subject, happening, dice.pick(s.SOON + s.LATER))
    return Sentence(Saying(Clause(speaker, verb, tail=Subordinate(("dass",), ("that",), inner))))


def described(dice: Dice) -> Sentence:
    """In her new office, adjectives wherever they fit: Yesterday I bought a red coat."""
    subject = people.someone(dice)
    while True:
        happening = event(dice, ADJECTIVAL, subject, adjectives=1.0, places=0.4)
        if any(isinstance(part.phrase, nom.NounPhrase) and part.phrase.adjectives for part in happening.parts):
            break
    roll = dice.random()
    if roll < 0.45:
        when = dice.pick(s.PAST) if dice.chance(0.6) else None
        return Sentence(Saying(past(subject, happening, when, front=dice.chance(0.5), negated=dice.chance(0.1))))
    if roll < 0.7:
        when = dice.pick(s.NOW[2:]) if dice.chance(0.6) else None
        return Sentence(Saying(present(subject, happening, when, front=dice.chance(0.5), negated=dice.chance(0.15))))
    return Sentence(Saying(present(subject, happening, dice.pick(s.SOON + s.LATER), front=dice.chance(0.5))))


ADJECTIVAL = tuple(activity for activity in ACTIVITIES if activity.objects)


def comparison(dice: Dice) -> Sentence:
    """The train is faster than the bus. My sister is as clever as Anna."""
    more = dice.chance(0.7)
    subject: nom.Nominal
    if dice.chance(0.5):
        subject = people.single_person(dice)
        than = people.other(dice, subject)
        adjective = dice.pick(PERSONAL[2:] if _kin(subject) or _kin(than) else PERSONAL)
    else:
        first, second = _two(dice)
        adjective = dice.pick(tuple(a for a in MEASURES if a in describing(first) and a in describing(second)))
        subject, than = nom.NounPhrase(first, dice.pick((d.THE, d.THIS))), nom.NounPhrase(second)
    quality = p.Quality(adjective, dice.pick((("", ""), ("viel", "much"))) if more else ("so", "as"), more, than)
    tense = PRETERITE if not subject.human and dice.chance(0.3) else PRESENT
    return Sentence(Saying(Clause(subject, v.BE_, (Part("predicate", quality),), tense)))


def _kin(nominal: nom.Nominal) -> bool:
    """Whether someone's age goes without saying: nobody is younger than his mother's mother."""
    noun = nominal.noun if isinstance(nominal, nom.NounPhrase) else None
    return noun is not None and "family" in noun.tags and noun.german not in ("Bruder", "Schwester")


def _two(dice: Dice) -> tuple[Noun, Noun]:
    while True:
        nouns = tagged(dice.pick(COMPARABLE))
        first, second = dice.pick(nouns), dice.pick(nouns)
        if first is not second:
            return first, second


def superlatives(dice: Dice) -> Sentence:
    """That is the most beautiful park in Vienna. Anna bought the most expensive coat."""
    if dice.chance(0.5):
        noun = dice.pick(BEST_OF)
        adjective = superlative(dice.pick(tuple(a for a in MEASURES if a in describing(noun))))
        place = Part("place", in_city(dice))
        tense = PRETERITE if dice.chance(0.2) else PRESENT
        best = nom.NounPhrase(noun, adjectives=(adjective,))
        return Sentence(Saying(Clause(THAT, v.BE_, (Part("indirect", best, "nom"), place), tense)))
    subject = people.someone(dice)
    noun = dice.pick(tagged("clothes", "furniture", "vehicle", "device"))
    fitting = tuple(a for a in MEASURES if a in describing(noun))
    degree = superlative if dice.chance(0.5) else comparative
    determiner = d.THE if degree is superlative else d.A
    phrase = nom.NounPhrase(noun, determiner, adjectives=(degree(dice.pick(fitting)),))
    happening = Event(dice.pick((v.BUY, v.FIND, v.LOOK_FOR)), (Part("object", phrase),))
    if happening.verb is v.LOOK_FOR:
        return Sentence(Saying(present(subject, happening)))
    when = dice.pick(s.PAST)
    return Sentence(Saying(past(subject, happening, when, front=dice.chance(0.5))))


THAT = nom.Pronoun(3, False, "n", False, ("das", "das", "dem"), ("that", "that"))


def narrated(dice: Dice) -> Sentence:
    """In the preterite: Last summer we flew to Portugal."""
    subject = people.someone(dice, 0.2)
    while subject.person == 2:
        subject = people.someone(dice, 0.2)
    happening = event(dice, NARRATED, subject, 0.6, 0.5)
    when = dice.pick(s.PAST + s.LONG_AGO if happening.once else s.PAST)
    return Sentence(Saying(past(subject, happening, when, dice.chance(0.7), PRETERITE)))


def meanwhile(dice: Dice) -> Sentence:
    """When I came home, Anna was reading a book. When the train arrived, it was raining."""
    other = people.third_person(dice)
    if dice.chance(0.3):
        vehicle = nom.NounPhrase(NOUNS[dice.pick(("Zug", "Bus"))])
        first = Clause(vehicle, v.ARRIVE, (Part("place", in_city(dice)),), PRETERITE)
    else:
        subject = people.someone(dice, 0.5)
        while subject.person == 2 or people.same(other, subject):
            subject = people.someone(dice, 0.5)
        parts = (Part("direction", HOME),)
        first = Clause(subject, v.COME, parts, PRETERITE)
        if dice.chance(0.3):
            first = Clause(subject, v.CALL, (Part("object", _called(dice, subject, other)),), PRETERITE)
    if dice.chance(0.2):
        main = Clause(nom.IT["n"], dice.pick((v.RAIN, v.SNOW)), tense=PRETERITE, progressive=True)
    else:
        main = past(other, event(dice, GOING_ON, other, 0.3, 0.3), tense=PRETERITE, progressive=True)
    return Sentence(Preceded(Subordinate(("als",), ("when",), first), main))


def _called(dice: Dice, caller: nom.Nominal, busy: nom.Nominal) -> nom.Nominal:
    """Whom someone calls: not the one who is said to be doing something else."""
    while people.same(called := people.other(dice, caller), busy):
        pass
    return called


HOME = p.Fixed(("nach", "Hause"), ("home",))


def order_of_things(dice: Dice) -> Sentence:
    """Before Anna goes to bed, she reads the newspaper."""
    subject = people.third_person(dice)
    first = replace(present(subject, event(dice, LAST_THINGS, subject, places=0)), progressive=False)
    taken_up = nom.pronoun_for(subject)
    main = replace(present(taken_up, event(dice, EVENINGS, subject, 0.2, 0.2)), progressive=False)
    if main.verb is first.verb:
        return order_of_things(dice)
    return Sentence(Preceded(Subordinate(("bevor",), ("before",), first), main))


def future(dice: Dice) -> Sentence:
    """Next year my parents will move to Leipzig."""
    subject = people.someone(dice)
    if dice.chance(0.3):
        happening = Event(v.MOVE, (Part("direction", to_city(dice)),))
        when = dice.pick(s.LATER + s.NEXT_YEAR)
    else:
        happening = event(dice, NARRATED, subject, 0.5)
        when = dice.pick(s.SOON + s.LATER)
    question = dice.chance(0.2) and subject.person != 1
    negated = not question and dice.chance(0.15)
    clause = Clause(subject, happening.verb, happening.parts, FUTURE, negated=negated)
    timed = past(subject, happening, when, not question and dice.chance(0.5), FUTURE, negated=negated)
    clause = timed if question or dice.chance(0.9) else clause
    return Sentence(Saying(clause, "question" if question else "main"), "?" if question else ".")


def attention(dice: Dice) -> Sentence:
    """Verbs with prepositions: We are looking forward to the concert. Paul is interested in music."""
    subject = people.someone(dice)
    if dice.chance(0.3):
        topic = nom.NounPhrase(dice.pick((NOUNS["Musik"], *tagged("event", "plan"))))
        topic = nom.NounPhrase(NOUNS["Musik"], d.BARE) if topic.noun.mass else topic
        happening = Event(v.INTERESTED, (Part("about", p.PrepositionPhrase("für", "acc", (), topic)),))
        return Sentence(Saying(present(subject, happening, negated=dice.chance(0.2))))
    happening = event(dice, CARED_FOR, subject, 0.5, 0.2)
    if dice.chance(0.5):
        return Sentence(Saying(present(subject, happening, negated=dice.chance(0.15))))
    return Sentence(Saying(past(subject, happening, dice.pick(s.PAST), front=dice.chance(0.5))))


def relative(dice: Dice) -> Sentence:
    """The book that Anna bought is exciting. I know a doctor who works in Vienna."""
    roll = dice.random()
    if roll < 0.45:
        verb, noun = dice.pick(BOUGHT)
        bare = nom.NounPhrase(noun)
        doer = people.someone(dice, 0.3)
        which = Clause(doer, verb, tense=PERFECT, front=Part("object", nom.RelativePronoun(bare)))
        subject = replace(bare, relative=which)
        quality = p.Quality(dice.pick(gradable(noun)), dice.pick((("", ""), ("sehr", "very"))))
        tense = PRETERITE if verb in (v.READ, v.WATCH) else PRESENT
        return Sentence(Saying(Clause(subject, v.BE_, (Part("predicate", quality),), tense)))
    noun = dice.pick(people.WORKING + tagged("young", "adult"))
    bare = nom.NounPhrase(noun, d.A if roll < 0.7 else d.THE, plural="young" in noun.tags)
    happening = dice.pick(
        (
            Event(v.LIVE, (Part("place", in_city(dice)),)),
            Event(v.BE_FROM, (Part("about", p.PrepositionPhrase("aus", "dat", (), city(dice))),)),
            event(dice, USUAL, nom.RelativePronoun(bare)),
        )
    )
    which = present(nom.RelativePronoun(bare), happening)
    person = replace(bare, relative=which)
    if roll < 0.7:
        knower = people.someone(dice)
        verb = dice.pick((v.KNOW, v.KNOW, v.MEET))
        if verb is v.KNOW:
            return Sentence(Saying(Clause(knower, verb, (Part("object", person),))))
        return Sentence(Saying(past(knower, Event(verb, (Part("object", person),)), dice.pick(s.PAST), True)))
    quality = p.Quality(dice.pick(PERSONAL[1:]), dice.pick((("", ""), ("sehr", "very"))))
    return Sentence(Saying(Clause(person, v.BE_, (Part("predicate", quality),))))


BOUGHT = (
    *((v.BUY, noun) for noun in tagged("clothes", "furniture", "machine", "book", "small", "flower")),
    *((v.READ, noun) for noun in tagged("book", "paper")),
    *((v.WRITE, noun) for noun in tagged("paper")),
    *((v.BAKE, NOUNS[word]) for word in ("Kuchen", "Brot", "Pizza")),
    *((v.WATCH, noun) for noun in tagged("film")),
    *((v.PAINT, noun) for noun in tagged("picture")[:1]),
    *((v.RENT, noun) for noun in tagged("home")),
)

PATTERNS = (
    (4, reason),
    (2, condition),
    (3, report),
    (4, described),
    (2, comparison),
    (1, superlatives),
    (2, narrated),
    (2, meanwhile),
    (1, order_of_things),
    (2, future),
    (1, attention),
    (3, relative),
)
