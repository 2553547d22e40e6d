"""The adjectives: German, comparative, English, and the tags of what they can describe (see nouns.py)."""

from __future__ import annotations

from functools import cache

from dragoman.data.phrasebook import english as en
from dragoman.data.phrasebook.lexemes import Adjective, Noun

THINGS = "clothes furniture machine instrument small vehicle"
BUILDINGS = "building room"
ROWS = (
    ("neu", "neuer", "new", f"{THINGS} {BUILDINGS} reading show abstract transport work close"),
    ("alt", "älter", "old", f"{THINGS} building work animal book settlement picture transport"),
    ("groß", "größer", "big", f"{THINGS} {BUILDINGS} animal gift outdoors settlement picture problem cake flower"),
    ("klein", "kleiner", "small", f"{THINGS} {BUILDINGS} animal gift outdoors settlement picture cake young"),
    ("schön", "schöner", "beautiful", f"{THINGS} {BUILDINGS} outdoors settlement picture flower gift show book street"),
    ("teuer", "teurer", "expensive", f"{THINGS} gift cosy ticket"),
    ("billig", "billiger", "cheap", f"{THINGS} ticket"),
    ("gut", "besser", "good", "book show abstract food work close learner device"),
    ("interessant", "interessanter", "interesting", "reading show abstract picture"),
    ("langweilig", "langweiliger", "boring", "reading show"),
    ("lang", "länger", "long", "reading event show exam street"),
    ("kurz", "kürzer", "short", "reading event film exam"),
    ("rot", "roter", "red", "clothes vehicle flower small furniture"),
    ("blau", "blauer", "blue", "clothes vehicle small furniture"),
    ("grün", "grüner", "green", "clothes vehicle small furniture"),
    ("schwarz", "schwärzer", "black", "clothes vehicle animal small"),
    ("weiß", "weißer", "white", "clothes vehicle animal flower furniture"),
    ("frisch", "frischer", "fresh", "fresh"),
    ("kalt", "kälter", "cold", "dish cold"),
    ("warm", "wärmer", "warm", "dish clothes room"),
    ("heiß", "heißer", "hot", "dish hot"),
    ("lecker", "leckerer", "delicious", "food"),
    ("freundlich", "freundlicher", "friendly", "work learner close young"),
    ("nett", "netter", "nice", "work learner close"),
    ("jung", "jünger", "young", "work learner adult animal"),
    ("klug", "klüger", "clever", "learner young work animal"),
    ("fleißig", "fleißiger", "hard-working", "work learner"),
    ("berühmt", "berühmter", "famous", "public settlement picture book artist"),
    ("wichtig", "wichtiger", "important", "abstract paper"),
    ("schwierig", "schwieriger", "difficult", "task exam"),
    ("einfach", "einfacher", "simple", "task"),
    ("modern", "moderner", "modern", f"machine {BUILDINGS} furniture"),
    ("gemütlich", "gemütlicher", "cosy", "cosy room"),
    ("hell", "heller", "bright", "room home"),
    ("dunkel", "dunkler", "dark", "room"),
    ("ruhig", "ruhiger", "quiet", "home outdoors settlement street"),
    ("spannend", "spannender", "exciting", "book film trip"),
    ("schnell", "schneller", "fast", "vehicle transport"),
    ("langsam", "langsamer", "slow", "transport"),
    ("stark", "stärker", "strong", "storm"),
    ("heftig", "heftiger", "heavy", "rain"),
    ("müde", "müder", "tired", ""),
    ("krank", "kränker", "ill", ""),
    ("glücklich", "glücklicher", "happy", ""),
    ("traurig", "trauriger", "sad", ""),
    ("zufrieden", "zufriedener", "satisfied", ""),
    ("pünktlich", "pünktlicher", "on time", ""),
    ("hungrig", "hungriger", "hungry", ""),
    ("schlecht", "schlechter", "bad", "weather"),
    ("hoch", "höher", "high", "costs"),
    ("spät", "später", "late", ""),
    ("wütend", "wütender", "angry", ""),
    ("nervös", "nervöser", "nervous", ""),
)
STEMS = {"teuer": "teur", "dunkel": "dunkl", "müde": "müd", "hoch": "hoh"}
COMPARATIVES = {"good": ("better",), "bad": ("worse",), "ill": ("more", "ill")}
SUPERLATIVES = {"groß": "größt", "gut": "best", "teuer": "teuerst", "dunkel": "dunkelst", "hoch": "höchst"}
ENGLISH_SUPERLATIVES = {"good": "best", "bad": "worst"}


def _adjective(german: str, comparative: str, english: str, tags: str) -> Adjective:
    return Adjective(
        german,
        STEMS.get(german, german),
        comparative,
        english,
        COMPARATIVES.get(english, en.comparative(english)),
        frozenset(tags.split()),
    )


ADJECTIVES = {row[0]: _adjective(*row) for row in ROWS}


COLOURS = tuple(ADJECTIVES[word] for word in ("rot", "blau", "grün", "schwarz", "weiß"))


@cache
def describing(noun: Noun) -> tuple[Adjective, ...]:
    """The adjectives that can stand before a noun."""
    return tuple(adjective for adjective in ADJECTIVES.values() if not adjective.of.isdisjoint(noun.tags))


@cache
def gradable(noun: Noun) -> tuple[Adjective, ...]:
    """Those of them that go with "very" and "more"."""
    return tuple(adjective for adjective in describing(noun) if adjective not in COLOURS)


@cache
def comparative(adjective: Adjective) -> Adjective:
    """The comparative as an adjective before a noun: größer-, bigger."""
    form = adjective.german_comparative
    return Adjective(form, form, form, " ".join(adjective.english_comparative), (), adjective.of)


@cache
def superlative(adjective: Adjective) -> Adjective:
    """größt-, biggest; schönst-, most beautiful."""
    umlauted = adjective.german_comparative.removesuffix("er")
    regular = umlauted + ("est" if umlauted.endswith(("t", "d", "s", "ß", "z")) else "st")
    form = SUPERLATIVES.get(adjective.german, regular)
    first, *rest = adjective.english_comparative
    english = " ".join(["most", *rest]) if rest else first.removesuffix("er") + "est"
    return Adjective(form, form, form, ENGLISH_SUPERLATIVES.get(adjective.english, english), (), adjective.of)
