"""What the model of the tests answers: always the same to the same request.

Asked for pairs, it writes two sentences of the phrasebook one after the other: some thousand make millions of pairs.
Asked for a translation, it looks it up.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from typing import Any

from dragoman.data.phrasebook import pairs

POOL = 1500
LEVELS = ["A1", "A2", "B1", "B2", "C1"]
COUNT = re.compile(r"Write (\d+) pair")


@cache
def pool(rows: int = POOL) -> list[tuple[str, str]]:
    """German and English."""
    return [(row["source"], row["target"]) for row in pairs(rows, "train", LEVELS)]


@cache
def dictionary() -> dict[str, str]:
    return dict(pool()) | {english: german for german, english in pool()}


def number(*parts: object) -> int:
    """A number that follows from the parts."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def asked_for(user: str) -> int:
    """How many things a prompt asks for."""
    found = COUNT.match(user)
    return int(found[1]) if found else len(json.loads(user))


def answer(user: str, schema: dict[str, Any], seed: int, fault: str | None) -> Any:
    """The JSON that is answered. fault: one that concerns what it says."""
    if fault == "schema":
        return {"sentences": ["Das ist etwas anderes."]}
    found = COUNT.match(user)
    if found is None:
        return _translations(json.loads(user), fault)
    codes = schema["properties"]["pairs"]["items"]["required"]
    written = [_written(user, seed, i, fault) for i in range(int(found[1]))]
    return {"pairs": [{code: pair[code] for code in codes} for pair in written]}


def _written(user: str, seed: int, i: int, fault: str | None) -> dict[str, str]:
    where = (0, "the same", 0) if fault == "duplicate" else (seed, user, i)
    draw = number(*where)
    (german, english), (more_german, more_english) = pool()[draw % POOL], pool()[draw // POOL % POOL]
    pair = {"de": f"{german} {more_german}", "en": f"{english} {more_english}"}
    return _spoilt(pair, fault)


def _spoilt(pair: dict[str, str], fault: str | None) -> dict[str, str]:
    if fault == "language":
        return pair | {"en": "Le chat noir dort tranquillement sur le canapé pendant que nous mangeons ensemble."}
    if fault == "meta":
        return pair | {"en": f"Translation: {pair['en']}"}
    return pair


def _translations(texts: list[dict[str, Any]], fault: str | None) -> Any:
    found = []
    for one in texts:
        text = dictionary().get(one["text"], one["text"])
        if fault == "language":
            text = "Le chat noir dort tranquillement sur le canapé pendant que nous mangeons ensemble."
        found.append({"number": one["number"], "text": f"Translation: {text}" if fault == "meta" else text})
    return {"translations": found[1:] if fault == "missing" and len(found) > 1 else found}
