"""In which scripts languages are written, and which languages cannot be told apart in a sentence.

The codes are those that the language identification knows (ISO 639-1 where there is one, else ISO 639-3).
"""

from __future__ import annotations

from dragoman.base.errors import RequestError
from dragoman.corpus.pairs.characters import MARKS

_WRITTEN = {
    "Latin": "af als an ast az bar bcl br bs ca cbk ceb co cs cy da de diq dsb eml en eo es et eu fi fr frr fy ga "
    "gd gl gn gv hif hr hsb ht hu ia id ie ilo io is it jbo jv ku kw la lb li lmo lt lv mg min ms mt mwl "
    "nah nap nds nl nn no oc pam pfl pl pms pt qu rm ro sc scn sco sh sk sl so sq sr su sv sw tk tl tr tt "
    "uz vec vep vi vls vo wa war yo",
    "Cyrillic": "av ba be bg bxr ce cv kk krc ky kv lez mhr mk mn mrj myv os ru rue sah sh sr tg tt tyv uk uz xal az",
    "Greek": "el",
    "Armenian": "hy",
    "Hebrew": "he yi",
    "Arabic": "ar arz azb ckb fa lrc mzn pnb ps sd ug ur ks ku",
    "Thaana": "dv",
    "Devanagari": "bh gom hi mai mr ne new sa",
    "Bengali": "as bn bpy",
    "Gurmukhi": "pa",
    "Gujarati": "gu",
    "Oriya": "or",
    "Tamil": "ta",
    "Telugu": "te",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Sinhala": "si",
    "Thai": "th",
    "Lao": "lo",
    "Tibetan": "bo",
    "Myanmar": "my",
    "Georgian": "ka xmf",
    "Hangul": "ko",
    "Ethiopic": "am",
    "Khmer": "km",
    "Kana": "ja",
    "Han": "zh yue wuu ja ko",
}
_SCRIPTS: dict[str, str] = {}
for _script, _codes in _WRITTEN.items():
    for _code in _codes.split():
        _SCRIPTS[_code] = _SCRIPTS.get(_code, "") + MARKS[_script]

_OTHER_NAMES = {"nb": "no", "iw": "he", "in": "id", "fil": "tl", "cmn": "zh", "arb": "ar", "swh": "sw", "pes": "fa"}
_TAKEN_FOR = {
    "no": "nn da", "nn": "no", "hr": "bs sr sh", "bs": "hr sr sh", "sr": "hr bs sh", "sh": "hr bs sr", "id": "ms",
    "ms": "id", "zh": "yue wuu", "yue": "zh", "wuu": "zh", "ar": "arz", "arz": "ar", "de": "als bar",
    "hi": "bh mai mr ne",
}  # fmt: skip


def known_code(code: str, where: str) -> str:
    """The code as the language identification has it: pt of pt-BR. Raises RequestError for an unknown one."""
    plain = code.replace("_", "-").partition("-")[0].lower()
    plain = _OTHER_NAMES.get(plain, plain)
    if plain not in _SCRIPTS:
        hint = "write its code in ISO 639, such as de, en, hi or zh"
        raise RequestError(
            f"there is no language '{code}' among the {len(_SCRIPTS)} known ones", where=where, hint=hint
        )
    return plain


def scripts_of(code: str) -> str:
    """The marks of the scripts of a known language (see `characters`)."""
    return _SCRIPTS[code]


def alike(code: str) -> frozenset[str]:
    """The languages that a sentence in this one is often taken for, itself among them."""
    return frozenset({code, *_TAKEN_FOR.get(code, "").split()})
