"""Which two columns of a file are a source and its target: guessed from their names and from what stands in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from statistics import fmean

from dragoman.planning.languages import NAMES, guess_language, is_unlikely, language_of_name, same_script

SOURCE_WORDS = {"source", "src", "input", "original", "from", "question", "prompt"}
TARGET_WORDS = {"target", "tgt", "trg", "output", "translation", "translated", "to", "answer", "response", "reference"}
LANGUAGE_SAMPLE = 300  # texts that a language is guessed from
MIN_DISTINCT = 0.2  # a column with fewer different values is a label, not a text
SENTENCE_END = re.compile(r"[.!?…。！？।]$")
NAME_WORDS = 5  # more make no name of a column
LETTERS = 0.4  # share of letters in text
CANDIDATES = 50  # columns that are looked at


@dataclass(frozen=True)
class Column:
    """What a sample says about a column. language: its code; by_name: whether the column's name told it."""

    name: str
    texts: Sequence[str]
    language: str | None
    by_name: bool

    @cached_property
    def mean_length(self) -> float:
        """In characters."""
        return fmean(map(len, self.texts)) if self.texts else 0.0

    @cached_property
    def letters(self) -> float:
        """The share of letters and vowel signs in its texts."""
        characters = "".join(self.texts[:LANGUAGE_SAMPLE])
        return sum(unicodedata.category(c)[0] in "LM" for c in characters) / max(1, len(characters))

    @property
    def is_text(self) -> bool:
        """Whether it holds sentences, rather than numbers, addresses, or a few labels again and again."""
        several = len(set(self.texts)) > MIN_DISTINCT * len(self.texts)
        addresses = sum("://" in text[:10] for text in self.texts)
        return several and self.letters > LETTERS and addresses < len(self.texts) / 2

    def why_language(self, short: bool = False) -> str:
        if self.language is None:
            return "the language could not be told"
        how = "by its name" if self.by_name else "by its letters and words"
        return f"looks {NAMES[self.language]} {how}" if short else f"guessed {how}"

    @cached_property
    def role(self) -> str | None:
        """ "source" or "target" where the name says so; of a nested column the last part counts."""
        words = set(re.findall(r"[^\W\d_]+", self.name.rsplit(".", 1)[-1].lower()))
        return "source" if words & SOURCE_WORDS else "target" if words & TARGET_WORDS else None


@dataclass(frozen=True)
class Pair:
    """The guess. sure: whether a name or two different languages speak for it, and not just that both hold text."""

    source: Column
    target: Column
    sure: bool


def is_sentence(name: str) -> bool:
    """Whether a column's name reads like a cell: in a file without a header the first row is taken for one."""
    return SENTENCE_END.search(name) is not None or len(name.split()) > NAME_WORDS


def describe_column(name: str, texts: Sequence[str]) -> Column:
    """A column with its language: the one its name mentions, unless the texts speak against that."""
    named, some = language_of_name(name), texts[:LANGUAGE_SAMPLE]
    found = guess_language(some)
    if named is None or (found is not None and not same_script(named, found)) or is_unlikely(named, some):
        return Column(name, texts, found, by_name=False)
    return Column(name, texts, named, by_name=True)


def guess_pair(columns: Sequence[Column]) -> Pair | None:
    """The likeliest source and target, or None where there are not two columns with text."""
    candidates = [(i, column) for i, column in enumerate(columns[:CANDIDATES]) if column.is_text]
    pairs = [(_score(s, t, j - i), s, t) for (i, s), (j, t) in permutations(candidates, 2)]
    if not pairs:
        return None
    _, source, target = max(pairs, key=lambda pair: pair[0])
    roles = source.role == "source" and target.role == "target"
    languages = None not in (source.language, target.language) and source.language != target.language
    return Pair(source, target, sure=roles or languages)


def _score(source: Column, target: Column, distance: int) -> float:
    """How well two columns go together. Roles weigh most, then languages, then lengths, letters, order and nearness."""
    score = 4.0 * ((source.role == "source") + (target.role == "target"))
    score -= 4.0 * ((source.role == "target") + (target.role == "source"))
    if source.language and target.language:
        score += 3.0 if source.language != target.language else -3.0
    score += source.by_name + target.by_name
    lengths = sorted((source.mean_length, target.mean_length))
    score += 2.0 * lengths[0] / lengths[1] + 2.0 * min(source.letters, target.letters)
    return score + (0.5 if distance > 0 else 0.0) - 0.1 * abs(distance)
