"""Which language a text is in, guessed without any model: by its script, by telling letters, by its commonest words.

Good enough to draft a recipe that a person will read; no language identification for filtering.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kn": "Kannada", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "ml": "Malayalam", "mr": "Marathi", "ne": "Nepali", "nl": "Dutch",
    "no": "Norwegian", "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu",
    "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip

# Other words for a language in the names of columns and files.
ALIASES = {
    "eng": "en", "englisch": "en", "deu": "de", "ger": "de", "deutsch": "de", "fra": "fr", "fre": "fr",
    "francais": "fr", "spa": "es", "espanol": "es", "ita": "it", "italiano": "it", "por": "pt", "hin": "hi",
    "ara": "ar", "msa": "ar", "rus": "ru", "zho": "zh", "chi": "zh", "cn": "zh", "jpn": "ja", "jp": "ja",
    "kor": "ko", "tur": "tr", "pol": "pl", "nld": "nl", "ces": "cs", "cze": "cs", "ukr": "uk", "urd": "ur",
    "farsi": "fa", "ben": "bn", "tam": "ta", "tel": "te", "vie": "vi", "ind": "id", "ron": "ro", "hun": "hu",
    "fin": "fi", "swe": "sv", "dan": "da", "nb": "no", "ell": "el", "heb": "he", "mandarin": "zh",
}  # fmt: skip

# The first word of a letter's Unicode name, for scripts that one language (nearly) owns. The commonest user is named.
SCRIPTS = {
    "ARABIC": "ar", "ARMENIAN": "hy", "BENGALI": "bn", "CJK": "zh", "CYRILLIC": "ru", "DEVANAGARI": "hi",
    "GEORGIAN": "ka", "GREEK": "el", "GUJARATI": "gu", "GURMUKHI": "pa", "HANGUL": "ko", "HEBREW": "he",
    "HIRAGANA": "ja", "KANNADA": "kn", "KATAKANA": "ja", "MALAYALAM": "ml", "TAMIL": "ta", "TELUGU": "te", "THAI": "th",
}  # fmt: skip

# Letters that tell languages of one script apart: the language, where these make up half a percent of its letters.
TELLING = {
    "ar": [("ur", "ٹڈڑںےھ"), ("fa", "پچگژی")],
    "ru": [("uk", "іїєґ"), ("sr", "ђјљњћџ")],
    "zh": [("ja", "のにはをたがでとし")],
    "hi": [("mr", "ळ")],
}

# The commonest words of languages in Latin script, chosen to differ from those of their neighbours.
WORDS = {
    "ca": "el la els les de que i és un una amb per no al del són aquest però molt més",
    "cs": "a je se na v že to si s z jsem by ale jak jsi co tak za pro jsme není byl",
    "da": "og er at det en den jeg af ikke til på med som har du han hvad vi skal var",
    "de": "der die das und ist nicht ich ein eine zu den mit sie auf er für es im dem wir auch hat wird von",
    "en": "the of and to is a in that it you was for on are with he this be have i not at as what your",
    "es": "el la los las de que y en un una es no se por con para su lo como está más pero muy",
    "et": "ja on ei et see ma oli ta kui mis sa oma seda aga mida nii tema kas olen",
    "fi": "ja on ei se että hän minä oli en sinä mitä ovat mutta kun olen tämä niin ole hänen",
    "fr": "le la les des de et est un une que pas il je dans qui pour ce vous en du au sur ne avec elle",
    "hr": "je i u se na da što za ne su od sam si koji kao ali bio nije samo ja",
    "hu": "a az és nem hogy egy is van de ez meg azt csak már volt mint ha én itt nagyon",
    "id": "yang dan di itu tidak ini untuk dengan dari saya akan ada pada ke dia kamu bisa adalah",
    "it": "il lo la gli di che e è un una non per in del con sono mi si ha della nel come questo",
    "lt": "ir yra kad ne į su tai aš jis iš kaip buvo bet tu labai man ar tik",
    "lv": "ir un es ka ar uz par no tas kas viņš bija to nav vai bet man ļoti",
    "nl": "de het een en van is ik niet dat je in te zijn op met voor hij die aan er maar was heb",
    "no": "og er det jeg ikke en på til at du som har med av den han for vi hva skal noe",
    "pl": "i w nie na się że to z do jest jak co mnie ale ja po tak był czy jego są",
    "pt": "o a os as de que e não um uma do da em para é com por se mais eu você está muito",
    "ro": "și de la în nu este o să că un cu pe a ce mai din pentru sunt eu am fost",
    "sk": "a je sa na v že to som si s z ale ako čo by nie bol tak pre sme",
    "sl": "je in se v na da ne za so ni si sem to kaj ali pa kako bil z",
    "sv": "och är att det en jag inte på som för med den har till av du han vi var om ett",
    "sw": "na ya wa kwa ni la katika cha za kuwa hii hiyo kama si mimi yake",
    "tr": "bir ve bu da de ne için ben çok mi o var değil daha gibi ama sen olarak bana",
    "vi": "và là của có không tôi một được cho anh người này trong những đã với các",
}
COMMON = {code: frozenset(words.split()) for code, words in WORDS.items()}

NO_CODES = {"id", "no"}  # in a column's name: an identifier, a number
WORDS_IN_NAMES = {
    **{code: code for code in NAMES if code not in NO_CODES},
    **ALIASES,
    **{name.lower(): code for code, name in NAMES.items()},
}

ENOUGH = 0.05  # share of words that have to be common ones of a language before it is guessed
MANY = 200  # words that say something even if no common one is among them
AHEAD = 1.2  # how many times more than for the runner-up


def language_of_name(name: str) -> str | None:
    """The language that a column's or file's name mentions ("english_text", "translation.hi", "train.de"), or None."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    for word in reversed(re.findall(r"[^\W\d_]+", spaced)):  # the last one: "train.de", "translation.en"
        plain = unicodedata.normalize("NFD", word.lower()).encode("ascii", "ignore").decode()
        if plain in WORDS_IN_NAMES:
            return WORDS_IN_NAMES[plain]
    return None


def same_script(one: str, other: str) -> bool:
    """Whether both languages are written in Latin script, or neither."""
    return (one in COMMON) == (other in COMMON)


def guess_language(texts: Iterable[str]) -> str | None:
    """The code of the language that most of the texts' letters or words belong to, or None where nothing stands out."""
    text = unicodedata.normalize("NFC", " ".join(texts).lower())
    letters = Counter(c for c in text if c.isalpha())
    scripts: Counter[str] = Counter()
    for letter, count in letters.items():
        scripts[unicodedata.name(letter, "UNKNOWN").split()[0].split("-")[0]] += count
    if not scripts:
        return None
    total = scripts.total()
    if scripts["HIRAGANA"] + scripts["KATAKANA"] > total / 10:
        return "ja"
    script, count = scripts.most_common(1)[0]
    if count < total / 2:
        return None
    code = SCRIPTS.get(script)
    if code is not None:
        telling = (other for other, marks in TELLING.get(code, []) if sum(letters[m] for m in marks) > total / 200)
        return next(telling, code)
    return _by_common_words(text) if script == "LATIN" else None


def is_unlikely(code: str, texts: Iterable[str]) -> bool:
    """Whether many words and hardly a common one among them speak against a language in Latin script."""
    words = _words(" ".join(texts))
    return code in COMMON and words.total() >= MANY and _share(words, code) < ENOUGH / 2


def _by_common_words(text: str) -> str | None:
    words = _words(text)
    (best, share), (_, second) = Counter({code: _share(words, code) for code in COMMON}).most_common(2)
    return best if share >= ENOUGH and share >= AHEAD * second else None


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", text.lower())))


def _share(words: Counter[str], code: str) -> float:
    return sum(words[word] for word in COMMON[code]) / max(1, words.total())
