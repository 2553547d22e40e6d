"""What stands before a noun: articles, possessives, numerals, in both languages."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dragoman.data.phrasebook import german as de


@dataclass(frozen=True, slots=True, eq=False)
class Determiner:
    """forms: by case and column. adjective: the declension of adjectives after it, one for singular, one for plural."""

    forms: dict[tuple[str, str], str]
    adjective: tuple[str, str]
    english: tuple[str, str]  # singular, plural
    indefinite: bool = False


def _like_ein(stem: str, english: str) -> Determiner:
    forms = {key: stem + ending for key, ending in de.EIN.items()}
    return Determiner(forms, ("mixed", "mixed"), (english, english))


def _like_dieser(stem: str, english: tuple[str, str]) -> Determiner:
    return Determiner({key: stem + ending for key, ending in de.DIESER.items()}, ("weak", "weak"), english)


def _numeral(german: str, english: str) -> Determiner:
    return Determiner(dict.fromkeys(de.EIN, german), ("strong", "strong"), (english, english))


THE = Determiner(de.DEFINITE, ("weak", "weak"), ("the", "the"))
A = Determiner(
    {(case, column): "" if column == "p" else "ein" + ending for (case, column), ending in de.EIN.items()},
    ("mixed", "strong"),
    ("a", ""),
    indefinite=True,
)
BARE = Determiner(dict.fromkeys(de.EIN, ""), ("strong", "strong"), ("", ""), indefinite=True)
NO_A, NO, NO_ANY = _like_ein("kein", "a"), _like_ein("kein", ""), _like_ein("kein", "any")  # with "not" on the verb
MY, YOUR, HIS, HER, OUR, THEIR = (
    _like_ein(german, english)
    for german, english in zip(
        ("mein", "dein", "sein", "ihr", "unser", "ihr"), ("my", "your", "his", "her", "our", "their"), strict=True
    )
)
YOUR_ALL = replace(YOUR, forms={key: "eur" + ending if ending else "euer" for key, ending in de.EIN.items()})
THIS = _like_dieser("dies", ("this", "these"))
NUMERALS = tuple(
    _numeral(german, english)
    for german, english in zip(
        ("zwei", "drei", "vier", "fünf", "sechs"), ("two", "three", "four", "five", "six"), strict=True
    )
)
