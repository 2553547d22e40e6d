"""The rules of a recipe, ready to run."""

from __future__ import annotations

from dragoman.corpus.rules.editing import (
    LINE_COUNTS,
    LineEnd,
    LineLimits,
    LineRule,
    LineRules,
    WithoutPattern,
    WithoutPhrases,
)
from dragoman.corpus.rules.ngrams import DuplicateNgrams, TopNgram
from dragoman.corpus.rules.patterns import LinePattern, LinesWithPhrases
from dragoman.corpus.rules.quality import COUNTS, Counted
from dragoman.corpus.rules.repetition import DuplicateSpans
from dragoman.corpus.rules.rule import Limits, Rule
from dragoman.corpus.rules.settling import FOR_LINES, Settings, limits_of, settle
from dragoman.corpus.rules.stopwords import StopWords
from dragoman.recipe.schema import Corpus
from dragoman.recipe.schema.rules import Rules


def make_rules(corpus: Corpus) -> list[Rule]:
    """The rules for documents, in the order of the schema: what is cheap to measure comes first.

    Raises RequestError for a rule that makes no sense, such as one without a threshold.
    """
    settled = settle(corpus)
    rules: list[Rule] = []
    for name in Rules.model_fields:
        if name == "patterns":
            rules += _patterns(corpus)
        elif name in settled and name not in FOR_LINES:
            rules.append(_rule(name, settled[name]))
    return rules


def make_line_rules(corpus: Corpus) -> LineRules:
    """The rules that take lines out of documents, in the order of the schema. Raises RequestError as `make_rules`."""
    settled = settle(corpus)
    rules = [_line_rule(name, settled[name]) for name in Rules.model_fields if name in settled and name in FOR_LINES]
    for name, pattern in corpus.rules.patterns.items():
        if pattern.remove == "line":
            rules.append(WithoutPattern(f"patterns.{name}", f"Lines that match {pattern.regex}", pattern.regex))
    return LineRules(tuple(rules))


def _rule(name: str, settings: Settings) -> Rule:
    description, limits = _description(name), Limits(limits_of(settings))
    if name in COUNTS:
        return Counted(name, description, limits, COUNTS[name])
    match name:
        case "stop_words":
            words = {code: tuple(own) for code, own in settings["words"].items()}
            return StopWords(name, description, limits, words)
        case "phrases":
            return LinesWithPhrases(name, description, limits, tuple(settings["phrases"]))
        case "duplicate_lines":
            return DuplicateSpans(name, description, limits, "lines", "count")
        case "duplicate_line_characters":
            return DuplicateSpans(name, description, limits, "lines", "characters")
        case "duplicate_paragraphs":
            return DuplicateSpans(name, description, limits, "paragraphs", "count")
        case "duplicate_paragraph_characters":
            return DuplicateSpans(name, description, limits, "paragraphs", "characters")
    kind, _, size = name.rpartition("_")
    n = int(size.removesuffix("s").removesuffix("gram"))
    return TopNgram(name, description, limits, n) if kind == "top" else DuplicateNgrams(name, description, limits, n)


def _patterns(corpus: Corpus) -> list[Rule]:
    return [
        LinePattern(f"patterns.{name}", f"Lines that match {own.regex}", Limits({"": (None, own.max)}), own.regex)
        for name, own in corpus.rules.patterns.items()
        if own.remove == "document"
    ]


def _line_rule(name: str, settings: Settings) -> LineRule:
    description = _description(name)
    match name:
        case "line_end":
            return LineEnd(name, description, tuple(settings["marks"]))
        case "line_phrases":
            return WithoutPhrases(name, description, tuple(settings["phrases"]), settings.get("longest"))
    return LineLimits(name, description, Limits(limits_of(settings)), LINE_COUNTS[name])


def _description(name: str) -> str:
    return Rules.model_fields[name].description or ""
