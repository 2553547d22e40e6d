"""All rules for single pairs together: what a pair must pass, and the first that it does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from dragoman.base.errors import RequestError
from dragoman.corpus.pairs.agreement import Copied, Digits, Terminal
from dragoman.corpus.pairs.batch import Bools, PairBatch
from dragoman.corpus.pairs.lengths import CharacterRatio, Characters, LongestWord, WordRatio, Words
from dragoman.corpus.pairs.letters import Alphabetic, Language, Script
from dragoman.corpus.pairs.rule import KEPT, Measured, PairRule, Verdict, numbers_at
from dragoman.corpus.pairs.scripts import known_code
from dragoman.recipe.schema import PairFilter

Watcher = Callable[[PairRule, Measured, Bools], None]  # the rule, its numbers, which of the pairs pass


class PairGate:
    """The rules of a recipe that look at a pair by itself, in the order of `PairRules`. They remember nothing.

    Raises RequestError for a language that is not known, or not named where a rule needs it.
    """

    def __init__(self, pairs: PairFilter):
        self.rules = make_rules(pairs)

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


def make_rules(pairs: PairFilter) -> list[PairRule]:
    """The rules that are on, in the order of `PairRules`. Raises as PairGate does."""
    rules, made = pairs.rules, list[PairRule]()
    if rules.words:
        made.append(Words(rules.words))
    if rules.characters:
        made.append(Characters(rules.characters))
    if rules.longest_word:
        made.append(LongestWord(rules.longest_word))
    if rules.word_ratio:
        made.append(WordRatio(rules.word_ratio))
    if rules.character_ratio:
        made.append(CharacterRatio(rules.character_ratio))
    if rules.alphabetic:
        made.append(Alphabetic(rules.alphabetic))
    if rules.script:
        made.append(Script(rules.script, _languages(pairs)))
    if rules.copied:
        made.append(Copied(rules.copied))
    if rules.digits:
        made.append(Digits(rules.digits))
    if rules.terminal == "on":
        made.append(Terminal())
    if rules.language:
        made.append(Language(rules.language, _languages(pairs)))
    return made


def _languages(pairs: PairFilter) -> tuple[str, str]:
    if pairs.languages is None:
        raise RequestError(
            "the rules script and language need to know the languages", where="pairs",
            hint="write languages: {source: de, target: en}, or switch both rules off",
        )  # fmt: skip
    return (
        known_code(pairs.languages.source, "pairs.languages.source"),
        known_code(pairs.languages.target, "pairs.languages.target"),
    )
