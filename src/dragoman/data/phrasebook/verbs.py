"""The verbs: German principal parts beside English ones, and how each builds its sentence."""

from __future__ import annotations

from dataclasses import replace

from dragoman.data.phrasebook.english import BE, regular_verb
from dragoman.data.phrasebook.german import regular_verb as weak
from dragoman.data.phrasebook.lexemes import EnglishVerb, GermanVerb, Verb


def _verb(
    german: str, english: str, *, auxiliary: str = "haben", particle: str = "", fixed: str = "", **more: object
) -> Verb:
    """german: "kaufen" (weak) or "lesen las gelesen lies" (strong, with the changed stem), "ein|kaufen" (separable).

    english: "work" (regular) or "read read read". particle: what follows the English verb.
    """
    infinitive, *parts = german.split()
    prefix, _, base = infinitive.rpartition("|")
    infinitive = prefix + base
    if parts:
        preterite, participle, *changed = parts
        form = GermanVerb(infinitive, preterite, participle, "".join(changed), prefix, auxiliary)
    else:
        form = weak(infinitive, prefix, auxiliary)
    return Verb(form, _english(english, particle), fixed=tuple(fixed.split()), **more)  # type: ignore[arg-type]


def _english(parts: str, particle: str) -> EnglishVerb:
    verb = BE if parts == "be" else regular_verb(*parts.split())
    return replace(verb, particle=tuple(particle.split()))


# with an object
READ = _verb("lesen las gelesen lies", "read read read")
WRITE = _verb("schreiben schrieb geschrieben", "write wrote written")
BUY = _verb("kaufen", "buy bought")
SELL = _verb("verkaufen", "sell sold")
EAT = _verb("essen aß gegessen iss", "eat ate eaten")
DRINK = _verb("trinken trank getrunken", "drink drank drunk")
COOK = _verb("kochen", "cook")
MAKE = _verb("kochen", "make made")  # coffee, tea
BAKE = _verb("backen backte gebacken", "bake")
PLAY = _verb("spielen", "play")
VISIT = _verb("besuchen", "visit")
MEET = _verb("treffen traf getroffen triff", "meet met")
SEE = _verb("sehen sah gesehen sieh", "see saw seen", state=True)
WATCH = _verb("sehen sah gesehen sieh", "watch")
FIND = _verb("finden fand gefunden", "find found", state=True)
LOSE = _verb("verlieren verlor verloren", "lose lost", state=True)
LOOK_FOR = _verb("suchen", "look", particle="for")
FORGET = _verb("vergessen vergaß vergessen vergiss", "forget forgot forgotten", state=True)
NEED = _verb("brauchen", "need", state=True)
KNOW = _verb("kennen kannte gekannt", "know knew known", state=True)
HAVE_ = _verb("haben hatte gehabt", "have had", state=True)
PAINT = _verb("malen", "paint")
CLEAN = _verb("putzen", "clean")
WEAR = _verb("tragen trug getragen träg", "wear wore worn")
REPAIR = _verb("reparieren", "repair")
ORDER = _verb("bestellen", "order")
RENT = _verb("mieten", "rent")
CLOSE = _verb("schließen schloss geschlossen", "close")
CALL = _verb("an|rufen rief angerufen", "call")
INVITE = _verb("ein|laden lud eingeladen läd", "invite")
TIDY = _verb("auf|räumen", "tidy", particle="up")
PICK_UP = _verb("ab|holen", "pick", particle="up")
UNDERSTAND = _verb("verstehen verstand verstanden", "understand understood", state=True)
SOLVE = _verb("lösen", "solve")
CHECK = _verb("prüfen", "check")
SIGN = _verb("unterschreiben unterschrieb unterschrieben", "sign")
PUBLISH = _verb("veröffentlichen", "publish")
DISCUSS = _verb("besprechen besprach besprochen besprich", "discuss")
PLAN = _verb("planen", "plan")
BUILD = _verb("bauen", "build built")
RENOVATE = _verb("renovieren", "renovate")
INAUGURATE = _verb("eröffnen", "open")
POSTPONE = _verb("verschieben verschob verschoben", "postpone")
REJECT = _verb("ab|lehnen", "reject")
CHANGE = _verb("ändern", "change")
IMPROVE = _verb("verbessern", "improve")
FINANCE = _verb("finanzieren", "fund")
LEARN = _verb("lernen", "learn")
STUDY_EXAM = _verb("lernen", "study", particle="for", preposition="für", case="acc")
FEED = _verb("füttern", "feed fed")
# with a dative
HELP = _verb("helfen half geholfen hilf", "help", case="dat")
THANK = _verb("danken", "thank", case="dat")
# with both
GIVE = _verb("geben gab gegeben gib", "give gave given")
GIVE_PRESENT = _verb("schenken", "give gave given")
SHOW = _verb("zeigen", "show showed shown")
SEND = _verb("schicken", "send sent")
BRING = _verb("bringen brachte gebracht", "bring brought")
EXPLAIN = _verb("erklären", "explain", to=True)
# with a preposition
WAIT = _verb("warten", "wait", particle="for", preposition="auf")
TALK = _verb("sprechen sprach gesprochen sprich", "talk", particle="about", preposition="über")
SPEAK = _verb("sprechen sprach gesprochen sprich", "speak spoke spoken")
LOOK_FORWARD = _verb("freuen", "look", particle="forward to", preposition="auf", reflexive=True)
INTERESTED = _verb("interessieren", "be", particle="interested in", preposition="für", reflexive=True, state=True)
DREAM = _verb("träumen", "dream", particle="of", preposition="von", case="dat")
# without an object
WORK = _verb("arbeiten", "work")
SLEEP = _verb("schlafen schlief geschlafen schläf", "sleep slept")
LIVE = _verb("wohnen", "live", state=True)
STUDY = _verb("studieren", "study")
GO = _verb("gehen ging gegangen", "go went gone", auxiliary="sein")
TRAVEL = _verb("fahren fuhr gefahren fähr", "go went gone", auxiliary="sein")
FLY = _verb("fliegen flog geflogen", "fly flew flown", auxiliary="sein")
COME = _verb("kommen kam gekommen", "come came come", auxiliary="sein")
BE_FROM = _verb("kommen kam gekommen", "be", particle="from", auxiliary="sein", state=True)
SWIM = _verb("schwimmen schwamm geschwommen", "swim swam swum", auxiliary="sein")
HIKE = _verb("wandern", "hike", auxiliary="sein")
RUN = _verb("laufen lief gelaufen läuf", "run ran run", auxiliary="sein")
DANCE = _verb("tanzen", "dance")
SING = _verb("singen sang gesungen", "sing sang sung")
SIT = _verb("sitzen saß gesessen", "sit sat")
LAUGH = _verb("lachen", "laugh")
ARRIVE = _verb("an|kommen kam angekommen", "arrive", auxiliary="sein")
DEPART = _verb("ab|fahren fuhr abgefahren fähr", "leave left", auxiliary="sein")
GET_UP = _verb("auf|stehen stand aufgestanden", "get got", particle="up", auxiliary="sein")
SHOP = _verb("ein|kaufen", "go went gone", particle="shopping")
WATCH_TV = _verb("fern|sehen sah ferngesehen sieh", "watch", particle="television")
MOVE = _verb("um|ziehen zog umgezogen", "move", auxiliary="sein")
GO_HOME = _verb("gehen ging gegangen", "go went gone", particle="home", fixed="nach Hause", auxiliary="sein")
STAY_HOME = _verb("bleiben blieb geblieben", "stay", particle="at home", fixed="zu Hause", auxiliary="sein")
GO_TO_BED = _verb("gehen ging gegangen", "go went gone", particle="to bed", fixed="ins Bett", auxiliary="sein")
WALK = _verb("gehen ging gegangen", "go went gone", particle="for a walk", fixed="spazieren", auxiliary="sein")
CYCLE = _verb("fahren fuhr gefahren fähr", "cycle", fixed="Rad", auxiliary="sein")
LISTEN = _verb("hören", "listen", particle="to music", fixed="Musik")
BE_HUNGRY = _verb(
    "haben hatte gehabt", "be", particle="hungry", fixed="Hunger", fixed_negated=("keinen", "Hunger"), state=True
)
BE_THIRSTY = _verb(
    "haben hatte gehabt", "be", particle="thirsty", fixed="Durst", fixed_negated=("keinen", "Durst"), state=True
)
HAVE_TIME = _verb(
    "haben hatte gehabt", "have had", particle="time", fixed="Zeit", fixed_negated=("keine", "Zeit"), state=True
)
HAVE_MONEY = _verb("haben hatte gehabt", "have had", particle="enough money", fixed="genug Geld", state=True)
MORE_TIME = _verb("haben hatte gehabt", "have had", particle="more time", fixed="mehr Zeit", state=True)
MORE_MONEY = _verb("haben hatte gehabt", "have had", particle="more money", fixed="mehr Geld", state=True)
BE_LATE = _verb("haben hatte gehabt", "be", particle="late", fixed="Verspätung", state=True)
HAVE_EXAM = _verb("haben hatte gehabt", "have had", particle="an exam", fixed="eine Prüfung", state=True)
BE_BUSY = _verb("haben hatte gehabt", "have had", particle="a lot to do", fixed="viel zu tun", state=True)
RAIN = _verb("regnen", "rain")
SNOW = _verb("schneien", "snow")
BEGIN = _verb("beginnen begann begonnen", "begin began begun")
COST = _verb("kosten", "cost cost", state=True)
LET = _verb("lassen ließ gelassen läss", "let let", reflexive=True)
TAKE_TIME = _verb("dauern", "take took taken", state=True)
BE_ = Verb(GermanVerb("sein", "war", "gewesen", auxiliary="sein"), _english("be", ""), state=True)
# that take a clause
SAY = _verb("sagen", "say said", state=True)
SAY_TO = _verb("sagen", "tell told", state=True)
BELIEVE = _verb("glauben", "think thought", state=True)
HOPE = _verb("hoffen", "hope", state=True)
KNOW_THAT = _verb("wissen wusste gewusst", "know knew known", state=True)
ASK = _verb("fragen", "ask")
WONDER = _verb("fragen", "wonder", reflexive=True)
TRY = _verb("versuchen", "try")
DECIDE = _verb("beschließen beschloss beschlossen", "decide")
FORGET_TO = _verb("vergessen vergaß vergessen vergiss", "forget forgot forgotten", state=True)
KNOW_IT = _verb("wissen wusste gewusst", "know knew known", particle="that", fixed="das", state=True)
SLEEP_BETTER = _verb("schlafen schlief geschlafen schläf", "sleep slept", particle="better", fixed="besser")
PLAY_ = _verb("spielen", "play")
WAIT_ = _verb("warten", "wait")
REPORT = _verb("berichten", "report")
EXPLAIN_THAT = _verb("erklären", "explain")
