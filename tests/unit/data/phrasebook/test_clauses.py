"""Word order and verb groups: hand-verified sentence pairs, each from one tree."""

import pytest

from dragoman.data.phrasebook import nominals as nom
from dragoman.data.phrasebook import phrases as p
from dragoman.data.phrasebook import verbs as v
from dragoman.data.phrasebook.clauses import (
    CAN,
    EXPERIENCE,
    FUTURE,
    IF,
    MAY,
    MUST,
    PERFECT,
    PLUPERFECT,
    PRETERITE,
    REPORTED,
    WANT,
    WOULD,
    WOULD_HAVE,
    WOULD_LIKE,
    Clause,
    Part,
)
from dragoman.data.phrasebook.determiners import BARE, HIS, THE, A
from dragoman.data.phrasebook.lexemes import Name
from dragoman.data.phrasebook.nominals import HE, YOU, I, Named, NounPhrase
from dragoman.data.phrasebook.nouns import NOUNS
from dragoman.data.phrasebook.phrases import PrepositionPhrase
from dragoman.data.phrasebook.sentences import Preceded, Saying, Sentence, Subordinate, write_english, write_german

ANNA, BERLIN = Named(Name("Anna", "Anna", "PER", "f")), Named(Name("Berlin", "Berlin", "LOC"))
BOOK, A_BOOK = Part("object", NounPhrase(NOUNS["Buch"])), Part("object", NounPhrase(NOUNS["Buch"], A))
BREAD = Part("object", NounPhrase(NOUNS["Brot"], BARE))
BRIDGE, CONTRACT = NounPhrase(NOUNS["Brücke"]), NounPhrase(NOUNS["Vertrag"])
BROTHER = Part("indirect", NounPhrase(NOUNS["Bruder"], HIS), "dat")
GARDEN = Part("place", PrepositionPhrase("in", "dat", ("in",), NounPhrase(NOUNS["Garten"])))
TO_BERLIN = Part("direction", PrepositionPhrase("nach", "dat", ("to",), BERLIN))
YESTERDAY = Part("time", p.Fixed(("gestern",), ("yesterday",)))
OFTEN = Part("often", p.Fixed(("oft",), ("often",)))
BY_ANNA = Part("by", PrepositionPhrase("von", "dat", ("by",), ANNA))
THAT_MAN = NounPhrase(NOUNS["Mann"], THE)
WHO_BUYS = NounPhrase(NOUNS["Mann"], relative=Clause(nom.RelativePronoun(THAT_MAN), v.BUY, (A_BOOK,), PERFECT))

MAIN = [
    (
        Clause(ANNA, v.READ, (A_BOOK, GARDEN), progressive=True),
        "Anna liest im Garten ein Buch.",
        "Anna is reading a book in the garden.",
    ),
    (
        Clause(HE, v.READ, (BOOK,), negated=True, progressive=True),
        "Er liest das Buch nicht.",
        "He isn't reading the book.",
    ),
    (Clause(HE, v.NEED, (A_BOOK,), negated=True), "Er braucht kein Buch.", "He doesn't need a book."),
    (Clause(HE, v.BUY, (BREAD,), PERFECT, negated=True), "Er hat kein Brot gekauft.", "He didn't buy any bread."),
    (Clause(HE, v.EAT, (BREAD,), gern=True, negated=True), "Er isst nicht gern Brot.", "He doesn't like eating bread."),
    (
        Clause(ANNA, v.TRAVEL, (TO_BERLIN,), PERFECT, front=YESTERDAY),
        "Gestern ist Anna nach Berlin gefahren.",
        "Yesterday Anna went to Berlin.",
    ),
    (Clause(I, v.GET_UP, (OFTEN,)), "Ich stehe oft auf.", "I often get up."),
    (Clause(ANNA, v.CALL, (Part("object", HE),), modal=MUST), "Anna muss ihn anrufen.", "Anna has to call him."),
    (Clause(HE, v.GIVE, (BROTHER, A_BOOK), PRETERITE), "Er gab seinem Bruder ein Buch.", "He gave his brother a book."),
    (
        Clause(ANNA, v.HELP, (Part("indirect", I, "dat"),), front=YESTERDAY, tense=PRETERITE),
        "Gestern half mir Anna.",
        "Yesterday Anna helped me.",
    ),
    (Clause(HE, v.READ, (BOOK,), modal=CAN, negated=True), "Er kann das Buch nicht lesen.", "He can't read the book."),
    (Clause(I, v.BUY, (A_BOOK,), modal=WOULD_LIKE), "Ich möchte ein Buch kaufen.", "I would like to buy a book."),
    (
        Clause(HE, v.BUY, (A_BOOK,), PRETERITE, MAY, negated=True),
        "Er durfte kein Buch kaufen.",
        "He wasn't allowed to buy a book.",
    ),
    (Clause(HE, v.SHOP, (), FUTURE), "Er wird einkaufen.", "He will go shopping."),
    (
        Clause(BRIDGE, v.BUILD, (BY_ANNA,), PRETERITE, passive=True),
        "Die Brücke wurde von Anna gebaut.",
        "The bridge was built by Anna.",
    ),
    (
        Clause(BRIDGE, v.REPAIR, (), passive=True, progressive=True),
        "Die Brücke wird repariert.",
        "The bridge is being repaired.",
    ),
    (
        Clause(CONTRACT, v.SIGN, (), EXPERIENCE, passive=True),
        "Der Vertrag ist unterschrieben worden.",
        "The contract has been signed.",
    ),
    (
        Clause(CONTRACT, v.CHECK, (), modal=MUST, passive=True),
        "Der Vertrag muss geprüft werden.",
        "The contract has to be checked.",
    ),
    (
        Clause(CONTRACT, v.SIGN, (), REPORTED, passive=True),
        "Der Vertrag sei unterschrieben worden.",
        "The contract has been signed.",
    ),
    (Clause(I, v.BUY, (A_BOOK,), WOULD), "Ich würde ein Buch kaufen.", "I would buy a book."),
    (Clause(HE, v.TRAVEL, (TO_BERLIN,), WOULD, CAN), "Er könnte nach Berlin fahren.", "He could go to Berlin."),
    (Clause(HE, v.TRAVEL, (TO_BERLIN,), WOULD_HAVE), "Er wäre nach Berlin gefahren.", "He would have gone to Berlin."),
    (
        Clause(WHO_BUYS, v.LAUGH, (), progressive=True),
        "Der Mann, der ein Buch gekauft hat, lacht.",
        "The man who bought a book is laughing.",
    ),
]


@pytest.mark.parametrize(("clause", "german", "english"), MAIN, ids=[row[2] for row in MAIN])
def test_main_clauses(clause, german, english):
    assert (write_german(Sentence(Saying(clause)))[0], write_english(Sentence(Saying(clause)))) == (german, english)


@pytest.mark.parametrize(
    ("clause", "german", "english"),
    [
        (Clause(YOU, v.READ, (A_BOOK,), progressive=True), "Liest du ein Buch?", "Are you reading a book?"),
        (Clause(ANNA, v.NEED, (A_BOOK,)), "Braucht Anna ein Buch?", "Does Anna need a book?"),
        (Clause(YOU, v.CALL, (Part("object", ANNA),), PERFECT), "Hast du Anna angerufen?", "Did you call Anna?"),
        (Clause(YOU, v.BUY, (A_BOOK,), modal=WANT), "Willst du ein Buch kaufen?", "Do you want to buy a book?"),
    ],
)
def test_questions(clause, german, english):
    sentence = Sentence(Saying(clause, "question"), "?")
    assert (write_german(sentence)[0], write_english(sentence)) == (german, english)


@pytest.mark.parametrize(
    ("clause", "german", "english"),
    [
        (Clause(HE, v.CALL, (Part("object", ANNA),)), "er Anna anruft", "he calls Anna"),
        (Clause(HE, v.SHOP, (), PERFECT), "er eingekauft hat", "he went shopping"),
        (Clause(HE, v.SHOP, (), PLUPERFECT), "er eingekauft hatte", "he had gone shopping"),
        (
            Clause(HE, v.READ, (BOOK,), modal=CAN, negated=True),
            "er das Buch nicht lesen kann",
            "he can't read the book",
        ),
        (Clause(I, v.MORE_TIME, (), IF), "ich mehr Zeit hätte", "I had more time"),
        (Clause(I, v.BE_, (), IF), "ich wäre", "I were"),
        (Clause(ANNA, v.LOOK_FORWARD, ()), "Anna sich freut", "Anna looks forward to"),
    ],
)
def test_subordinate_clauses(clause, german, english):
    assert " ".join(clause.german("subordinate")) == german
    assert " ".join(clause.english("subordinate")) == english


def test_infinitives_and_requests():
    call = Clause(HE, v.CALL, (Part("object", ANNA),))
    assert " ".join(call.german("infinitive")) == "Anna anzurufen"
    assert " ".join(call.english("infinitive")) == "to call Anna"
    assert " ".join(call.english("gerund")) == "calling Anna"
    assert " ".join(Clause(YOU, v.CALL, (Part("object", ANNA),)).german("imperative")) == "ruf Anna an"


def test_a_clause_in_front():
    rain = Clause(nom.IT["n"], v.RAIN, progressive=True)
    sentence = Sentence(Preceded(Subordinate(("weil",), ("because",), rain), Clause(HE, v.STAY_HOME)))
    assert write_german(sentence)[0] == "Weil es regnet, bleibt er zu Hause."
    assert write_english(sentence) == "Because it is raining, he stays at home."


def test_commas_meet_once():
    who = Clause(WHO_BUYS, v.SAY, tail=Subordinate(("dass",), ("that",), Clause(WHO_BUYS, v.LAUGH)))
    german = write_german(Sentence(Saying(who)))[0]
    assert german == "Der Mann, der ein Buch gekauft hat, sagt, dass der Mann, der ein Buch gekauft hat, lacht."
    met = Clause(HE, v.KNOW, (Part("object", WHO_BUYS),))
    assert write_german(Sentence(Saying(met)))[0] == "Er kennt den Mann, der ein Buch gekauft hat."
