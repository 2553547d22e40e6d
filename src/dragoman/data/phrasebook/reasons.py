"""Why people do what they do: states with the activities that follow from them, go against them, or are prevented."""

from __future__ import annotations

from dataclasses import dataclass

from dragoman.data.phrasebook import nominals as nom
from dragoman.data.phrasebook import phrases as p
from dragoman.data.phrasebook import verbs as v
from dragoman.data.phrasebook.activities import Activity, themed
from dragoman.data.phrasebook.adjectives import ADJECTIVES
from dragoman.data.phrasebook.clauses import PRESENT, PRETERITE, Clause, Part, Tense
from dragoman.data.phrasebook.lexemes import Verb
from dragoman.data.phrasebook.nouns import NOUNS


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """subject: None where the reason is the acting person's own state, else what it is about (es, das Wetter)."""

    verb: Verb
    parts: tuple[Part, ...] = ()
    negated: bool = False
    subject: nom.Nominal | None = None
    because: tuple[Activity, ...] = ()
    although: tuple[Activity, ...] = ()
    cannot: tuple[Activity, ...] = ()

    def clause(self, person: nom.Nominal, tense: Tense = PRESENT, going_on: bool = True) -> Clause:
        """going_on: in English "it is raining" rather than "it rains"."""
        progressive = going_on and tense in (PRESENT, PRETERITE)
        subject = self.subject or person
        return Clause(subject, self.verb, self.parts, tense, negated=self.negated, progressive=progressive)


def _is(adjective: str, english_before: tuple[str, str] = ("", "")) -> tuple[Part, ...]:
    return (Part("predicate", p.Quality(ADJECTIVES[adjective], english_before)),)


def _activities(themes: str) -> tuple[Activity, ...]:
    return themed(*themes.split())


IT = nom.IT["n"]
WEATHER = nom.NounPhrase(NOUNS["Wetter"])

OWN = (
    Reason(
        v.BE_,
        _is("müde"),
        because=_activities("rest homeward"),
        although=_activities("work desk sport help party"),
        cannot=_activities("work learn sport"),
    ),
    Reason(
        v.BE_,
        _is("krank"),
        because=_activities("rest"),
        although=_activities("work sport trip party"),
        cannot=_activities("work sport trip party out contact help"),
    ),
    Reason(v.BE_HUNGRY, because=_activities("eat food-shopping")),
    Reason(v.BE_THIRSTY, because=_activities("drink")),
    Reason(v.HAVE_TIME, because=_activities("contact culture help outdoor repair")),
    Reason(v.HAVE_TIME, negated=True, cannot=_activities("contact culture help sport out trip repair search home")),
    Reason(v.BE_BUSY, although=_activities("rest fun out"), cannot=_activities("contact out party trip culture")),
    Reason(
        v.HAVE_EXAM,
        because=tuple(activity for activity in _activities("learn") if activity.verb is not v.STUDY_EXAM),
        although=_activities("party rest trip"),
        cannot=_activities("party trip out"),
    ),
    Reason(v.BE_, _is("glücklich"), because=_activities("party")),
    Reason(v.HAVE_MONEY, negated=True, cannot=_activities("shopping trip money travel")),
    Reason(v.HAVE_MONEY, because=_activities("shopping trip money")),
)
OUTSIDE = (
    Reason(
        v.RAIN,
        subject=IT,
        because=_activities("indoor rest"),
        although=_activities("outdoor"),
        cannot=_activities("outdoor"),
    ),
    Reason(v.SNOW, subject=IT, because=_activities("indoor rest"), although=_activities("outdoor")),
    Reason(
        v.BE_,
        _is("kalt"),
        subject=IT,
        because=_activities("indoor rest drink"),
        although=_activities("outdoor"),
        cannot=_activities("outdoor"),
    ),
    Reason(v.BE_, _is("spät"), subject=IT, because=_activities("homeward"), although=_activities("desk work home")),
    Reason(v.BE_, _is("gut"), subject=WEATHER, because=_activities("outdoor"), although=_activities("indoor desk")),
    Reason(
        v.BE_,
        _is("schlecht"),
        subject=WEATHER,
        because=_activities("indoor rest"),
        although=_activities("outdoor"),
        cannot=_activities("outdoor trip"),
    ),
)
REASONS = OWN + OUTSIDE
BECAUSE = tuple(reason for reason in REASONS if reason.because)
ALTHOUGH = tuple(reason for reason in REASONS if reason.although)
CANNOT = tuple(reason for reason in REASONS if reason.cannot)
