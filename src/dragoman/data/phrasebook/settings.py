"""When and where: time adverbials and places, with the prepositions that each language asks for."""

from __future__ import annotations

from dragoman.data.phrasebook.lexemes import Place, When
from dragoman.data.phrasebook.nouns import NOUNS


def _when(frame: str, *rows: str) -> tuple[When, ...]:
    pairs = (row.split(" = ") for row in rows)
    return tuple(When(tuple(german.split()), tuple(english.split()), frame) for german, english in pairs)


NOW = (
    *_when("now", "jetzt = now", "gerade = right now"),
    *_when("today", "heute = today", "heute Abend = this evening"),
)
HABIT = _when(
    "habit",
    "jeden Tag = every day",
    "am Wochenende = at the weekend",
    "jeden Morgen = every morning",
    "jeden Abend = every evening",
    "im Sommer = in summer",
)
OFTEN = tuple(
    When((german,), (english,), "habit", True)
    for german, english in (("oft", "often"), ("immer", "always"), ("manchmal", "sometimes"), ("selten", "rarely"))
)
SOON = _when(
    "future",
    "morgen = tomorrow",
    "morgen Abend = tomorrow evening",
    "am Montag = on Monday",
    "am Freitag = on Friday",
    "am Samstag = on Saturday",
)
LATER = _when("future", "nächste Woche = next week", "bald = soon")
NEXT_YEAR = _when("future", "nächstes Jahr = next year", "im nächsten Sommer = next summer")
PAST = _when(
    "past",
    "gestern = yesterday",
    "gestern Abend = yesterday evening",
    "am Montag = on Monday",
    "am Samstag = on Saturday",
    "letzte Woche = last week",
    "letzten Freitag = last Friday",
    "vor zwei Tagen = two days ago",
    "vor einer Woche = a week ago",
)
LONG_AGO = _when(
    "past",
    "letztes Jahr = last year",
    "vor zwei Jahren = two years ago",
    "im letzten Sommer = last summer",
    "vor einem Monat = a month ago",
    "im Frühling = in spring",
)
CLOCK = _when(
    "clock",
    *(
        f"um {german} Uhr = at {english} o'clock"
        for german, english in zip(
            ["sechs", "sieben", "acht", "neun", "zehn"], ["six", "seven", "eight", "nine", "ten"], strict=True
        )
    ),
)


def _place(noun: str, at: str, english_at: str, to: str, tags: str, bare: bool = False) -> Place:
    return Place(NOUNS[noun], at, english_at, to, "dat" if to == "zu" else "acc", frozenset(tags.split()), bare)


PLACES = (
    _place("Park", "in", "in", "in", "outside walk read meet sport play"),
    _place("Garten", "in", "in", "in", "outside read play work-outside eat coffee"),
    _place("Wald", "in", "in", "in", "outside walk sport"),
    _place("Strand", "an", "on", "an", "outside walk read play trip sport"),
    _place("See", "an", "by", "an", "outside walk read trip"),
    _place("Küche", "in", "in", "in", "home cook eat coffee inside-home"),
    _place("Wohnzimmer", "in", "in", "in", "home read inside-home rest eat"),
    _place("Zimmer", "in", "in", "in", "home read inside-home rest"),
    _place("Schule", "in", "at", "in", "learn go work", bare=True),
    _place("Universität", "an", "at", "an", "learn go work"),
    _place("Bibliothek", "in", "in", "in", "read learn write go work"),
    _place("Büro", "in", "at", "in", "write work go phone"),
    _place("Restaurant", "in", "at", "in", "order eat meet go work out"),
    _place("Café", "in", "at", "in", "order coffee meet read write go work out"),
    _place("Kino", "in", "at", "in", "film go out"),
    _place("Theater", "in", "at", "in", "go out work"),
    _place("Museum", "in", "at", "in", "go out work meet"),
    _place("Supermarkt", "in", "at", "in", "food-shop work go"),
    _place("Markt", "auf", "at", "auf", "food-shop flower-shop go meet"),
    _place("Stadt", "in", "in", "in", "shop meet go"),
    _place("Bahnhof", "an", "at", "zu", "meet wait go ticket"),
    _place("Flughafen", "an", "at", "zu", "meet wait go work"),
    _place("Krankenhaus", "in", "at", "in", "work"),
    _place("Hotel", "in", "at", "in", "sleep work eat"),
    _place("Zug", "in", "on", "", "read sleep"),
    _place("Straße", "auf", "in", "", "play meet"),
)


def places(tags: frozenset[str] | set[str]) -> tuple[Place, ...]:
    """The places that have one of these tags."""
    return tuple(place for place in PLACES if not place.tags.isdisjoint(tags))


def goals(tags: frozenset[str] | set[str]) -> tuple[Place, ...]:
    """The same, without those that nobody goes to."""
    return tuple(place for place in places(tags) if place.to)
