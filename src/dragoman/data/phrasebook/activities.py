"""What people do, and with what: which objects a verb takes, where it happens, and what it goes with.

The themes tie activities to reasons (reasons.py): someone who is ill rests, someone who has time goes out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dragoman.data.phrasebook import verbs as v
from dragoman.data.phrasebook.lexemes import Noun, Verb
from dragoman.data.phrasebook.nouns import NOUNS, tagged


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """objects: the nouns it can be done to; determiners: how they are introduced (a, the, 0 for none, s for a bare
    plural, my for the subject's own). at, to: tags of places. people: the role in which a person takes part.
    cities: whether it leads to a city or a country. usual: in English a habit unless a time says otherwise.
    """

    verb: Verb
    themes: frozenset[str]
    objects: tuple[Noun, ...] = ()
    determiners: tuple[str, ...] = ()
    at: frozenset[str] = frozenset()
    to: frozenset[str] = frozenset()
    people: str = ""
    cities: bool = False
    usual: bool = False
    fixed: tuple[str, str] = ("", "")


def _do(
    verb: Verb,
    themes: str,
    objects: tuple[Noun, ...] = (),
    determiners: str = "",
    at: str = "",
    to: str = "",
    people: str = "",
    cities: bool = False,
    usual: bool = False,
    fixed: tuple[str, str] = ("", ""),
) -> Activity:
    return Activity(
        verb,
        frozenset(themes.split()),
        objects,
        tuple(determiners.split()),
        frozenset(at.split()),
        frozenset(to.split()),
        people,
        cities,
        usual,
        fixed,
    )


def _nouns(names: str) -> tuple[Noun, ...]:
    return tuple(NOUNS[name] for name in names.split())


ACTIVITIES = (
    _do(v.READ, "quiet indoor culture simple", tagged("reading"), "a the", at="read"),
    _do(v.READ, "quiet indoor simple", tagged("book", "news"), "a the s"),
    _do(v.WRITE, "quiet indoor desk simple", _nouns("Brief Bericht Artikel E-Mail Gedicht"), "a", at="write"),
    _do(v.EAT, "eat simple", _nouns("Brot Ei Fisch Käse Reis Eis Salat Pizza"), "0 a", at="eat"),
    _do(v.EAT, "eat simple", _nouns("Suppe Pizza Kuchen Apfel Salat Banane Orange"), "a the"),
    _do(v.DRINK, "drink simple", tagged("drink"), "0", at="coffee"),
    _do(v.MAKE, "drink simple", tagged("hot"), "0"),
    _do(v.COOK, "eat indoor simple", _nouns("Suppe Fisch Reis Ei"), "0 s", at="cook"),
    _do(v.BAKE, "eat indoor simple", _nouns("Kuchen Brot Pizza"), "a", at="cook"),
    _do(v.BUY, "food-shopping simple", _nouns("Brot Apfel Banane Orange Ei Fisch Käse Reis Eis"), "0", at="food-shop"),
    _do(v.BUY, "food-shopping simple", tagged("drink"), "0", at="food-shop"),
    _do(v.BUY, "shopping simple", tagged("clothes", "furniture", "machine", "instrument"), "a", at="shop"),
    _do(v.BUY, "shopping gift simple", tagged("flower"), "s", at="flower-shop"),
    _do(v.BUY, "shopping simple", _nouns("Geschenk Koffer Tasche Regenschirm Buch Roman"), "a"),
    _do(v.BUY, "travel", _nouns("Fahrkarte"), "a", at="ticket"),
    _do(v.SELL, "sale", tagged("furniture", "vehicle", "instrument", "device"), "my"),
    _do(v.ORDER, "eat out", tagged("dish", "cake", "hot", "cold"), "a", at="order"),
    _do(v.PLAY, "culture fun", fixed=("Gitarre", "the guitar"), usual=True),
    _do(v.PLAY, "culture fun", fixed=("Klavier", "the piano"), usual=True),
    _do(v.PLAY, "culture fun", fixed=("Geige", "the violin"), usual=True),
    _do(v.PLAY, "sport fun simple", fixed=("Fußball", "football"), at="play"),
    _do(v.PLAY, "sport fun simple", fixed=("Tennis", "tennis")),
    _do(v.PLAY, "quiet indoor fun simple", fixed=("Schach", "chess"), at="inside-home"),
    _do(v.LISTEN, "indoor rest fun simple", at="rest"),
    _do(v.WATCH, "indoor culture", tagged("film"), "a the", at="film"),
    _do(v.WATCH_TV, "indoor rest simple", at="rest"),
    _do(v.VISIT, "contact simple", people="object"),
    _do(v.VISIT, "culture out", _nouns("Museum Ausstellung"), "a the"),
    _do(v.MEET, "contact out simple", people="object", at="meet"),
    _do(v.CALL, "contact simple", people="object"),
    _do(v.INVITE, "contact party", people="object"),
    _do(v.HELP, "help simple", people="indirect", at="inside-home work-outside cook"),
    _do(v.PICK_UP, "help travel", people="object"),
    _do(v.LOOK_FOR, "search simple", tagged("small", "device"), "my the a"),
    _do(v.REPAIR, "repair simple", tagged("machine", "furniture"), "my the"),
    _do(v.CLEAN, "home indoor simple", tagged("room"), "the"),
    _do(v.TIDY, "home indoor simple", tagged("room") + _nouns("Wohnung Büro"), "the my"),
    _do(v.PAINT, "culture quiet indoor fun simple", tagged("picture")[:1] + tagged("flower", "animal"), "a"),
    _do(v.RENT, "money", _nouns("Wohnung Haus Auto Fahrrad"), "a"),
    _do(v.WAIT, "wait", tagged("transport"), "the", at="wait"),
    _do(v.WAIT, "wait", people="prep", at="wait"),
    _do(v.LOOK_FORWARD, "glad", tagged("event", "show"), "the"),
    _do(v.TALK, "contact talk", tagged("film", "book", "plan", "task", "event"), "the"),
    _do(v.DREAM, "dream", _nouns("Reise Haus Garten"), "a"),
    _do(v.CHECK, "desk work", _nouns("Bericht Vertrag Plan Ergebnis"), "the"),
    _do(v.SOLVE, "desk work", _nouns("Problem Aufgabe"), "the"),
    _do(v.STUDY_EXAM, "learn quiet desk", _nouns("Prüfung"), "the", at="learn"),
    _do(v.LEARN, "learn quiet desk", fixed=("Deutsch", "German"), at="learn"),
    _do(v.LEARN, "learn quiet desk", fixed=("Spanisch", "Spanish")),
    _do(v.LEARN, "learn quiet desk", fixed=("Englisch", "English")),
    _do(v.WEAR, "clothes simple", tagged("clothes"), "a my"),
    _do(v.THANK, "thanks simple", people="indirect"),
    _do(v.UNDERSTAND, "understanding simple", tagged("task", "plan", "reading"), "the"),
    _do(v.FEED, "home simple", _nouns("Hund Katze Pferd"), "the my"),
    _do(v.WORK, "work desk simple", at="work work-outside", usual=True),
    _do(v.SLEEP, "rest indoor simple"),
    _do(v.SWIM, "sport outdoor fun simple"),
    _do(v.HIKE, "sport outdoor fun"),
    _do(v.RUN, "sport outdoor fun", at="sport"),
    _do(v.DANCE, "fun party simple"),
    _do(v.SING, "fun party simple"),
    _do(v.WALK, "outdoor fun simple", at="walk"),
    _do(v.CYCLE, "outdoor sport fun"),
    _do(v.SHOP, "food-shopping simple"),
    _do(v.STAY_HOME, "indoor rest simple"),
    _do(v.GO_HOME, "rest homeward simple"),
    _do(v.GO_TO_BED, "rest homeward"),
    _do(v.GO, "out simple", to="go"),
    _do(v.TRAVEL, "trip travel simple", cities=True),
    _do(v.FLY, "trip travel simple", cities=True),
)

LOSSES = tuple(_do(verb, "loss", tagged("small", "device"), "my") for verb in (v.FORGET, v.LOSE, v.FIND))


def themed(*themes: str) -> tuple[Activity, ...]:
    """The activities that have one of these themes."""
    return tuple(activity for activity in ACTIVITIES if not activity.themes.isdisjoint(themes))


def generic(*verbs: Verb) -> tuple[Activity, ...]:
    """The same, done to things in general: reads newspapers, drinks tea."""
    return tuple(replace(activity, determiners=("0",)) for activity in doing(*verbs))


def doing(*verbs: Verb) -> tuple[Activity, ...]:
    """The activities with one of these verbs."""
    return tuple(activity for activity in ACTIVITIES if activity.verb in verbs)
