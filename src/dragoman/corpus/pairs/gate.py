"""All rules for single pairs together: what a pair must pass, and the first that it does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dragoman.base.errors import RequestError
from dragoman.corpus.pairs.agreement import Copied, Digits, Terminal
from dragoman.corpus.pairs.batch import Bools, PairBatch
from dragoman.corpus.pairs.lengths import CharacterRatio, Characters, LongestWord, WordRatio, Words
from dragoman.corpus.pairs.letters import Alphabetic, Language, Script
from dragoman.corpus.pairs.rule import KEPT, Measured, PairRule, Verdict, numbers_at
from dragoman.corpus.pairs.scripts import known_code
from dragoman.recipe.schema import PairFilter, PairRules

Watcher = Callable[[PairRule, Measured, Bools], None]  # the rule, its numbers, which of the pairs pass
_RULES: dict[str, Callable[[Any], PairRule]] = {
    "words": Words,
    "characters": Characters,
    "longest_word": LongestWord,
    "word_ratio": WordRatio,
    "character_ratio": CharacterRatio,
    "alphabetic": Alphabetic,
    "copied": Copied,
    "digits": Digits,
    "terminal": lambda _: Terminal(),
}
_OF_LANGUAGES: dict[str, Callable[[Any, tuple[str, str]], PairRule]] = {"script": Script, "language": Language}


class PairGate:
    """The rules of a recipe that look at a pair by itself, in the order of `PairRules`. They remember nothing.

    section: the key that they stand under. Raises RequestError for a language that is not known, or not named where a
    rule needs it.
    """

    def __init__(self, pairs: PairFilter, section: str = "pairs"):
        self.rules = make_rules(pairs, section)

    def judge(self, sources: Sequence[str], targets: Sequence[str]) -> list[str | None]:
        """Of each pair the name of the first rule that it does not pass; None: it passes all."""
        return [verdict.rule for verdict in self.verdicts(PairBatch.of(sources, targets))]

    def verdicts(self, batch: PairBatch, watch: Watcher | None = None) -> list[Verdict]:
        """The same with the numbers. A rule is asked about the pairs that passed those before it.

        watch: is shown what each rule makes of its pairs.
        """
        verdicts = [KEPT] * len(batch)
        left = np.arange(len(batch))
        for rule in self.rules:
            if not len(left):
                break
            measured = rule.measure(batch)
            kept = rule.verdict(measured)
            if watch is not None:
                watch(rule, measured, kept)
            if kept.all():
                continue
            for place in np.flatnonzero(~kept):
                verdicts[left[place]] = Verdict(rule.name, numbers_at(measured, place))
            passed = np.flatnonzero(kept)
            left, batch = left[passed], batch.take(passed)
        return verdicts


def make_rules(pairs: PairFilter, section: str = "pairs") -> list[PairRule]:
    """The rules that are on, in the order of `PairRules`. Raises as PairGate does."""
    made = list[PairRule]()
    for name in PairRules.model_fields:
        settings = getattr(pairs.rules, name)
        if settings in (None, "off"):
            continue
        if name in _RULES:
            made.append(_RULES[name](settings))
        elif name in _OF_LANGUAGES:
            made.append(_OF_LANGUAGES[name](settings, _languages(pairs, section)))
    return made


def language_faults(pairs: PairFilter, section: str) -> list[RequestError]:
    """What is wrong with the languages, where a rule that is on needs them. section: the filter's key in the recipe."""
    if not any(getattr(pairs.rules, name) for name in _OF_LANGUAGES):
        return []
    if pairs.languages is None:
        said = "the rules script and language need to know the languages"
        hint = "write languages: {source: de, target: en}, or switch both rules off"
        return [RequestError(said, where=section, hint=hint)]
    found = list[RequestError]()
    for side, code in (("source", pairs.languages.source), ("target", pairs.languages.target)):
        try:
            known_code(code, f"{section}.languages.{side}")
        except RequestError as error:
            found.append(error)
    return found


def _languages(pairs: PairFilter, section: str) -> tuple[str, str]:
    for fault in language_faults(pairs, section):
        raise fault
    assert pairs.languages is not None
    return known_code(pairs.languages.source, section), known_code(pairs.languages.target, section)
