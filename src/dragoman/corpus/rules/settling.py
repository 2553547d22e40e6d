"""Which rules hold, with which thresholds: the presets' first, then the recipe's changes one by one."""

from __future__ import annotations

from functools import reduce
from typing import Any

from dragoman.base.errors import RequestError
from dragoman.corpus.rules.presets import PRESETS
from dragoman.recipe.schema import Corpus
from dragoman.recipe.schema.rules import Rules, Switched

Settings = dict[str, Any]  # of one rule, as in a recipe; what is not given is not there

NEEDED = {"stop_words": "words", "line_end": "marks", "line_phrases": "phrases", "phrases": "phrases"}
WITHOUT_LIMITS = ("line_end", "line_phrases")
FOR_LINES = ("line_longest_word", "line_end", "line_words", "line_phrases")


def settle(corpus: Corpus) -> dict[str, Settings]:
    """The settings of every rule that holds, in the order of the schema.

    Of presets that have a rule in common the stricter threshold holds, and all of their phrases. Raises RequestError
    for a rule that cannot remove anything, or that nothing could pass.
    """
    settled = {}
    for name in Rules.model_fields:
        if name == "patterns":
            continue
        stated = filter(None, (given_by(getattr(PRESETS[preset], name)) for preset in corpus.presets))
        settings: Settings = reduce(_stricter, stated, Settings())
        change: Switched | None = getattr(corpus.rules, name)
        if change is not None:
            settings = {} if change.off else _changed(settings, given_by(change))
            if name == "phrases" and settings.get("min") is None:
                settings = {"max": 0, **settings} if settings else settings
            if not change.off:
                _check(name, settings)
        if settings:
            settled[name] = settings
    return settled


def given_by(section: Switched | None) -> Settings:
    """What a section states."""
    return {} if section is None else section.model_dump(exclude_none=True, exclude_defaults=True, exclude={"off"})


def limits_of(settings: Settings) -> dict[str, tuple[float | None, float | None]]:
    """The least and the most by language, "" standing for all others."""
    stated = {"": settings} | {code: settings | own for code, own in settings.get("languages", {}).items()}
    return {code: (one.get("min"), one.get("max")) for code, one in stated.items()}


def _changed(settings: Settings, change: Settings) -> Settings:
    """`change` laid over settings: languages merge, and within each its thresholds; lists are replaced."""
    merged = settings | change
    if "words" in settings:
        merged["words"] = settings["words"] | change.get("words", {})
    if "languages" in settings:
        own, new = settings["languages"], change.get("languages", {})
        merged["languages"] = {code: own.get(code, {}) | new.get(code, {}) for code in own | new}
    return merged


def _stricter(some: Settings, others: Settings) -> Settings:
    """What passes only if it passes both."""
    if not some:
        return others
    merged = some | others | _narrower(some, others)
    if "phrases" in some:
        merged["phrases"] = list(dict.fromkeys([*some["phrases"], *others["phrases"]]))
        merged.pop("longest", None)
        if "longest" in some and "longest" in others:
            merged["longest"] = max(some["longest"], others["longest"])
    codes = some.get("languages", {}) | others.get("languages", {})
    if codes:
        both = [{code: one | one.get("languages", {}).get(code, {}) for code in codes} for one in (some, others)]
        merged["languages"] = {code: _narrower(both[0][code], both[1][code]) for code in codes}
    return merged


def _narrower(some: Settings, others: Settings) -> Settings:
    """The limits within both."""
    narrow = {}
    for key, stricter in (("min", max), ("max", min)):
        stated = [one[key] for one in (some, others) if key in one]
        if stated:
            narrow[key] = stricter(stated)
    return narrow


def _check(name: str, settings: Settings) -> None:
    where = f"corpus.rules.{name}"
    needed = NEEDED.get(name)
    if needed and not settings.get(needed):
        raise RequestError(f"this rule needs {needed}: no preset of the recipe gives them", where=where)
    if name in WITHOUT_LIMITS:
        return
    if not any(limit is not None for limits in limits_of(settings).values() for limit in limits):
        hint = "give min or max, or name a preset that has the rule"
        raise RequestError("this rule has no threshold and would remove nothing", where=where, hint=hint)
    for code, (low, high) in limits_of(settings).items():
        if low is not None and high is not None and low > high:
            of = f" for '{code}'" if code else ""
            raise RequestError(f"min {low:g} is above max {high:g}{of}: nothing could pass", where=where)
