"""German morphology: articles, adjective endings, nouns, verbs.

A column is a gender (m, f, n) or p for the plural; a case is nom, acc, dat or gen. All functions are pure and cached.
"""

from __future__ import annotations

from functools import cache

from dragoman.data.phrasebook.lexemes import Adjective, GermanVerb, Noun


def _table(nom: str, acc: str, dat: str, gen: str) -> dict[tuple[str, str], str]:
    rows = zip(("nom", "acc", "dat", "gen"), (nom, acc, dat, gen), strict=True)
    return {
        (case, column): "" if ending == "-" else ending
        for case, row in rows
        for column, ending in zip("mfnp", row.split(), strict=True)
    }


DEFINITE = _table("der die das die", "den die das die", "dem der dem den", "des der des der")
DIESER = _table("er e es e", "en e es e", "em er em en", "es er es er")
EIN = _table("- e - e", "en e - e", "em er em en", "es er es er")
ADJECTIVE = {
    "weak": _table("e e e en", "en e e en", "en en en en", "en en en en"),  # der alte Mann
    "mixed": _table("er e es en", "en e es en", "en en en en", "en en en en"),  # ein alter Mann
    "strong": _table("er e es e", "en e es e", "em er em en", "en er en er"),  # alter Käse
}
RELATIVE = DEFINITE | {("dat", "p"): "denen"}
CONTRACTIONS = {
    ("in", "dem"): "im",
    ("an", "dem"): "am",
    ("zu", "dem"): "zum",
    ("zu", "der"): "zur",
    ("von", "dem"): "vom",
    ("bei", "dem"): "beim",
    ("in", "das"): "ins",
    ("an", "das"): "ans",
}
SIBILANTS = ("s", "ß", "z", "x")


# ---- nouns and what stands before them -------------------------------------------------------------------------------


@cache
def decline_noun(noun: Noun, case: str, plural: bool) -> str:
    if plural:
        form = noun.german_plural
        return form + "n" if case == "dat" and not form.endswith(("n", "s")) else form
    if case == "nom":
        return noun.german
    if noun.weak:
        return noun.german + noun.weak
    return noun.genitive if case == "gen" else noun.german


@cache
def decline_adjective(adjective: Adjective, declension: str, case: str, column: str) -> str:
    """declension: weak, mixed or strong, which the determiner decides."""
    return adjective.stem + ADJECTIVE[declension][case, column]


def genitive(noun: str, gender: str) -> str:
    """The regular genitive singular: -es after sibilants and on short words, -s otherwise, nothing for feminines."""
    if gender == "f":
        return noun
    syllables = len([1 for before, letter in zip(" " + noun, noun, strict=False) if _vowel(letter) > _vowel(before)])
    short = syllables == 1 and not _vowel(noun[-1]) and noun[-1] not in "h"
    return noun + ("es" if noun.endswith(SIBILANTS) or short else "s")


def _vowel(letter: str) -> bool:
    return letter.lower() in "aeiouäöüy"


def name_genitive(name: str) -> str:
    """Annas, but Lukas'."""
    return name + ("'" if name.endswith(SIBILANTS) else "s")


def join_preposition(preposition: str, tokens: list[str]) -> list[str]:
    """in + dem Garten -> im Garten."""
    contracted = CONTRACTIONS.get((preposition, tokens[0])) if tokens else None
    return [contracted, *tokens[1:]] if contracted else [preposition, *tokens]


# ---- verbs -----------------------------------------------------------------------------------------------------------

IRREGULAR = {  # ich, du, er, wir, ihr, sie
    ("sein", "present"): "bin bist ist sind seid sind",
    ("sein", "preterite"): "war warst war waren wart waren",
    ("sein", "subjunctive"): "wäre wärst wäre wären wärt wären",
    ("sein", "reported"): "sei seist sei seien seiet seien",
    ("haben", "present"): "habe hast hat haben habt haben",
    ("haben", "preterite"): "hatte hattest hatte hatten hattet hatten",
    ("haben", "subjunctive"): "hätte hättest hätte hätten hättet hätten",
    ("haben", "reported"): "habe habest habe hätten habet hätten",
    ("werden", "present"): "werde wirst wird werden werdet werden",
    ("werden", "preterite"): "wurde wurdest wurde wurden wurdet wurden",
    ("werden", "subjunctive"): "würde würdest würde würden würdet würden",
    ("werden", "reported"): "werde werdest werde würden würdet würden",
    ("können", "present"): "kann kannst kann können könnt können",
    ("können", "preterite"): "konnte konntest konnte konnten konntet konnten",
    ("können", "subjunctive"): "könnte könntest könnte könnten könntet könnten",
    ("müssen", "present"): "muss musst muss müssen müsst müssen",
    ("müssen", "preterite"): "musste musstest musste mussten musstet mussten",
    ("müssen", "subjunctive"): "müsste müsstest müsste müssten müsstet müssten",
    ("wollen", "present"): "will willst will wollen wollt wollen",
    ("wollen", "preterite"): "wollte wolltest wollte wollten wolltet wollten",
    ("dürfen", "present"): "darf darfst darf dürfen dürft dürfen",
    ("dürfen", "preterite"): "durfte durftest durfte durften durftet durften",
    ("dürfen", "subjunctive"): "dürfte dürftest dürfte dürften dürftet dürften",
    ("sollen", "present"): "sollte solltest sollte sollten solltet sollten",  # the phrasebook's "should"
    ("sollen", "subjunctive"): "sollte solltest sollte sollten solltet sollten",
    ("mögen", "present"): "möchte möchtest möchte möchten möchtet möchten",  # the phrasebook's "would like to"
    ("wissen", "present"): "weiß weißt weiß wissen wisst wissen",
    ("wissen", "subjunctive"): "wüsste wüsstest wüsste wüssten wüsstet wüssten",
}
FORMS = {key: tuple(forms.split()) for key, forms in IRREGULAR.items()}


@cache
def conjugate(verb: GermanVerb, form: str, person: int, plural: bool) -> str:
    """The finite form without its separable prefix. form: present, preterite, subjunctive or reported."""
    infinitive = verb.infinitive.removeprefix(verb.prefix)
    index = person - 1 + 3 * plural
    if forms := FORMS.get((infinitive, form)):
        return forms[index]
    if form == "present":
        return _present(infinitive, verb.changed, index)
    if form == "preterite":
        return _preterite(verb.preterite, index)
    raise ValueError(f"{verb.infinitive} has no {form}: say it with werden")


def _present(infinitive: str, changed: str, index: int) -> str:
    short = infinitive.endswith(("eln", "ern"))  # wandern, sammeln
    stem = infinitive[:-1] if short else infinitive[:-2]
    if index in (3, 5):
        return infinitive
    if index == 0:
        return infinitive[:-3] + "le" if infinitive.endswith("eln") else stem + "e"
    link = "e" if needs_link(stem) else ""
    if index == 4:
        return stem + link + "t"
    stem, link = (changed, "") if changed else (stem, link)
    if index == 1:
        return stem + link + ("t" if stem.endswith(SIBILANTS) else "st")
    return stem if changed.endswith("t") else stem + link + "t"


def _preterite(form: str, index: int) -> str:
    weak = form.endswith("e")  # kaufte, dachte
    if index in (0, 2):
        return form
    if index in (3, 5):
        return form + ("n" if weak else "en")
    return form + (("st" if index == 1 else "t") if weak else ("est" if index == 1 and form[-1] in "sßztd" else "st"))


def needs_link(stem: str) -> bool:
    """arbeit-e-t, öffn-e-t, but lern-t, wohn-t."""
    if stem.endswith(("t", "d")):
        return True
    return stem[-1] in "nm" and stem[-2] not in "aeiouäöülrhnm"


@cache
def zu_infinitive(verb: GermanVerb) -> tuple[str, ...]:
    """("zu", "lesen"), but ("einzukaufen",)."""
    bare = verb.infinitive.removeprefix(verb.prefix)
    return (f"{verb.prefix}zu{bare}",) if verb.prefix else ("zu", bare)


@cache
def imperative(verb: GermanVerb) -> str:
    """The du form without its prefix: lies, nimm, kauf, warte."""
    infinitive = verb.infinitive.removeprefix(verb.prefix)
    if "i" in verb.changed:
        return verb.changed
    stem = infinitive[:-1] if infinitive.endswith(("eln", "ern")) else infinitive[:-2]
    return stem + "e" if needs_link(stem) or infinitive.endswith(("eln", "ern")) else stem


@cache
def regular_verb(infinitive: str, prefix: str, auxiliary: str) -> GermanVerb:
    """A weak verb from its infinitive alone: kaufen, kaufte, gekauft."""
    bare = infinitive.removeprefix(prefix)
    stem = bare[:-1] if bare.endswith(("eln", "ern")) else bare[:-2]
    link = "e" if needs_link(stem) else ""
    unstressed = bare.startswith(("be", "ver", "er", "ent", "unter")) or bare.endswith("ieren")
    participle = f"{prefix}{'' if unstressed else 'ge'}{stem}{link}t"
    return GermanVerb(infinitive, f"{stem}{link}te", participle, prefix=prefix, auxiliary=auxiliary)
