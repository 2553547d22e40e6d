"""German forms against a hand-made table (Duden's paradigms)."""

import pytest

from dragoman.data.phrasebook import verbs as v
from dragoman.data.phrasebook.adjectives import ADJECTIVES, superlative
from dragoman.data.phrasebook.determiners import BARE, MY, NO_A, NUMERALS, OUR, THE, THIS, A
from dragoman.data.phrasebook.german import (
    conjugate,
    genitive,
    imperative,
    join_preposition,
    name_genitive,
    zu_infinitive,
)
from dragoman.data.phrasebook.lexemes import Mention
from dragoman.data.phrasebook.nominals import NounPhrase
from dragoman.data.phrasebook.nouns import NOUNS

CASES = ("nom", "acc", "dat", "gen")


@pytest.mark.parametrize(
    ("determiner", "adjective", "noun", "plural", "forms"),
    [
        (THE, "alt", "Koch", False, "der alte Koch|den alten Koch|dem alten Koch|des alten Kochs"),
        (THE, "alt", "Brücke", False, "die alte Brücke|die alte Brücke|der alten Brücke|der alten Brücke"),
        (THE, "alt", "Haus", False, "das alte Haus|das alte Haus|dem alten Haus|des alten Hauses"),
        (THE, "alt", "Haus", True, "die alten Häuser|die alten Häuser|den alten Häusern|der alten Häuser"),
        (A, "neu", "Hut", False, "ein neuer Hut|einen neuen Hut|einem neuen Hut|eines neuen Hutes"),
        (A, "neu", "Lampe", False, "eine neue Lampe|eine neue Lampe|einer neuen Lampe|einer neuen Lampe"),
        (A, "neu", "Bild", False, "ein neues Bild|ein neues Bild|einem neuen Bild|eines neuen Bildes"),
        (A, "neu", "Bild", True, "neue Bilder|neue Bilder|neuen Bildern|neuer Bilder"),
        (BARE, "heiß", "Kaffee", False, "heißer Kaffee|heißen Kaffee|heißem Kaffee|heißen Kaffees"),
        (BARE, "frisch", "Milch", False, "frische Milch|frische Milch|frischer Milch|frischer Milch"),
        (BARE, "frisch", "Brot", False, "frisches Brot|frisches Brot|frischem Brot|frischen Brotes"),
        (MY, "teuer", "Auto", True, "meine teuren Autos|meine teuren Autos|meinen teuren Autos|meiner teuren Autos"),
        (OUR, "jung", "Student", False, "unser junger Student|unseren jungen Studenten|unserem jungen Studenten"),
        (NO_A, "dunkel", "Zimmer", False, "kein dunkles Zimmer|kein dunkles Zimmer|keinem dunklen Zimmer"),
        (THIS, "groß", "Turm", False, "dieser große Turm|diesen großen Turm|diesem großen Turm|dieses großen Turms"),
        (NUMERALS[0], "rot", "Rose", True, "zwei rote Rosen|zwei rote Rosen|zwei roten Rosen|zwei roter Rosen"),
        (THE, "nett", "Nachbar", False, "der nette Nachbar|den netten Nachbarn|dem netten Nachbarn"),
        (THE, "hoch", "Preis", True, "die hohen Preise|die hohen Preise|den hohen Preisen|der hohen Preise"),
    ],
)
def test_noun_phrases(determiner, adjective, noun, plural, forms):
    phrase = NounPhrase(NOUNS[noun], determiner, plural, (ADJECTIVES[adjective],))
    expected = forms.split("|")
    assert [" ".join(phrase.german(case)) for case in CASES[: len(expected)]] == expected


@pytest.mark.parametrize(
    ("verb", "present"),
    [
        (v.READ, "lese liest liest lesen lest lesen"),
        (v.TRAVEL, "fahre fährst fährt fahren fahrt fahren"),
        (v.EAT, "esse isst isst essen esst essen"),
        (v.WORK, "arbeite arbeitest arbeitet arbeiten arbeitet arbeiten"),
        (v.DANCE, "tanze tanzt tanzt tanzen tanzt tanzen"),
        (v.HIKE, "wandere wanderst wandert wandern wandert wandern"),
        (v.FIND, "finde findest findet finden findet finden"),
        (v.INVITE, "lade lädst lädt laden ladet laden"),
        (v.GIVE, "gebe gibst gibt geben gebt geben"),
        (v.WEAR, "trage trägst trägt tragen tragt tragen"),
        (v.INAUGURATE, "eröffne eröffnest eröffnet eröffnen eröffnet eröffnen"),
        (v.LEARN, "lerne lernst lernt lernen lernt lernen"),
        (v.KNOW_THAT, "weiß weißt weiß wissen wisst wissen"),
        (v.BE_, "bin bist ist sind seid sind"),
    ],
)
def test_present(verb, present):
    persons = [(1, False), (2, False), (3, False), (1, True), (2, True), (3, True)]
    assert [conjugate(verb.german, "present", *person) for person in persons] == present.split()


@pytest.mark.parametrize(
    ("verb", "preterite", "plural", "participle", "infinitive"),
    [
        (v.BUY, "kaufte", "kauften", "gekauft", ("zu", "kaufen")),
        (v.GO, "ging", "gingen", "gegangen", ("zu", "gehen")),
        (v.SHOP, "kaufte", "kauften", "eingekauft", ("einzukaufen",)),
        (v.CALL, "rief", "riefen", "angerufen", ("anzurufen",)),
        (v.VISIT, "besuchte", "besuchten", "besucht", ("zu", "besuchen")),
        (v.REPAIR, "reparierte", "reparierten", "repariert", ("zu", "reparieren")),
        (v.WAIT, "wartete", "warteten", "gewartet", ("zu", "warten")),
        (v.RAIN, "regnete", "regneten", "geregnet", ("zu", "regnen")),
        (v.IMPROVE, "verbesserte", "verbesserten", "verbessert", ("zu", "verbessern")),
        (v.PUBLISH, "veröffentlichte", "veröffentlichten", "veröffentlicht", ("zu", "veröffentlichen")),
    ],
)
def test_principal_parts(verb, preterite, plural, participle, infinitive):
    assert conjugate(verb.german, "preterite", 3, False) == preterite
    assert conjugate(verb.german, "preterite", 3, True) == plural
    assert verb.german.participle == participle
    assert zu_infinitive(verb.german) == infinitive


@pytest.mark.parametrize(
    ("verb", "form"),
    [(v.READ, "lies"), (v.HELP, "hilf"), (v.BUY, "kauf"), (v.WAIT, "warte"), (v.TRAVEL, "fahr"), (v.FEED, "füttere")],
)
def test_imperative(verb, form):
    assert imperative(verb.german) == form


@pytest.mark.parametrize(
    ("preposition", "article", "joined"),
    [
        ("in", "dem", ["im"]),
        ("in", "das", ["ins"]),
        ("an", "dem", ["am"]),
        ("zu", "dem", ["zum"]),
        ("zu", "der", ["zur"]),
        ("von", "dem", ["vom"]),
        ("bei", "dem", ["beim"]),
        ("in", "der", ["in", "der"]),
        ("auf", "dem", ["auf", "dem"]),
        ("in", "diesem", ["in", "diesem"]),
    ],
)
def test_contractions(preposition, article, joined):
    assert join_preposition(preposition, [article, "x"]) == [*joined, "x"]


def test_genitives():
    assert [name_genitive(name) for name in ("Anna", "Lukas", "Max", "Mei")] == ["Annas", "Lukas'", "Max'", "Meis"]
    assert genitive("Haus", "n") == "Hauses"
    assert genitive("Garten", "m") == "Gartens"
    assert genitive("Stadt", "f") == "Stadt"
    assert NOUNS["Ergebnis"].genitive == "Ergebnisses"
    assert NOUNS["Student"].genitive == "Studenten"


def test_superlatives():
    forms = {
        word: superlative(ADJECTIVES[word]).stem for word in ("groß", "alt", "gut", "schön", "teuer", "interessant")
    }
    assert forms == {
        "groß": "größt",
        "alt": "ältest",
        "gut": "best",
        "schön": "schönst",
        "teuer": "teuerst",
        "interessant": "interessantest",
    }


def test_mentions_are_text():
    assert Mention("Anna", "PER") == "Anna"
    assert Mention("Anna", "PER").type == "PER"
