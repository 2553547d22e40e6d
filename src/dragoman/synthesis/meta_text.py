"""What a model says instead of what it was asked for: refusals, labels, remarks, placeholders, mark-up."""

from __future__ import annotations

import re

_LABELS = (
    r"translations?|übersetzung(?:en)?|traduction|traducción|traduzione|tradução|перевод|अनुवाद|"
    r"source|target|sentence|satz|pair|paar|original|output|antwort|answer|text"
)
_PATTERNS = {
    "refusal": re.compile(
        r"\bas an (?:ai|artificial intelligence)(?: (?:language )?model| assistant)|\bas an ai, i\b|"
        r"\bi(?:'m| am)(?: just| only)? an? (?:ai|(?:large )?language model)\b|"
        r"\bi (?:cannot|can't|am unable to) (?:assist with|comply with|fulfil+|translate|generate|provide|process) "
        r"(?:this|that|your|the|such) (?:request|text|content|translation|sentence)|"
        r"\bals (?:ein(?:e)? )?(?:ki|künstliche intelligenz|sprachmodell|ki-\w+)\b,? (?:kann|habe|bin|darf) ich\b|"
        r"\bich (?:kann|darf) (?:diese|ihre|deine) anfrage nicht\b|\bdiesen text (?:kann|darf) ich nicht übersetzen\b",
        re.IGNORECASE,
    ),
    "label": re.compile(rf"^\W*(?:{_LABELS})\s*(?:\d+\s*)?(?:\([^)]*\)\s*)?:|^\W*(?:\d+\)|\[\d+\])\s", re.IGNORECASE),
    "remark": re.compile(
        r"^\W*(?:here(?:'s| is| are)|hier (?:ist|sind|folgt)|voici) "
        r"(?:the|your|a|an|my|die|der|eine|deine|ihre|la|votre) (?:\w+ )?"
        r"(?:translation|translated|übersetz|pairs?|sentence|traduction)|"
        r"[(\[](?:(?:note|translator's note|anm(?:erkung)?\.?|hinweis|literally|wörtlich)\s*:|lit\.\s)|"
        r"^\W*(?:note|anmerkung|hinweis)\s*:",
        re.IGNORECASE,
    ),
    "placeholder": re.compile(
        r"[\[{<](?:[a-zäöü]+'?s? )?(?:name|names|ort|datum|date|place|city|stadt|company|firma|number|zahl|time|"
        r"uhrzeit|title|titel|product|produkt|insert[^\]}>]*|x+)[\]}>]|\blorem ipsum\b|_{3,}|\bxxx+\b",
        re.IGNORECASE,
    ),
    "mark-up": re.compile(
        r"```|\*\*|__\w|</?[a-z]{1,10}(?:\s[^<>]*)?/?>|^#{1,6}\s|^\s*[-*•]\s|\\[nrtu\"]|\"\s*[:}\]]\s*[\"{\[]",
        re.IGNORECASE,
    ),
}


def meta_text(text: str, given: str | None = None) -> str | None:
    """What kind of it stands in a text; None: none. given: what it translates; if that has it, so may the text."""
    for kind, pattern in _PATTERNS.items():
        if pattern.search(text) and not (given is not None and pattern.search(given)):
            return kind
    return None
