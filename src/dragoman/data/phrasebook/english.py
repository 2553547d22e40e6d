"""English morphology: articles, nouns, verbs and the verb group with its auxiliaries. British spelling."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from dragoman.data.phrasebook.lexemes import EnglishVerb

VOWELS = "aeiou"
SOUNDS_LIKE_CONSONANT = ("uni", "use", "eu", "one")
SILENT_H = ("hour", "honest")


def article(following: str) -> str:
    """a or an, by the sound of the next word."""
    word = following.lower()
    vowel = word[0] in VOWELS and not word.startswith(SOUNDS_LIKE_CONSONANT)
    return "an" if vowel or word.startswith(SILENT_H) else "a"


@cache
def plural(noun: str) -> str:
    """The regular plural."""
    if noun.endswith("y") and noun[-2] not in VOWELS:
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def possessive(tokens: list[str], plural: bool) -> list[str]:
    """the teacher -> the teacher's; the teachers -> the teachers'."""
    *before, last = tokens
    return [*before, last + ("'" if plural and last.endswith("s") else "'s")]


def comparative(adjective: str) -> tuple[str, ...]:
    """The regular comparative of a short adjective, or with "more"."""
    if adjective.endswith("y") and adjective[-2] not in VOWELS:
        return (adjective[:-1] + "ier",)
    letters = " " + adjective.removesuffix("e")
    if sum(letter in VOWELS and before not in VOWELS for before, letter in pairwise(letters)) > 1:  # syllables
        return ("more", adjective)
    return (_before_vowel(adjective) + "er",)


def regular_verb(base: str, past: str = "", participle: str = "") -> EnglishVerb:
    """A verb from its base form and what is irregular about it."""
    third = plural(base) + ("es" if base.endswith("o") and base in ("go", "do") else "")
    third = {"have": "has", "go": "goes", "do": "does"}.get(base, third)
    regular = base[:-1] + "ied" if base.endswith("y") and base[-2] not in VOWELS else _before_vowel(base) + "ed"
    ing = base[:-2] + "ying" if base.endswith("ie") else _before_vowel(base) + "ing"
    past = past or regular
    return EnglishVerb(base, third, past, participle or past, ing)


def _before_vowel(word: str) -> str:
    """make -> mak-, stop -> stopp-, see -> see-."""
    if word.endswith("e") and not word.endswith("ee"):
        return word[:-1]
    if word in DOUBLED:
        return word + word[-1]
    return word


DOUBLED = frozenset(["get", "sit", "swim", "run", "win", "plan", "stop", "put", "begin", "forget", "hot", "big", "sad"])

BE = EnglishVerb("be", "is", "was", "been", "being")
HAVE = regular_verb("have", "had")
WILL = EnglishVerb("will", "will", "would", "", "")
WOULD = EnglishVerb("would", "would", "would", "", "")
CAN = EnglishVerb("can", "can", "could", "", "")
COULD = EnglishVerb("could", "could", "could", "", "")
SHOULD = EnglishVerb("should", "should", "should", "", "")
DO = EnglishVerb("do", "does", "did", "done", "doing")
LIKE = regular_verb("like")
WANT = regular_verb("want")
ALLOWED = EnglishVerb("be", "is", "was", "been", "being", ("allowed",))
NEGATED = {"can": "can't", "will": "won't", "am": "am not"}


@cache
def conjugate(verb: EnglishVerb, form: str, person: int, plural: bool) -> str:
    """form: present, past, unreal (if I were), base, participle or ing."""
    if form in ("base", "participle", "ing"):
        return getattr(verb, form)
    if verb.base == "be":
        if form == "present":
            return "are" if plural or person == 2 else "am" if person == 1 else "is"
        return "were" if plural or person == 2 or form == "unreal" else "was"
    if form != "present":
        return verb.past
    return verb.third if person == 3 and not plural else verb.base


Link = tuple[EnglishVerb, str, bool]  # a verb, the form the next verb takes ("" for the last), is it an auxiliary
DO_SUPPORT: Link = (DO, "base", True)


@cache
def verb_group(
    chain: tuple[Link, ...], form: str, person: int, plural: bool, negated: bool, inverted: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A chain of verbs in order, the first in `form`; "to" is put in where a link asks for it.

    Returns what stands before an inverted subject (or before a mid-position adverb) and the rest. Without an auxiliary
    the first part is empty, unless negation or inversion calls in "do".
    """
    finite = form in ("present", "past", "unreal")
    if finite and (negated or inverted) and not chain[0][2]:
        chain = (DO_SUPPORT, *chain)
    head: tuple[str, ...] = ()
    words: list[str] = []
    for i, (verb, _, auxiliary) in enumerate(chain):
        wanted = form if i == 0 else chain[i - 1][1]
        if wanted == "to":
            words.append("to")
            wanted = "base"
        word = conjugate(verb, wanted, person, plural)
        if i == 0 and auxiliary and finite:
            head = (_negate(word),) if negated else (word,)
        else:
            words.append(word)
        words.extend(verb.particle)
    return head, tuple(words)


def _negate(word: str) -> str:
    return NEGATED.get(word, word + "n't")
