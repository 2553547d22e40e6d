"""Sentences from small grammars: English with Hindi, questions and answers in Hinglish, English with Saudi dialects.

Every function is a function of its count and seed; no two rows of an answer are the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Row = TypeVar("Row")

# English, Hindi, and whether the Hindi word is feminine.
PEOPLE = [
    ("Asha", "आशा", True), ("Rohan", "रोहन", False), ("Meena", "मीना", True), ("Vijay", "विजय", False),
    ("Kavita", "कविता", True), ("Arjun", "अर्जुन", False), ("Sunita", "सुनीता", True), ("Nikhil", "निखिल", False),
]  # fmt: skip
PLACES = [
    ("market", "बाज़ार"), ("school", "विद्यालय"), ("garden", "बगीचे"), ("station", "स्टेशन"), ("office", "दफ़्तर"),
    ("village", "गाँव"), ("library", "पुस्तकालय"), ("hospital", "अस्पताल"),
]  # fmt: skip
THINGS = [
    ("book", "किताब"), ("chair", "कुर्सी"), ("lamp", "बत्ती"), ("key", "चाबी"), ("letter", "चिट्ठी"), ("ticket", "टिकट"),
    ("watch", "घड़ी"), ("bag", "थैली"),
]  # fmt: skip
NUMBERS = [("two", "दो"), ("three", "तीन"), ("four", "चार"), ("five", "पाँच"), ("six", "छह"), ("ten", "दस")]
DAYS = [("today", "आज"), ("tomorrow", "कल"), ("now", "अभी"), ("this evening", "आज शाम")]


def english_hindi(count: int, seed: int) -> list[tuple[str, str]]:
    """Sentences with their translations."""

    def draw(pick: random.Random) -> tuple[str, str]:
        who, hi_who, feminine = pick.choice(PEOPLE)
        (place, hi_place), (thing, hi_thing) = pick.choice(PLACES), pick.choice(THINGS)
        (number, hi_number), (day, hi_day) = pick.choice(NUMBERS), pick.choice(DAYS)
        form = "ी" if feminine else "ा"
        return pick.choice([
            (f"The {thing} is in the {place}.", f"{hi_thing} {hi_place} में है।"),
            (f"Where is the {thing} of {who}?", f"{hi_who} की {hi_thing} कहाँ है?"),
            (f"{who} is going to the {place} {day}.", f"{hi_who} {hi_day} {hi_place} जा रह{form} है।"),
            (f"{who} wants {number} {thing}s.", f"{hi_who} {hi_number} {hi_thing} चाहत{form} है।"),
            (f"{who} will buy a {thing} in the {place} {day}.",
             f"{hi_who} {hi_day} {hi_place} में एक {hi_thing} ख़रीदेग{form}।"),
        ])  # fmt: skip

    return _different(count, seed, draw)


TOPICS = [
    ("chai", "adrak aur elaichi", "paani"), ("dal", "haldi aur jeera", "namak"), ("poha", "rai aur aloo", "pyaaz"),
    ("kheer", "chawal aur doodh", "cheeni"), ("paratha", "aata aur aloo", "ghee"), ("khichdi", "moong aur tel", "hing"),
]  # fmt: skip
CITIES = ["Pune", "Jaipur", "Indore", "Lucknow", "Bhopal", "Nagpur", "Patna", "Surat"]
RIDES = ["metro", "bus", "auto", "train", "cab"]
FAILURES = [
    "ERROR: request timed out after 60 seconds",
    "ERROR: 503 service unavailable",
    "No API keys available",
    "Sorry, no answer: Rate limit exceeded, try again later",
    "rate limit reached for this key",
]


def hinglish(count: int, seed: int) -> list[tuple[str, str]]:
    """Questions and answers, none of them a failure."""

    def draw(pick: random.Random) -> tuple[str, str]:
        (dish, needed, last), (start, end) = pick.choice(TOPICS), pick.sample(CITIES, 2)
        ride, minutes, people = pick.choice(RIDES), pick.randrange(5, 90), pick.randrange(2, 12)
        return pick.choice([
            (f"{people} logon ke liye {dish} kaise banaye?",
             f"{needed} lo, {minutes} minute pakao, aur {last} {people} chammach daalo."),
            (f"{start} se {end} kaise jaun?", f"{start} se {end} ke liye {ride} accha hai, {minutes} minute lagenge."),
            (f"kya {ride} se {end} jaana theek hai?", f"haan, {ride} theek hai, bas {minutes} minute pehle niklo."),
            (f"{end} mein {dish} kahan milega?", f"station ke paas {dish} milta hai, {people} log ja sakte ho."),
        ])  # fmt: skip

    return _different(count, seed, draw)


@dataclass(frozen=True)
class Dialect:
    name: str
    want: str
    now: str
    what: str
    go: str


DIALECTS = [
    Dialect("Najdi", "أبغى", "الحين", "وش", "رح"),
    Dialect("Hijazi", "أبغا", "دحين", "إيش", "روح"),
    Dialect("Eastern", "أبي", "هالحين", "ويش", "سر"),
    Dialect("Southern", "أبغي", "ذحين", "ايش", "امش"),
]
ITEMS = [("key", "المفتاح"), ("map", "الخريطة"), ("rope", "الحبل"), ("lamp", "الفانوس"), ("coin", "القرش")]
SPOTS = [("well", "البير"), ("tower", "البرج"), ("market", "السوق"), ("tent", "الخيمة"), ("cave", "الكهف")]


def saudi(count: int, seed: int) -> list[tuple[str, str, str, str]]:
    """Dialect, English, its translation, and what happens in the game."""

    def draw(pick: random.Random) -> tuple[str, str, str, str]:
        dialect = pick.choice(DIALECTS)
        (item, ar_item), (spot, ar_spot), steps = pick.choice(ITEMS), pick.choice(SPOTS), pick.randrange(3, 40)
        english, arabic = pick.choice([
            (f"I want the {item} now!", f"{dialect.want} {ar_item} {dialect.now}!"),
            (f"What is in the {spot}?", f"{dialect.what} في {ar_spot}؟"),
            (f"Go to the {spot} with the {item}.", f"{dialect.go} {ar_spot} ومعك {ar_item}."),
            (f"Now go {steps} steps to the {spot}.", f"{dialect.now} {dialect.go} {steps} خطوة لين {ar_spot}."),
        ])  # fmt: skip
        return dialect.name, english, arabic, f"Player looks for the {item} near the {spot}."

    return _different(count, seed, draw)


def _different(count: int, seed: int, draw: Callable[[random.Random], Row]) -> list[Row]:
    pick = random.Random(seed)
    found: dict[Row, None] = {}
    while len(found) < count:
        found[draw(pick)] = None
    return list(found)
