"""Clauses: a verb, its subject and its other parts, ordered and conjugated for each language.

- German: the finite verb second, first (questions) or last (subordinate clauses); between it and the other verbs the
  parts in the order of `RANKS`; kein on an indefinite object, otherwise nicht before manner, place and predicate.
- English: subject, verb group, object, manner, place, time; "do" for questions and negation; often, never inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol

from dragoman.data.phrasebook import english as en
from dragoman.data.phrasebook import german as de
from dragoman.data.phrasebook.lexemes import EnglishVerb, GermanVerb, Verb
from dragoman.data.phrasebook.nominals import REFLEXIVE, Nominal, NounPhrase, Phrase, Pronoun

SEIN = GermanVerb("sein", "war", "gewesen", auxiliary="sein")
HABEN = GermanVerb("haben", "hatte", "gehabt")
WERDEN = GermanVerb("werden", "wurde", "geworden", auxiliary="sein")
PASSIVE = GermanVerb("werden", "wurde", "worden", auxiliary="sein")


class Tense(NamedTuple):
    """german: the auxiliary layer ("perfect", "werden" or none) and the finite form. english: the same."""

    layer: str
    form: str
    english_layers: tuple[EnglishVerb, ...]
    english_form: str


PRESENT = Tense("", "present", (), "present")
PRETERITE = Tense("", "preterite", (), "past")
PERFECT = Tense("perfect", "present", (), "past")  # ich habe gekauft: I bought
EXPERIENCE = Tense("perfect", "present", (en.HAVE,), "present")  # ich habe schon gekauft: I have already bought
PLUPERFECT = Tense("perfect", "preterite", (en.HAVE,), "past")
FUTURE = Tense("werden", "present", (en.WILL,), "present")
WOULD = Tense("würde", "subjunctive", (en.WOULD,), "present")
IF = Tense("würde", "subjunctive", (), "unreal")
WOULD_HAVE = Tense("perfect", "subjunctive", (en.WOULD, en.HAVE), "present")
IF_HAD = Tense("perfect", "subjunctive", (en.HAVE,), "past")
REPORTED = Tense("perfect", "reported", (en.HAVE,), "present")  # er habe gekauft: that he has bought


class Modal(NamedTuple):
    """links: the English verbs, each with the form that the next one takes."""

    german: GermanVerb
    links: tuple[en.Link, ...]
    conditional: tuple[en.Link, ...] = ()


def _modal(infinitive: str) -> GermanVerb:
    return GermanVerb(infinitive, "", "")


CAN = Modal(_modal("können"), ((en.CAN, "base", True),), ((en.COULD, "base", True),))
MUST = Modal(_modal("müssen"), ((en.HAVE, "to", False),))
WANT = Modal(_modal("wollen"), ((en.WANT, "to", False),))
MAY = Modal(_modal("dürfen"), ((en.ALLOWED, "to", True),))
SHOULD = Modal(_modal("sollen"), ((en.SHOULD, "base", True),))
WOULD_LIKE = Modal(_modal("mögen"), ((en.WOULD, "base", True), (en.LIKE, "to", False)))
PRESENT_MODALS = (CAN, MUST, WANT, MAY, SHOULD, WOULD_LIKE)
PAST_MODALS = (MUST, WANT, MAY)

RANKS = {  # role: German rank in the middle field, English rank after the verb
    "indirect": (20, 10),
    "indirect to": (20, 22),
    "object": (50, 20),
    "by": (55, 25),
    "manner": (70, 30),
    "skill": (78, 35),
    "company": (75, 60),
    "instrument": (76, 58),
    "place": (80, 70),
    "about": (95, 40),
    "direction": (96, 50),
    "predicate": (98, 20),
    "please": (15, 0),
    "kindly": (15, -1),
    "cause": (45, 80),
    "often": (42, -1),
    "already": (54, -1),
    "time": (40, 90),
}
PRONOUN, DEFINITE_NEGATED, GERN, NICHT, NICHT_GERN, INDEFINITE = 10, 30, 48, 60, 61, 90


class Part(NamedTuple):
    """A phrase and its role in the clause (a key of RANKS)."""

    role: str
    phrase: Phrase
    case: str = "acc"


class Tail(Protocol):
    """What follows the clause: a subordinate or coordinate clause, with its comma."""

    def german(self) -> Sequence[str]: ...

    def english(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Clause:
    """front: stands first (a time, a question word). gern: "likes doing". progressive: English "is doing".

    order (of `german` and `english`): main, question, subordinate, inverted (main, after a subordinate clause),
    infinitive (zu, to), imperative or, in English, gerund.
    """

    subject: Nominal
    verb: Verb
    parts: tuple[Part, ...] = ()
    tense: Tense = PRESENT
    modal: Modal | None = None
    passive: bool = False
    negated: bool = False
    gern: bool = False
    progressive: bool = False
    front: Part | None = None
    tail: Tail | None = None

    # ---- German ----

    def german(self, order: str = "main") -> list[str]:
        middle, negation_done = self._german_parts()
        rest, finite, prefix = self._german_verbs(order)
        if self.gern:
            middle.append((NICHT_GERN if self.negated else GERN, ("gern",)))
        fixed = self.verb.fixed
        if self.negated and not negation_done:
            if self.verb.fixed_negated:
                fixed = self.verb.fixed_negated
            else:
                middle.append((NICHT, ("nicht",)))
        middle.sort(key=_rank)
        light = [word for rank, words in middle if rank == PRONOUN for word in words]
        field = [word for rank, words in middle if rank != PRONOUN for word in words]
        field.extend(fixed)
        subject = self.subject.german("nom")
        front = self.front.phrase.german(self.front.case) if self.front else ()
        if self.verb.reflexive:
            reflexive = REFLEXIVE.get((self.subject.person, self.subject.plural), "sich")
            light.insert(0, reflexive)
        match order:
            case "subordinate":
                tokens = [*front, *subject, *light, *field, *rest, *finite]
            case "infinitive":
                tokens = [*light, *field, *rest, *finite]
            case "imperative":
                tokens = [*finite, *light, *field, *prefix]
            case "main" if not front:
                tokens = [*subject, *finite, *light, *field, *rest, *prefix]
            case _:  # light words come before a noun, but after a pronoun: heute hilft mir Anna, heute hilft sie mir
                both = (*subject, *light) if isinstance(self.subject, Pronoun) else (*light, *subject)
                tokens = [*front, *finite, *both, *field, *rest, *prefix]
        if self.tail:
            tokens.extend(self.tail.german())
        return tokens

    def _german_parts(self) -> tuple[list[tuple[int, Sequence[str]]], bool]:
        middle: list[tuple[int, Sequence[str]]] = []
        done = False
        for role, phrase, case in self.parts:
            rank = RANKS[role][0]
            if role in ("object", "indirect", "indirect to") and isinstance(phrase, Pronoun):
                rank = PRONOUN
            elif role == "object" and isinstance(phrase, NounPhrase):
                if phrase.indefinite:
                    rank = INDEFINITE
                    if self.negated and not self.gern:  # ich lese nicht gern Romane
                        phrase, done = phrase.negated(False), True
                elif self.negated:
                    rank = DEFINITE_NEGATED
            middle.append((rank, phrase.german(case)))
        return middle, done

    def _german_verbs(self, order: str) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
        """The verbs at the end, the finite one, and the prefix that it leaves behind."""
        main = self.verb.german
        if order == "infinitive":
            return [], de.zu_infinitive(main), ()
        if order == "imperative":
            return [], (de.imperative(main),), (main.prefix,) if main.prefix else ()
        layer, form = self.tense.layer, self.tense.form
        if layer == "würde":
            layer = "" if self.modal or main.infinitive in ("sein", "haben") else "werden"
        chain = [main]  # from the inside out; the last is finite
        if self.passive:
            chain.append(PASSIVE)
        if layer == "perfect":
            chain.append(SEIN if chain[-1].auxiliary == "sein" else HABEN)
        if self.modal:
            chain.append(self.modal.german)
        if layer == "werden":
            chain.append(WERDEN)
        finite = de.conjugate(chain[-1], form, self.subject.person, self.subject.plural)
        if len(chain) == 1:
            if order == "subordinate":
                return [], (main.prefix + finite,), ()
            return [], (finite,), (main.prefix,) if main.prefix else ()
        rest = [
            verb.participle if outer is PASSIVE or outer is SEIN or outer is HABEN else verb.infinitive
            for verb, outer in pairwise(chain)
        ]
        return rest, (finite,), ()

    # ---- English ----

    def english(self, order: str = "main") -> list[str]:
        partitive = self.verb.state or self.tense.english_form == "past"
        negated, partly = self.negated, self.negated and not self.gern
        after: list[tuple[int, Sequence[str]]] = []
        often: Sequence[str] = ()
        for role, phrase, case in self.parts:
            if RANKS[role][1] < 0:
                often = phrase.english(case)
                continue
            if partly and role == "object" and isinstance(phrase, NounPhrase) and phrase.indefinite:
                phrase = phrase.negated(partitive)
            words = phrase.english(case)
            after.append((RANKS[role][1], ("to", *words) if role == "indirect to" else words))
        after.sort(key=_rank)
        behind = [word for _, words in after for word in words]
        form = {"infinitive": "base", "imperative": "base", "gerund": "ing"}.get(order, self.tense.english_form)
        inverted = order == "question"
        subject = self.subject
        head, verbs = en.verb_group(self._chain(), form, subject.person, subject.plural, negated, inverted)
        front = self.front.phrase.english(self.front.case) if self.front else ()
        if order in ("infinitive", "imperative", "gerund"):
            tokens = [*often, *verbs, *behind]
            if order == "infinitive":
                tokens.insert(0, "to")
        elif inverted:
            tokens = [*front, *head, *subject.english("nom"), *often, *verbs, *behind]
        else:
            tokens = [*front, *subject.english("nom"), *head, *often, *verbs, *behind]
        if self.tail:
            tokens.extend(self.tail.english())
        return tokens

    def _chain(self) -> tuple[en.Link, ...]:
        return tuple(self._links())

    def _links(self) -> Iterator[en.Link]:
        layers = self.tense.english_layers
        if self.modal:
            if (en.WOULD in layers and self.modal.conditional) or (self.tense is IF and self.modal.conditional):
                yield from self.modal.conditional
                layers = ()
            else:
                if layers:
                    yield (layers[0], "base", True)
                    layers = ()
                yield from self.modal.links
        for layer in layers:
            yield (layer, "participle" if layer is en.HAVE else "base", True)
        if self.gern:
            yield (en.LIKE, "ing", False)
        if self.progressive and not self.verb.state:
            yield (en.BE, "ing", True)
        if self.passive:
            yield (en.BE, "participle", True)
        yield (self.verb.english, "", self.verb.english.base == "be")


def _rank(item: tuple[int, Sequence[str]]) -> int:
    return item[0]
